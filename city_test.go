package fondaco

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
)

// TestExampleCityPage holds the page of the example city to its project: the numbers of routes, systems, services and
// topics, and each file of routes.
func TestExampleCityPage(t *testing.T) {
	const page = "examples/dime/README.md"
	city := os.DirFS(path.Dir(page))
	var out diag.List
	typed := routes.Check(routes.Load(config.Source{FS: city}, all.Protocols, &out), &out)
	for _, p := range out.Sorted() {
		t.Errorf("%s: %s %s", p.Pos, p.Code, p.Message)
	}
	// The page is wrapped; its words are what counts.
	text := strings.Join(strings.Fields(read(t, page)), " ")
	m := typed.Model
	for _, want := range []string{
		fmt.Sprintf("It has %d routes over %d systems: %d are started by requests,", len(typed.Started()), len(m.Systems), len(typed.Routes)),
		fmt.Sprintf("%d by SOAP calls of its %d services,", len(typed.SOAP), len(m.Services)),
		fmt.Sprintf("%d by the messages of its %d topics, %d by the clock.", len(typed.Topics), len(m.Topics), len(typed.Schedules)),
		fmt.Sprintf("%d sub-routes hold", len(typed.Subs)),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s does not say %q", page, want)
		}
	}
	files, err := fs.Glob(city, "routes/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(path.Base(file), ".yaml"); !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, "`"+file+"`") {
			t.Errorf("%s does not name %s", page, file)
		}
	}
}
