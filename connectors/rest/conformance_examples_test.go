package rest

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/connectors/transport"
	"fondaco/openapi/openapitest"
	"fondaco/transform/codec"
)

const refusedExamples = "testdata/examples.txt"

// TestConformanceExamples reads every example that the published documents show of a request or of an answer as the types that
// they have here. Those that are refused are listed in testdata/examples.txt, each with its cause, and none else: with
// FONDACO_REWRITE=1 the list is written again.
func TestConformanceExamples(t *testing.T) {
	list := documents(t)
	read, refused, wrong := 0, map[string]string{}, 0
	for _, d := range list {
		for _, operation := range d.spoken {
			for _, e := range d.judge.Examples(d.at[operation].Method, d.at[operation].Path) {
				tried, err := fitting(operation, e)
				if !tried {
					continue
				}
				if read++; err != nil && e.Invalid == nil {
					wrong++
					t.Errorf("%s %s %s %s: %v, and the other reader takes it", d.name, operation.Name, e.Where, e.Name, err)
				}
				if err != nil {
					refused[strings.TrimSpace(fmt.Sprintf("%s %s %s %s", d.name, operation.Name, e.Where, e.Name))] = oneLine(err)
				}
			}
		}
	}
	if os.Getenv("FONDACO_REWRITE") != "" {
		var text strings.Builder
		text.WriteString("# Examples of the published documents that do not fit their own schemas as they are read here: the place | why.\n")
		for _, name := range slices.Sorted(maps.Keys(refused)) {
			text.WriteString(name + " | " + refused[name] + "\n")
		}
		if err := os.WriteFile(refusedExamples, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	listed := exceptions(t, refusedExamples)
	for name, cause := range refused {
		if listed[name] != cause {
			wrong++
			t.Errorf("%s\n refused: %s\n listed:  %s", name, cause, listed[name])
		}
	}
	for name := range listed {
		if refused[name] == "" {
			t.Errorf("%s lists %s, which is read", refusedExamples, name)
		}
	}
	t.Logf("conformance: openapi examples %d read %d refused %d, every one listed, wrong %d", read, read-len(refused), len(refused), wrong)
}

// fitting reads an example as the body that it shows, if that is one that is supported in JSON.
func fitting(operation *connectors.Operation, e openapitest.Example) (tried bool, err error) {
	p := operation.Wire.(*op)
	if e.Where == "request" {
		if p.bodyType == nil || p.bodyMedia.kind != asJSON {
			return false, nil
		}
		_, err = codec.CompileJSON(p.bodyType, codec.JSONOptions{Unknown: codec.Ignore}).Decode(e.Body)
		return true, err
	}
	if !strings.HasPrefix(e.Where, "2") || p.answered.kind != asJSON || p.wrapped {
		return false, nil
	}
	r := p.answered.reading(operation.Output, answers)
	if r == nil {
		return false, nil
	}
	_, err = r.body(&transport.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {e.MediaType}}, Body: e.Body})
	return true, err
}

// oneLine returns the first of what is wrong.
func oneLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "; ")
	text, _, _ = strings.Cut(text, "\n")
	return text
}
