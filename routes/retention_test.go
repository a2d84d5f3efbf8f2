package routes_test

import (
	"reflect"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/store"
)

// TestRetentions: a route's words come before the project's, under the names that the route had too; what nobody says is
// for the store's limits.
func TestRetentions(t *testing.T) {
	var out diag.List
	fsys := fstest.MapFS{
		"fondaco.yaml": {Data: []byte("project: prova\ntitle: Prova\nretention: { letters: 30d, results: 2d }\n")},
		"routes/r.yaml": {Data: []byte(`routes:
  nuova:
    http: POST /nuova
    auth: none
    accept: async
    renamed_from: [vecchia]
    retention: { letters: 1d, operations: 36h }
    steps: []
  altra: { http: GET /altra, auth: none, steps: [] }
`)},
	}
	typed := routes.Check(routes.Load(config.Source{FS: fsys}, connectors.Registry{}, &out), &out)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	const day = 24 * time.Hour
	list := typed.Retentions()
	want := []store.Retention{
		{Letters: 30 * day, Results: 2 * day},
		{Route: "nuova", Letters: day, Operations: 36 * time.Hour, Results: 2 * day},
		{Route: "vecchia", Letters: day, Operations: 36 * time.Hour, Results: 2 * day},
		{Route: "altra", Letters: 30 * day, Results: 2 * day},
	}
	if !reflect.DeepEqual(list, want) {
		t.Errorf("found\n%+v\nexpected\n%+v", list, want)
	}
	all := store.RetentionsOf(list, store.Limits{})
	if got, want := all.Of("vecchia"), (store.Retention{
		Route: "vecchia", Letters: day, Operations: 36 * time.Hour,
		Results: 36 * time.Hour,
	}); got != want {
		t.Errorf("found %+v, expected %+v", got, want)
	}
	if got, want := all.Of("tolta"), (store.Retention{
		Route: "tolta", Letters: 30 * day, Operations: 30 * day,
		Results: 2 * day,
	}); got != want {
		t.Errorf("found %+v, expected %+v", got, want)
	}
	if all.Letters() != 30*day {
		t.Errorf("letters stay for %s", all.Letters())
	}
}
