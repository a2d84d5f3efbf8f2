package routes_test

import (
	"runtime"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
)

// TestLoadIsLinear: ten times the routes allocate about ten times as much, and clashes are found among all of them.
func TestLoadIsLinear(t *testing.T) {
	allocated := func(n int) float64 {
		fsys := trivial(n)
		fsys["routes/last.yaml"] = fsys["routes/00000.yaml"] // a hundred routes that are there already
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var out diag.List
		m := routes.Load(config.Source{FS: fsys}, all.Protocols, &out)
		routes.Check(m, &out)
		runtime.ReadMemStats(&after)
		if len(m.Routes) != n+100 {
			t.Fatalf("found %d routes, expected %d", len(m.Routes), n+100)
		}
		clashes := 0
		for _, p := range out.Sorted() {
			if p.Code == diag.DuplicateRoute {
				clashes++
			}
		}
		if clashes != 200 { // each by its name, and by its method and path
			t.Errorf("%d routes: found %d clashes, expected 200", n, clashes)
		}
		return float64(after.Mallocs - before.Mallocs)
	}
	few, many := allocated(500), allocated(5_000)
	if ratio := many / few; ratio > 15 {
		t.Errorf("10 times the routes allocate %.1f times as much", ratio)
	}
}
