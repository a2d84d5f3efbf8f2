package routes_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"fondaco/routes/trigger"
)

// jsonSuite is nst/JSONTestSuite: texts that a reader of JSON must take (y_), must refuse (n_), and may do either with (i_).
const jsonSuite = "../../shared/suites/JSONTestSuite/test_parsing"

const echoing = `
-- routes/r.yaml --
routes:
  domanda:
    http: POST /domanda
    auth: none
    body: {}
    steps: []
    respond: { body: "${body}" }
  risposta:
    http: GET /risposta
    auth: none
    steps:
      - call: eco.dice
        as: detto
    respond: { body: "${detto}" }
-- fondaco.yaml --
project: prova
systems:
  eco: { connector: ./connectors/eco, params: { endpoint: "${env.ECO}" }, breaker: { failures: 1000 } }
-- connectors/eco/connector.yaml --
connector: eco
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  dice: { get: /, effect: read, answer: {} }
`

// jsonOurs are the texts where we do other than the suite, and mean to.
var jsonOurs = map[string]string{
	"y_object_duplicated_key.json":           "a name that stands twice is refused (RFC 8259 §4 leaves it open, RFC 7493 §2.3 forbids it)",
	"y_object_duplicated_key_and_value.json": "likewise",
	"y_string_null_escape.json":              "no text holds the character NUL",
	"y_object_escaped_null_in_key.json":      "no name does either",
	"n_structure_no_data.json":               "an answer of no octets is null, where null fits",
}

// TestConformanceJSON holds the bodies of requests and of a system's answers to the suite: what must be taken comes out with
// the value that encoding/json reads, what must be refused is the caller's 400 or the system's invalid answer.
func TestConformanceJSON(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(jsonSuite, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("the JSONTestSuite is not here: ", jsonSuite)
	}
	var says []byte
	p := playing(t, echoing, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(says)
	})
	for _, x := range []struct {
		route   string
		refused int
		ask     func(text []byte) *trigger.Request
	}{
		{"domanda", 400, func(text []byte) *trigger.Request {
			return &trigger.Request{Header: http.Header{"Content-Type": {"application/json"}}, Body: text}
		}},
		{"risposta", 502, func(text []byte) *trigger.Request {
			says = text
			return &trigger.Request{Header: http.Header{}}
		}},
	} {
		taken, refused, wrong := 0, 0, 0
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Base(file)
			res, err := p.Route(x.route).Serve(t.Context(), x.ask(text))
			var problem *trigger.Problem
			switch {
			case jsonOurs[name] != "":
			case err == nil:
				taken++
				if strings.HasPrefix(name, "n_") || utf8.Valid(text) && !sameJSON(text, res.Body) {
					wrong++
					t.Errorf("%s, %s: taken as %.200s", x.route, name, res.Body)
				}
			case errors.As(err, &problem) && problem.Status == x.refused && !strings.HasPrefix(name, "y_"):
				refused++
			default:
				wrong++
				t.Errorf("%s, %s: %v", x.route, name, err)
			}
		}
		t.Logf("conformance: JSONTestSuite as %s files %d taken %d refused %d wrong %d",
			map[string]string{"domanda": "body", "risposta": "answer"}[x.route], len(files), taken, refused, wrong)
	}
}

// sameJSON reports whether two texts are of one value.
func sameJSON(a, b []byte) bool {
	var texts [2]string
	for i, text := range [][]byte{a, b} {
		d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
		d.UseNumber()
		var v any
		if d.Decode(&v) != nil {
			return false
		}
		out, _ := json.Marshal(plainly(v))
		texts[i] = string(out)
	}
	return texts[0] == texts[1]
}

// plainly returns a value with each number as a fraction, so that two ways to write one are the same.
func plainly(v any) any {
	switch x := v.(type) {
	case json.Number:
		if r, ok := new(big.Rat).SetString(x.String()); ok {
			return r.RatString()
		}
	case []any:
		for i := range x {
			x[i] = plainly(x[i])
		}
	case map[string]any:
		for name := range x {
			x[name] = plainly(x[name])
		}
	}
	return v
}
