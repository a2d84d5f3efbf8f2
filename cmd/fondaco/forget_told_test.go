package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestForgetTells: whoever gave an address in X-ReplyTo is told there, once, that the request was let go with the route that it
// was for.
func TestForgetTells(t *testing.T) {
	t.Parallel()
	_, backend := archiveAway(t)
	d := &desk{heard: map[string][]hearing{}, answer: func(int, int) int { return 204 }}
	receiver := httptest.NewServer(d)
	t.Cleanup(receiver.Close)
	files := maps.Clone(officeProject)
	files["routes/files.yaml"] = strings.Replace(files["routes/files.yaml"], "    accept: async\n",
		"    accept: async\n    reply_to: { allow: [\"${env.DESK}/ends/\"], attempts: 100, backoff: 20ms..200ms }\n", 1)
	dir, env := written(t, files), []string{"ARCHIVE=" + backend.URL, "DESK=" + receiver.URL}
	p := startProcess(t, dir, env...)
	var ids []string
	for n := range 3 {
		code, body, header := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, n), "X-ReplyTo",
			fmt.Sprintf("%s/ends/x?n=%d", receiver.URL, n))
		if code != 202 {
			t.Fatal(code, body)
		}
		ids = append(ids, header.Get("X-Correlation-ID"))
	}
	p.end()
	rewrite(t, dir, "routes/files.yaml", strings.Replace(files["routes/files.yaml"], "  file:\n", "  store:\n", 1))
	p = startProcess(t, dir, env...)
	if out := done(t, dir, "topics", "forget", "file", "--yes", "--console", p.console); !strings.Contains(out, "3 messages were deleted") {
		t.Error(out)
	}
	for _, id := range ids {
		eventually(t, func() string {
			heard := d.of(id)
			if len(heard) != 1 || !strings.Contains(heard[0].body, "let go") || !strings.Contains(heard[0].body, "410") {
				return fmt.Sprintf("%s heard %+v, expected once that it was let go\n%s", id, heard, p.log.String())
			}
			return ""
		})
	}
	if list := p.letters(dir); len(list) != 0 {
		t.Errorf("letters: %+v", list)
	}
}
