package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// gatedArchive is a system that answers only once its gate is open; it remembers what it was asked.
type gatedArchive struct {
	open chan struct{}
	mu   sync.Mutex
	seen []string
}

func (a *gatedArchive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.seen = append(a.seen, r.URL.Path)
	a.mu.Unlock()
	select {
	case <-a.open:
	case <-r.Context().Done():
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}")
}

func (a *gatedArchive) asked(path string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Contains(a.seen, path)
}

// waitingOffice is a served project of which one request is being worked on, and further ones wait behind it.
func waitingOffice(t *testing.T) (p *process, system *gatedArchive, d *desk, dir string, env []string) {
	system = &gatedArchive{open: make(chan struct{})}
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	d = &desk{heard: map[string][]hearing{}, answer: func(int, int) int { return 204 }}
	receiver := httptest.NewServer(d)
	t.Cleanup(receiver.Close)
	files := map[string]string{}
	for name, text := range officeProject {
		files[name] = text
	}
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "server: {",
		"server: { public_url: \"https://api.example/dime/v1\", cors: { origins: [\"https://dime.example\"] },", 1)
	files["routes/files.yaml"] = strings.Replace(files["routes/files.yaml"], "work: { attempts: 3,",
		"reply_to: { allow: [\"${env.DESK}/ends/\"] }\n    header: { x-office: { type: string } }\n    work: { key: \"${\\\"one\\\"}\", "+
			"attempts: 3,", 1)
	dir, env = written(t, files), []string{"ARCHIVE=" + backend.URL, "DESK=" + receiver.URL}
	return startProcess(t, dir, env...), system, d, dir, env
}

// submit sends a request and returns its operation's id.
func submit(t *testing.T, p *process, body string, header ...string) string {
	t.Helper()
	code, text, h := p.ask(http.MethodPost, "/files", body, header...)
	id, ok := strings.CutPrefix(h.Get("Location"), "/dime/v1/operations/")
	if code != 202 || !ok {
		t.Fatalf("%d %s %v; expected 202 and a Location below the path of public_url", code, text, h)
	}
	return id
}

// operationState is the state that /operations/ID returns, without following its redirection to the result.
func operationState(t *testing.T, p *process, id string) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.api+"/operations/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var op struct{ State string }
	_ = json.NewDecoder(res.Body).Decode(&op)
	return op.State
}

// TestCancelOperation: a request that waits is cancelled and never worked on, also not after kill -9; one on which work
// has begun is not; whoever asked with X-ReplyTo hears of the cancellation.
func TestCancelOperation(t *testing.T) {
	t.Parallel()
	p, system, d, dir, env := waitingOffice(t)
	first := submit(t, p, `{"number":1}`)
	eventually(t, func() string {
		if !system.asked("/files/1") {
			return "work on the first request does not begin"
		}
		return ""
	})
	second := submit(t, p, `{"number":2}`, "X-ReplyTo", env[1][len("DESK="):]+"/ends/x")
	third := submit(t, p, `{"number":3}`)

	if code, text, h := p.ask(http.MethodDelete, "/operations/"+first, ""); code != 409 || h.Get("Retry-After") == "" {
		t.Errorf("cancelling work that has begun: %d %s", code, text)
	}
	for range 2 { // again: the same answer
		if code, text, _ := p.ask(http.MethodDelete, "/operations/"+second, ""); code != 200 || !strings.Contains(text, `"state":"cancelled"`) {
			t.Fatalf("cancelling a request that waits: %d %s", code, text)
		}
	}
	if code, _, _ := p.ask(http.MethodDelete, "/operations/unknown", ""); code != 404 {
		t.Errorf("an unknown operation: %d", code)
	}
	if code, text, _ := p.ask(http.MethodGet, "/operations/"+second+"/result", ""); code != 410 || !strings.Contains(text, "cancelled") {
		t.Errorf("the result of a cancelled request: %d %s", code, text)
	}
	eventually(t, func() string {
		if heard := d.of(second); len(heard) != 1 || !strings.Contains(heard[0].body, `"status":410`) {
			return "the end of the cancelled request was not sent to X-ReplyTo"
		}
		return ""
	})
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	close(system.open)
	p = startProcess(t, dir, env...)
	eventually(t, func() string {
		if operationState(t, p, first) != "done" || operationState(t, p, third) != "done" {
			return "the other requests are not done: " + operationState(t, p, first) + " " + operationState(t, p, third)
		}
		return ""
	})
	eventually(t, func() string { // it is no more done than it is lost
		if r := balance(t, p, "fondaco.file"); r.Accepted != 3 || r.Done != 2 || r.Cancelled != 1 || r.InFlight != 0 {
			return fmt.Sprintf("%+v", r)
		}
		return ""
	})
	if n := p.metric(`fondaco_messages_total{outcome="cancelled",route="file"}`); n != "1" {
		t.Errorf("the metric counts %q cancelled", n)
	}
	if system.asked("/files/2") || operationState(t, p, second) != "cancelled" {
		t.Errorf("the cancelled request was worked on, its state is %q", operationState(t, p, second))
	}
	if code, text, _ := p.ask(http.MethodGet, "/operations/"+first, ""); code != 201 {
		t.Errorf("following the Location of the state to the result: %d %s", code, text)
	}
	if code, _, _ := p.ask(http.MethodDelete, "/operations/"+first, ""); code != 409 {
		t.Errorf("cancelling what is done: %d", code)
	}
}

