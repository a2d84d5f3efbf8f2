package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// numbering is a system that returns a new number at each call; it can hang.
type numbering struct {
	calls atomic.Int64
	hangs chan struct{} // while it is open and not nil, calls wait
}

func (r *numbering) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	n := r.calls.Add(1)
	if r.hangs != nil {
		select {
		case <-r.hangs:
		case <-q.Context().Done():
		}
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"number":%d}`, n)
}

var numberingProject = map[string]string{
	"fondaco.yaml": `project: registry
title: A registry
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
systems:
  registry:
    connector: ./connectors/registry
    params: { endpoint: "${env.REGISTRY}" }
    breaker: { failures: 1000, open: 100ms }
`,
	"connectors/registry/connector.yaml": `connector: registry
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  register: { post: "/entries", effect: once, body: { type: object, properties: { text: { type: string } } }, answer: { type: object, required: [number], properties: { number: { type: integer } } } }
`,
	"routes/entries.yaml": `routes:
  enter:
    http: POST /entries
    auth: none
    body: { type: object, required: [text], properties: { text: { type: string } } }
    steps:
      - call: registry.register
        with: { text: "${body.text}" }
        as: entry
    respond: { status: 201, headers: { x-number: "${text(entry.number)}" }, body: { number: "${entry.number}" } }
  again:
    http: PUT /entries
    auth: none
    idempotency: "off"
    body: { type: object, required: [text], properties: { text: { type: string } } }
    steps:
      - call: registry.register
        with: { text: "${body.text}" }
        as: entry
    respond: { body: { number: "${entry.number}" } }
