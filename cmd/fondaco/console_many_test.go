package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/sqlite"
)

// TestConsoleOfMany: with very many systems, routes and dead letters each page stays small, says how many there are, and leads to the rest.
func TestConsoleOfMany(t *testing.T) {
	t.Parallel()
	systems, letters := inLong(1000, 200), inLong(5000, 500)
	files := map[string]string{"connectors/archive/connector.yaml": officeProject["connectors/archive/connector.yaml"]}
	project, routes := &strings.Builder{}, &strings.Builder{}
	project.WriteString("project: office\ntitle: An office\nserver: { listen: \"127.0.0.1:0\", console: \"127.0.0.1:0\" }\n" +
		"topics:\n  filed:\n    schema: { type: object, properties: {} }\nsystems:\n")
	routes.WriteString("routes:\n")
	for n := range systems {
		fmt.Fprintf(project, "  archive%04d:\n    connector: ./connectors/archive\n    params: { endpoint: \"http://127.0.0.1:9\" }\n", n)
		fmt.Fprintf(routes, "  file%04d:\n    http: PUT /files%04d\n    auth: none\n    steps:\n      - call: archive%04d.file\n        with: { number: 1 }\n",
			n, n, n)
	}
	files["fondaco.yaml"], files["routes/files.yaml"] = project.String(), routes.String()
	dir := written(t, files)
	p := startProcess(t, dir)
	p.end() // the state is there now
	buried(t, dir, letters)
	p = startProcess(t, dir)
	for path, texts := range map[string][]string{
		"/console/":                           {"40 open problems", "and 110 more"},
		"/console/systems":                    {fmt.Sprint(systems, " found"), "archive0049", "from=50"},
		"/console/systems?from=50":            {"archive0050", "From the start"},
		"/console/systems?q=archive0123":      {"1 found", "file0123"},
		"/console/routes":                     {fmt.Sprint(systems, " found")},
		"/console/dead":                       {fmt.Sprint("Dead letters waiting: ", letters), "150 found"},
		"/console/dead/cause?route=note7":     {fmt.Sprint("Dead letters waiting: ", (letters-7+149)/150)},
		"/console/dead/cause?topic=filed":     {fmt.Sprint("Dead letters waiting: ", letters), "after="},
		"/console/dead/cause?reason=refused":  {"after=50"},
		"/console/topics":                     {"Topics"},
		"/console/routes/file0042":            {"archive0042.file"},
		"/console/systems?from=999999999":     {"From the start"},
		"/console/systems?from=-1":            {"archive0000"},
		"/console/dead/cause?after=50&state=": {"after=100"},
	} {
		began := time.Now()
		code, body := p.page(path)
		t.Logf("%s: %d bytes, %d ms", path, len(body), time.Since(began).Milliseconds())
		if code != http.StatusOK || len(body) > 50_000 {
			t.Errorf("%s: %d, %d bytes", path, code, len(body))
		}
		for _, text := range texts {
			if !strings.Contains(body, text) {
				t.Errorf("%s lacks %q\n%s", path, text, body)
			}
		}
	}
}

// buried keeps dead letters in the state of a project that nobody serves.
func buried(t *testing.T, dir string, letters int) {
	t.Helper()
	state, err := sqlite.Open(t.Context(), filepath.Join(dir, "data", "fondaco.db"), sqlite.Options{Project: "office"})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	next := atomic.Int64{}
	for range 32 { // many at once share a transaction
		all.Go(func() {
			for n := next.Add(1) - 1; n < int64(letters); n = next.Add(1) - 1 {
				if _, err := state.DeadLetters().Keep(t.Context(), store.DeadLetter{
					ID: fmt.Sprintf("L%06d", n), Topic: "filed", Group: "note", Route: fmt.Sprintf("note%d", n%150), MessageID: fmt.Sprint("m", n),
					Reason: "refused", Detail: strings.Repeat("archive.note: refused: HTTP status 422 ", 4), Attempts: 1, First: time.Now(),
					Kept: time.Now(), Body: []byte("{}"),
				}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
}