// TestPollingFromABrowser: a page of an allowed origin may poll and cancel, reads the headers it needs, and is told to ask
// less often the longer it takes; a poll with the last ETag is answered 304.
func TestPollingFromABrowser(t *testing.T) {
	t.Parallel()
	p, system, _, _, _ := waitingOffice(t)
	defer close(system.open)
	id := submit(t, p, `{"number":1}`)
	eventually(t, func() string {
		if operationState(t, p, id) != "working" {
			return "it is not being worked on"
		}
		return ""
	})
	for path, methods := range map[string]string{
		"/operations/" + id: "GET, HEAD, DELETE, OPTIONS", "/operations/" + id + "/result": "GET, HEAD, OPTIONS", "/files": "POST, OPTIONS",
	} {
		code, _, h := p.ask(http.MethodOptions, path, "", "Origin", "https://dime.example", "Access-Control-Request-Method", "GET")
		if code != 204 || h.Get("Access-Control-Allow-Origin") != "https://dime.example" || h.Get("Access-Control-Allow-Methods") != methods {
			t.Errorf("preflight of %s: %d %v", path, code, h)
		}
		for _, name := range []string{"Idempotency-Key", "X-ReplyTo", "x-office"} {
			if !slices.ContainsFunc(strings.Split(h.Get("Access-Control-Allow-Headers"), ", "),
				func(s string) bool { return strings.EqualFold(s, name) }) {
				t.Errorf("preflight of %s does not allow %s: %v", path, name, h)
			}
		}
	}
	code, _, h := p.ask(http.MethodGet, "/operations/"+id, "", "Origin", "https://dime.example")
	exposed := strings.Split(h.Get("Access-Control-Expose-Headers"), ", ")
	for _, name := range []string{"WWW-Authenticate", "X-Correlation-ID", "Location", "Retry-After", "ETag"} {
		if !slices.Contains(exposed, name) {
			t.Errorf("%s is not exposed: %v", name, exposed)
		}
	}
	if code != 200 || h.Get("ETag") == "" || h.Get("Retry-After") != "1" {
		t.Errorf("the state: %d %v", code, h)
	}
	if code, text, again := p.ask(http.MethodGet, "/operations/"+id, "", "If-None-Match", h.Get("ETag")); code != 304 || text != "" ||
		again.Get("ETag") != h.Get("ETag") {
		t.Errorf("a poll with the last ETag: %d %s %v", code, text, again)
	}
}
