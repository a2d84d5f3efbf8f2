package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// TestRenamedCollect: what a route gathered under each name that it had is closed once, also what was gathered under a name
// in between, of a time when nobody said that it is the same route; no message is in two batches.
func TestRenamedCollect(t *testing.T) {
	t.Parallel()
	system := &digests{}
	backend := httptest.NewServer(system)
	defer backend.Close()
	files := maps.Clone(officeProject)
	files["connectors/archive/connector.yaml"] += `  digest:
    post: /digests
    effect: idempotent
    body: { type: object, required: [numbers], properties: { numbers: { type: array, items: { type: integer } } } }
    answer: { type: object, properties: {} }
`
	text := func(name string) string {
		return `routes:
  file:
    http: POST /files
    auth: none
    body: { type: object, required: [number], properties: { number: { type: integer } } }
    steps:
      - publish: filed
        event: { number: "${body.number}" }
    respond: { status: 204 }
  ` + name + `
    topic: filed
    collect: { by: "${\"all\"}", count: 100, within: 6s }
    work: { attempts: 100, backoff: 20ms..100ms }
    steps:
      - call: archive.digest
        with: { numbers: { $for: m in messages, $item: "${m.data.number}" } }
`
	}
	files["routes/files.yaml"] = text("digest:")
	dir, env := written(t, files), "ARCHIVE="+backend.URL
	var sent []int
	gathers := func(p *process, n int) {
		t.Helper()
		for range n {
			sent = append(sent, len(sent)+1)
			if code, body, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, len(sent))); code != 204 {
				t.Fatal(code, body)
			}
		}
		p.end() // what is in hand is finished
	}
	gathers(startProcess(t, dir, env), 3)
	rewrite(t, dir, "routes/files.yaml", text("summary:"))
	gathers(startProcess(t, dir, env), 3)
	rewrite(t, dir, "routes/files.yaml", text("report:\n    renamed_from: [summary, digest]"))
	p := startProcess(t, dir, env)
	eventually(t, func() string {
		if _, numbers := system.all(); !slices.Equal(numbers, sent) {
			return fmt.Sprintf("batches of %v, expected each of %v once\n%s", numbers, sent, p.log.String())
		}
		return ""
	})
	sent = append(sent, 7)
	if code, body, _ := p.ask(http.MethodPost, "/files", `{"number":7}`); code != 204 {
		t.Fatal(code, body)
	}
	eventually(t, func() string {
		if _, numbers := system.all(); !slices.Equal(numbers, sent) {
			return fmt.Sprintf("batches of %v, expected each of %v once", numbers, sent)
		}
		return ""
	})
}
