package routes_test

import (
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
	"fondaco/routes/routestest"
)

// projectTests runs the files tests/*.yaml of a script, by the runner of fondaco test: what topics, schedules and
// collections start, and what is published, is shown in the users' own form. It returns how many tests ran.
func projectTests(t *testing.T, base, a Archive) (ran int) {
	t.Helper()
	var out diag.List
	typed := routes.Check(routes.Load(config.Source{FS: a.FS(base), Env: func(name string) (string, bool) { return name, true }},
		all.Protocols, &out), &out)
	var tests []*routestest.Test
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "tests/") {
			tests = append(tests, routestest.Read(config.Parse(f.Name, []byte(f.Text), &out), typed.Model, &out)...)
		}
	}
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	if len(tests) == 0 {
		return 0
	}
	results, err := routestest.Run(t.Context(), typed, tests, door, &out)
	if err != nil || out.Failed() || len(results) != len(tests) {
		t.Fatal(err, out.Sorted(), len(results), "of", len(tests))
	}
	for _, r := range results {
		if r.Failed != "" {
			t.Errorf("%s: %s: %s", r.Test.Pos, r.Test.Name.Value, r.Failed)
		}
	}
	return len(results)
}
