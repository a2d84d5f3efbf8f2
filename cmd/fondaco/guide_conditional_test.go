package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"fondaco/openapi"
)

// TestGuideConditional: what docs/guide/conditional.md shows checks clean, and its document declares what the page says.
func TestGuideConditional(t *testing.T) {
	t.Parallel()
	dir := written(t, guided("", guideBlocks(t, "conditional", "conditional")[0]))
	if code, out, problems := command(t, dir, "check", "."); code != exitOK {
		t.Fatalf("%d %s%s", code, out, problems)
	}
	doc := openapiOf(t, dir)
	for id, want := range map[string]string{
		"archive": "If-None-Match false; 200 ETag true, 304 ETag true",
		"read":    "If-None-Match false; 200 ETag true, 304 ETag true",
		"write":   "If-Match true; 412, 428",
	} {
		if got := conditions(doc.Operation(id)); got != want {
			t.Errorf("%s: found %s, expected %s", id, got, want)
		}
	}
}

// conditions says what an operation declares of conditional requests.
func conditions(op *openapi.Operation) string {
	var asked, answers []string
	for _, p := range op.Parameters {
		if strings.HasPrefix(p.Name, "If-") {
			asked = append(asked, p.Name+" "+map[bool]string{true: "true", false: "false"}[p.Required])
		}
	}
	for _, r := range op.Responses {
		for _, h := range r.Headers {
			if h.Name == "ETag" {
				answers = append(answers, strings.TrimSpace(strconv.Itoa(r.Status)+" ETag "+map[bool]string{true: "true", false: "false"}[h.Required]))
			}
		}
		if r.Status == 412 || r.Status == 428 {
			answers = append(answers, strconv.Itoa(r.Status))
		}
	}
	slices.Sort(answers)
	return strings.Join(asked, ", ") + "; " + strings.Join(answers, ", ")
}
