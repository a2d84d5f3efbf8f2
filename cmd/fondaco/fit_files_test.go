package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFilesOfDifferentMoments: the state of another moment, or the topics, are put into a stopped project. It is served; the log,
// readiness and fondaco topics say what does not fit and what to do; what can be done is done, what cannot is ended on an
// operator's word, and whoever asked for it is told.
func TestFilesOfDifferentMoments(t *testing.T) {
	t.Parallel()
	for _, other := range []string{"fondaco.db", "fondaco-topics.db"} {
		t.Run(other, func(t *testing.T) { differentMoments(t, other) })
	}
}

func differentMoments(t *testing.T, other string) {
	system, backend := archiveAway(t)
	d := &desk{heard: map[string][]hearing{}, answer: func(int, int) int { return 204 }}
	receiver := httptest.NewServer(d)
	t.Cleanup(receiver.Close)
	files := maps.Clone(officeProject)
	files["routes/files.yaml"] = strings.Replace(files["routes/files.yaml"], "    accept: async\n",
		"    accept: async\n    reply_to: { allow: [\"${env.DESK}/ends/\"], attempts: 100, backoff: 20ms..200ms }\n", 1)
	dir, env := written(t, files), []string{"ARCHIVE=" + backend.URL, "DESK=" + receiver.URL}
	sent := 0
	send := func(p *process, n int) (ids []string) {
		t.Helper()
		for range n {
			sent++
			code, body, header := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, sent), "X-ReplyTo",
				fmt.Sprintf("%s/ends/x?n=%d", receiver.URL, sent))
			if code != 202 {
				t.Fatal(code, body)
			}
			ids = append(ids, header.Get("X-Correlation-ID"))
		}
		return ids
	}
	p := startProcess(t, dir, env...)
	before := send(p, 3)
	p.end()
	file := filepath.Join(dir, "data", other)
	former, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p = startProcess(t, dir, env...)
	after := send(p, 2)
	p.end()
	p = startProcess(t, dir, env...)
	eventually(t, func() string {
		if code, status, detail := p.readiness("fit"); code != 200 || status != "pass" {
			return fmt.Sprint("of one moment: ", code, status, detail)
		}
		return ""
	})
	p.end()
	if err := os.WriteFile(file, former, 0o600); err != nil {
		t.Fatal(err)
	}

	p = startProcess(t, dir, env...)
	words := "2 requests on the topic fondaco.file are of no operation of the state"
	if other != "fondaco.db" {
		words = "2 unfinished operations of the route file have no request on the topic fondaco.file and no letter"
	}
	eventually(t, func() string {
		if code, status, detail := p.readiness("fit"); code != 200 || status != "warn" || !strings.Contains(detail, words) {
			return fmt.Sprint(code, status, detail)
		}
		return ""
	})
	if !p.log.tells("operations and topics do not fit") {
		t.Error("the log does not tell: ", p.log.String())
	}
	if out := done(t, dir, "topics", "--console", p.console); !strings.Contains(out, "operations and topics do not fit: "+words) {
		t.Error(out)
	}
	if other != "fondaco.db" {
		if out := done(t, dir, "topics", "forget", "file", "--console",
			p.console); out != "topic fondaco.file: 2 operations without a request wait for nobody; --yes ends them as failed\n" {
			t.Errorf("%q", out)
		}
		if out := done(t, dir, "topics", "forget", "file", "--yes", "--console",
			p.console); out != "topic fondaco.file: 2 operations without a request were ended as failed\n" {
			t.Errorf("%q", out)
		}
		for _, id := range after {
			if code, body, _ := p.ask(http.MethodGet, "/operations/"+id+"/result", ""); code != 500 || !strings.Contains(body, "no longer there") {
				t.Error(code, body)
			}
			eventually(t, func() string {
				if heard := d.of(id); len(heard) != 1 || !strings.Contains(heard[0].body, "no longer there") {
					return fmt.Sprintf("%s heard %+v\n%s", id, heard, p.log.String())
				}
				return ""
			})
		}
		if code, status, detail := p.readiness("fit"); code != 200 || status != "pass" {
			t.Error(code, status, detail)
		}
	}
	system.down.Store(false)
	for _, id := range before {
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodGet, "/operations/"+id, ""); code != 201 && code != 303 {
				return fmt.Sprintf("%s: %d %s", id, code, body)
			}
			return ""
		})
	}
	eventually(t, func() string {
		if code, status, detail := p.readiness("fit"); code != 200 || status != "pass" {
			return fmt.Sprint("when all is done: ", code, status, detail)
		}
		return ""
	})
}
