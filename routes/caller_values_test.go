package routes_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/openapi"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

// TestCallersDigits: a number of 900,000 digits is what a caller sent, alone and in a list, and no fault of ours.
func TestCallersDigits(t *testing.T) {
	p := serving(t, `routes:
  n:
    http: POST /n
    auth: none
    body: { type: object, required: [testi], properties: { testi: { type: array, items: { type: string } } } }
    steps: []
    respond: { status: 200, body: "${map(body.testi, number(#))}" }
  f:
    http: POST /f
    auth: none
    body: { type: array, items: { type: string } }
    steps: []
    respond: { status: 200, body: "${number(body[0] ?? \"1\")}" }
`, http.NotFound)
	many := `"` + strings.Repeat("7", 900_000) + `"`
	for i, body := range []string{`{"testi":["1",` + many + `]}`, `[` + many + `]`} {
		_, err := p.Routes[i].Serve(t.Context(), &trigger.Request{
			Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body),
		})
		var problem *trigger.Problem
		if !errors.As(err, &problem) || problem.Status != http.StatusUnprocessableEntity || strings.Contains(problem.Detail, "77") {
			t.Errorf("%s: %v", p.Routes[i].ID, err)
		}
	}
}

// TestCallersValuesAreTold: the document lists 422 where an expression over what callers send may fail, and only there.
func TestCallersValuesAreTold(t *testing.T) {
	for text, want := range map[string]bool{
		"number(path.x)": true, "upper(path.x)": false, "number(path.x ?? \"1\")": true, "date(path.x)": true, "tryNumber(path.x) ?? 0": false,
	} {
		var out diag.List
		a := ParseArchive("-- routes/r.yaml --\nroutes:\n  r:\n    http: GET /r/{x}\n    auth: none\n    steps: []\n    respond: { body: '${" + text + "}' }\n")
		src := config.Source{FS: a.FS(ParseArchive(read(t, "testdata/base.txtar"))), Env: func(string) (string, bool) { return "http://127.0.0.1:1", true }}
		typed := routes.Check(routes.Load(src, all.Protocols, &out), &out)
		if out.Failed() {
			t.Fatal(out.Sorted())
		}
		listed := false
		for _, answer := range typed.Operations()[0].Responses {
			listed = listed || answer.Status == http.StatusUnprocessableEntity
		}
		if listed != want {
			t.Errorf("%s: the document lists 422: %v", text, listed)
		}
	}
}

// TestCallersValuesOfSubroutesAreTold: so it does where a sub-route is given them.
func TestCallersValuesOfSubroutesAreTold(t *testing.T) {
	for text, want := range map[string]bool{"path.x": true, "text(now())": false} {
		var out diag.List
		a := ParseArchive("-- routes/r.yaml --\nroutes:\n  s:\n    input: { type: object, required: [x], properties: { x: { type: string } } }\n" +
			"    respond: { body: '${number(input.x)}' }\n  r:\n    http: GET /r/{x}\n    auth: none\n" +
			"    steps: [{ route: s, with: { x: '${" + text + "}' }, as: n }]\n    respond: { body: '${n}' }\n")
		src := config.Source{FS: a.FS(ParseArchive(read(t, "testdata/base.txtar"))), Env: func(string) (string, bool) { return "http://127.0.0.1:1", true }}
		typed := routes.Check(routes.Load(src, all.Protocols, &out), &out)
		if out.Failed() {
			t.Fatal(out.Sorted())
		}
		listed := slices.ContainsFunc(typed.Operations()[0].Responses, func(r openapi.Response) bool {
			return r.Status == http.StatusUnprocessableEntity
		})
		if listed != want {
			t.Errorf("%s: the document lists 422: %v", text, listed)
		}
	}
}