`,
}

func startNumbering(t *testing.T, system *numbering) (backend *httptest.Server, p *process, dir string, env []string) {
	t.Helper()
	backend = httptest.NewServer(system)
	t.Cleanup(backend.Close)
	dir, env = written(t, numberingProject), []string{"REGISTRY=" + backend.URL}
	return backend, startProcess(t, dir, env...), dir, env
}

const anonymousKey = "0f8fad5b-d9cb-469f-a165-70867728950e"

// TestOnceUnderAKey: on a route that is done at once a repetition under an Idempotency-Key gets the first answer and has
// no second effect, also after a restart; what had no effect can be repeated.
func TestOnceUnderAKey(t *testing.T) {
	t.Parallel()
	system := &numbering{}
	backend, p, dir, env := startNumbering(t, system)
	post := func(key, text string) (int, string, http.Header) {
		return p.ask(http.MethodPost, "/entries", `{"text":"`+text+`"}`, "Idempotency-Key", key)
	}
	for range 3 {
		if code, body, h := post(anonymousKey, "a"); code != 201 || body != `{"number":1}` || h.Get("X-Number") != "1" ||
			h.Get("Content-Type") != "application/json" {
			t.Fatalf("%d %s %v", code, body, h)
		}
	}
	if code, body, _ := post(anonymousKey, "b"); code != 201 || body != `{"number":2}` {
		t.Errorf("another request of an unknown caller under the same key: %d %s; expected one of its own", code, body)
	}
	if code, body, _ := post("short", "c"); code != 400 || !strings.Contains(body, "Idempotency-Key") {
		t.Errorf("a key that can be guessed: %d %s", code, body)
	}
	for n := 3; n < 5; n++ {
		if code, body, _ := p.ask(http.MethodPut, "/entries", `{"text":"a"}`, "Idempotency-Key", anonymousKey); code != 200 ||
			body != fmt.Sprintf(`{"number":%d}`, n) {
			t.Errorf("idempotency: off: %d %s", code, body)
		}
	}
	at := strings.TrimPrefix(env[0], "REGISTRY=http://")
	backend.Close()
	eventually(t, func() string { // a request on a connection that was just closed has an outcome that is not known
		if code, body, _ := p.ask(http.MethodPut, "/entries", `{"text":"z"}`); code != 503 {
			return fmt.Sprintf("nobody listens: %d %s", code, body)
		}
		return ""
	})
	if code, body, _ := post(anonymousKey, "d"); code != 503 {
		t.Errorf("nobody listens: %d %s", code, body)
	}
	listener, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	back := &http.Server{Handler: system}
	go func() { _ = back.Serve(listener) }()
	defer back.Close()
	eventually(t, func() string {
		if code, body, _ := post(anonymousKey, "d"); code != 201 || body != `{"number":5}` {
			return fmt.Sprintf("again, after the system came back: %d %s", code, body)
		}
		return ""
	})
	p.end()
	p = startProcess(t, dir, env...)
	if code, body, _ := post(anonymousKey, "a"); code != 201 || body != `{"number":1}` {
		t.Errorf("after a restart: %d %s", code, body)
	}
}

// TestOnceAtTheSameTime: of many requests under one key at the same time one has an effect; the others are answered 409, or
// what the first was.
func TestOnceAtTheSameTime(t *testing.T) {
	t.Parallel()
	system := &numbering{}
	_, p, _, _ := startNumbering(t, system)
	var wait sync.WaitGroup
	var created, running atomic.Int64
	for range 100 {
		wait.Go(func() {
			switch code, body, h := p.ask(http.MethodPost, "/entries", `{"text":"a"}`, "Idempotency-Key", anonymousKey); {
			case code == 201 && body == `{"number":1}`:
				created.Add(1)
			case code == 409 && h.Get("Retry-After") != "":
				running.Add(1)
			default:
				t.Errorf("%d %s", code, body)
			}
		})
	}
	wait.Wait()
	if system.calls.Load() != 1 || created.Load() == 0 || created.Load()+running.Load() != 100 {
		t.Errorf("%d calls, %d created, %d running", system.calls.Load(), created.Load(), running.Load())
	}
}

// TestOnceKilled: when the process is killed between a call and its answer, a repetition under the key is told that the
// outcome is unknown, and the call is not made again.
func TestOnceKilled(t *testing.T) {
	t.Parallel()
	system := &numbering{hangs: make(chan struct{})}
	_, p, dir, env := startNumbering(t, system)
	go func() {
		r, _ := http.NewRequest(http.MethodPost, p.api+"/entries", strings.NewReader(`{"text":"a"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", anonymousKey)
		if res, err := http.DefaultClient.Do(r); err == nil {
			_ = res.Body.Close()
		}
	}()
	eventually(t, func() string {
		if system.calls.Load() == 0 {
			return "the system is not called"
		}
		return ""
	})
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	close(system.hangs)
	p = startProcess(t, dir, env...)
	eventually(t, func() string {
		code, body, _ := p.ask(http.MethodPost, "/entries", `{"text":"a"}`, "Idempotency-Key", anonymousKey)
		if code != 409 || !strings.Contains(body, "Outcome unknown") {
			return fmt.Sprintf("%d %s", code, body)
		}
		return ""
	})
	if n := system.calls.Load(); n != 1 {
		t.Errorf("the system was called %d times", n)
	}
}

// TestOnceWithoutState: only a request that brings a key needs the state.
func TestOnceWithoutState(t *testing.T) {
	t.Parallel()
	system := &numbering{}
	_, p, dir, _ := startNumbering(t, system)
	if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
		t.Error("the state was made before anybody needed it")
	}
	if err := os.WriteFile(filepath.Join(dir, "data"), nil, 0o600); err != nil { // in the place of the folder
		t.Fatal(err)
	}
	if code, body, h := p.ask(http.MethodPost, "/entries", `{"text":"a"}`, "Idempotency-Key", anonymousKey); code != 503 ||
		h.Get("Retry-After") == "" {
		t.Errorf("with a key: %d %s", code, body)
	}
	if code, body, _ := p.ask(http.MethodPost, "/entries", `{"text":"a"}`); code != 201 || body != `{"number":1}` {
		t.Errorf("without a key: %d %s", code, body)
	}
	if err := os.Remove(filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	if code, body, _ := p.ask(http.MethodPost, "/entries", `{"text":"a"}`, "Idempotency-Key", anonymousKey); code != 201 ||
		body != `{"number":2}` {
		t.Errorf("once the state can be written: %d %s", code, body)
	}
}
