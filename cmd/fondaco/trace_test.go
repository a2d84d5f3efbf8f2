package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// tracedArchive remembers the trace headers of what it was asked, and fails each path the first time.
type tracedArchive struct {
	mu   sync.Mutex
	seen map[string][]http.Header
}

func (a *tracedArchive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen[r.URL.Path] = append(a.seen[r.URL.Path], r.Header.Clone())
	if len(a.seen[r.URL.Path]) == 1 {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}")
}

func (a *tracedArchive) of(path string) []http.Header {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]http.Header(nil), a.seen[path]...)
}

// TestTraceOfWork: a caller's trace and request id reach the systems through accept, retries and topics, and stand with
// the message's id and the route in the lines of the log; what carries no trace has one of its own, the same at each try.
func TestTraceOfWork(t *testing.T) {
	t.Parallel()
	system := &tracedArchive{seen: map[string][]http.Header{}}
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	files := maps.Clone(officeProject)
	files["routes/nightly.yaml"] = `routes:
  nightly:
    schedule: { every: 1s }
    work: { attempts: 3, backoff: 10ms..50ms }
    steps:
      - call: archive.note
        with: { number: 7 }
`
	p := startProcess(t, written(t, files), "ARCHIVE="+backend.URL)
	const trace = "0af7651916cd43dd8448eb211c80319c"
	code, text, h := p.ask(http.MethodPost, "/files", `{"number":1}`,
		"Traceparent", "00-"+trace+"-b7ad6b7169203331-01", "Tracestate", "city=1", "X-Request-Id", "desk-4711")
	if code != 202 {
		t.Fatal(code, text)
	}
	operation := strings.TrimPrefix(h.Get("Location"), "/operations/")
	for _, path := range []string{"/files/1", "/notes/1"} {
		eventually(t, func() string {
			if len(system.of(path)) < 2 {
				return path + " was not asked twice\n" + p.log.String()
			}
			return ""
		})
		spans := map[string]bool{}
		for i, h := range system.of(path) {
			parent := h.Get("Traceparent")
			if !strings.HasPrefix(parent, "00-"+trace+"-") || h.Get("Tracestate") != "city=1" || h.Get("X-Request-Id") != "desk-4711" {
				t.Errorf("%s, call %d: %q %q %q", path, i, parent, h.Get("Tracestate"), h.Get("X-Request-Id"))
			}
			spans[parent] = true
		}
		if len(spans) < 2 {
			t.Errorf("%s: two attempts have the same span", path)
		}
	}
	eventually(t, func() string {
		if len(system.of("/notes/7")) < 2 {
			return "the schedule did not call twice"
		}
		return ""
	})
	first, again := system.of("/notes/7")[0].Get("Traceparent"), system.of("/notes/7")[1].Get("Traceparent")
	if len(first) != 55 || first[:36] != again[:36] {
		t.Errorf("two attempts of a run are in the traces %q and %q", first, again)
	}

	found := map[string]bool{}
	eventually(t, func() string { // the log comes a moment after what was done
		if n := strings.Count(p.log.String(), "comes again"); n < 2 {
			return fmt.Sprintf("%d lines that a message comes again", n)
		}
		return ""
	})
	for line := range strings.Lines(p.log.String()) {
		var entry struct {
			Msg, Route, Message string
			TraceID             string   `json:"trace_id"`
			After               *float64 `json:"after_ms"`
		}
		if json.Unmarshal([]byte(line), &entry) != nil || !strings.Contains(entry.Msg, "comes again") {
			continue
		}
		if entry.Route == "" || entry.Message == "" || entry.After == nil {
			t.Errorf("a line without route, message or pause: %s", line)
		}
		if entry.TraceID == trace {
			found[entry.Route] = true
			if entry.Route == "file" && entry.Message != operation {
				t.Errorf("the message is %q, the operation %q", entry.Message, operation)
			}
		}
	}
	if !found["file"] || !found["note"] {
		t.Errorf("no lines of the trace for both routes: %v\n%s", found, p.log.String())
	}
}
