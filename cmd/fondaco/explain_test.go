package main

import (
	"strings"
	"testing"
)

// TestExplainConstants: explain shows those constants of the project that a route reads, and no others.
func TestExplainConstants(t *testing.T) {
	t.Parallel()
	dir := written(t, map[string]string{
		"fondaco.yaml": "project: city\nconstants: { stamp: 16.00, offices: { registry: { code: UA1, floor: 2 } } }\n",
		"routes/a.yaml": `routes:
  reads:
    http: GET /a
    auth: none
    respond: { body: { code: "${project.offices.registry.code}" } }
  plain:
    http: GET /b
    auth: none
    respond: { body: { code: a } }
`,
	})
	for route, want := range map[string]string{"reads": "  project: {offices: {registry: {code: \"UA1\"}}}\n", "plain": ""} {
		code, out, problems := command(t, dir, "explain", route)
		if code != exitOK || want == "" && strings.Contains(out, "project:") || !strings.Contains(out, want) {
			t.Errorf("%s: found %d %s%s, expected the line %q", route, code, out, problems, want)
		}
	}
}
