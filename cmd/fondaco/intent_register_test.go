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
	"time"
)

// register is a system that makes an entry at each call, and can be asked for entries by their text. What a text begins with
// says what becomes of a call the first time: "hang" never answers and makes no entry, "lost" makes the entry and never
// answers, "busy" is refused with 429, "no" always with 422, "slow" makes the entry and answers after its wait, "gated" when the
// test says so.
type register struct {
	wait time.Duration
	gate chan struct{}

	mu      sync.Mutex
	calls   map[string]int // by text
	entries map[string]int // by text
	notes   map[string]int // by text; of those of "note", the first never answers
	over    chan struct{}
}

func (r *register) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case q.Method == http.MethodGet:
		r.mu.Lock()
		defer r.mu.Unlock()
		if n := r.entries[q.URL.Query().Get("text")]; n > 0 {
			fmt.Fprintf(w, `{"found":1,"number":%d}`, n)
			return
		}
		_, _ = io.WriteString(w, `{"found":0}`)
	case strings.HasPrefix(q.URL.Path, "/notes/"):
		text := strings.TrimPrefix(q.URL.Path, "/notes/")
		r.mu.Lock()
		r.notes[text]++
		first := r.notes[text] == 1
		r.mu.Unlock()
		if first && strings.HasPrefix(text, "note") {
			r.hang(q)
		}
		_, _ = io.WriteString(w, "{}")
	default:
		var body struct{ Text string }
		_ = json.NewDecoder(q.Body).Decode(&body)
		r.enter(w, q, body.Text)
	}
}

func (r *register) enter(w http.ResponseWriter, q *http.Request, text string) {
	kind, _, _ := strings.Cut(text, "-")
	r.mu.Lock()
	r.calls[text]++
	first := r.calls[text] == 1
	if !(first && (kind == "hang" || kind == "busy")) && kind != "no" {
		r.entries[text] = len(r.entries) + 1
	}
	n := r.entries[text]
	r.mu.Unlock()
	switch {
	case kind == "no":
		w.WriteHeader(422)
	case first && kind == "busy":
		w.WriteHeader(429)
	case first && (kind == "hang" || kind == "lost"):
		r.hang(q)
	case kind == "gated":
		select {
		case <-r.gate:
		case <-r.over:
		}
		fmt.Fprintf(w, `{"number":%d}`, n)
	case kind == "slow":
		select {
		case <-time.After(r.wait):
		case <-r.over:
		}
		fallthrough
	default:
		fmt.Fprintf(w, `{"number":%d}`, n)
	}
}

func (r *register) hang(q *http.Request) {
	select {
	case <-r.over:
	case <-q.Context().Done():
	}
}

func (r *register) of(m *map[string]int) map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(*m)
}

var intentProject = map[string]string{
	"fondaco.yaml": `project: registry
title: A registry
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0", grace: 1s }
systems:
  registry:
    connector: ./connectors/registry
    params: { endpoint: "${env.REGISTRY}" }
    timeout: 1m
storage: { state: state.db }
topics:
  told: { schema: { type: object, required: [text], properties: { text: { type: string } } } }
`,
	"connectors/registry/connector.yaml": `connector: registry
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  register:
    post: "/entries"
    effect: once
    body: { type: object, required: [text], properties: { text: { type: string } } }
    answer: { type: object, required: [number], properties: { number: { type: integer } } }
  note: { put: "/notes/{text}", effect: idempotent, path: { text: { type: string } }, answer: { type: object, properties: {} } }
  search:
    get: "/entries"
    effect: read
    query: { text: { type: string } }
    answer: { type: object, required: [found], properties: { found: { type: integer }, number: { type: integer } } }
  enter:
    post: "/entries"
    effect: once
    body: { type: object, required: [text], properties: { text: { type: string } } }
    answer: { type: object, required: [number], properties: { number: { type: integer } } }
    inquire:
      operation: search
      with: { text: "${input.text}" }
      done: answer.found > 0
      gives: { number: "${answer.number ?? 0}" }
      after: 2s
`,
	"routes/entries.yaml": `routes:
  file:
    http: POST /file
    accept: async
    auth: none
    timeout: 1m
    body: { type: object, required: [text], properties: { text: { type: string } } }
    steps:
      - call: registry.register
        with: { text: "${body.text}" }
        as: entry
      - call: registry.note
        with: { text: "${body.text}" }
    respond: { body: { number: "${entry.number}" } }
  ask:
    http: POST /ask
    accept: async
    auth: none
    timeout: 1m
    body: { type: object, required: [text], properties: { text: { type: string } } }
    steps:
      - call: registry.enter
        with: { text: "${body.text}" }
        as: entry
      - call: registry.note
        with: { text: "of ${entry.number} ${body.text}" }
    respond: { body: { number: "${entry.number}" } }
  each:
    http: POST /each
    accept: async
    auth: none
    timeout: 1m
    body: { type: object, required: [text], properties: { text: { type: string } } }
    steps:
      - parallel:
          left:
            - for_each: n in [1, 2, 3]
              steps:
                - route: inner
                  with: { text: "${n == 2 ? body.text : \"good\"}-left ${n}" }
          right:
            - call: registry.register
              with: { text: "${body.text}-right" }
    respond: { body: {} }
  inner:
    input: { type: object, required: [text], properties: { text: { type: string } } }
    timeout: 1m
    steps:
      - call: registry.register
        with: { text: "${input.text}" }
  tell:
    http: POST /tell
    auth: none
    body: { type: object, required: [text], properties: { text: { type: string } } }
    steps: [ { publish: told, event: { text: "${body.text}" } } ]
    respond: { status: 204 }
  told:
    topic: told
    timeout: 1m
    steps:
      - call: registry.register
        with: { text: "${message.data.text}-topic" }
  gathered:
    topic: told
    timeout: 1m
    collect: { by: "${message.data.text}", count: 2, within: 1m, until: message.data.text != "" }
    steps:
      - call: registry.register
        with: { text: "${key}-collect" }
`,
}

// dueEntries is a route that runs by itself each second, with a call that never ends the first time.
const dueEntries = `routes:
  due:
    schedule: { every: 1s, misfire: all }
    timeout: 1m
    steps:
      - call: registry.register
        with: { text: "hang-${schedule.time}" }
`

// registryOf starts a system and a process that calls it.
func registryOf(t *testing.T, files map[string]string, more ...string) (r *register, p *process, dir string, env []string) {
	t.Helper()
	r = &register{
		wait: 4 * time.Second, gate: make(chan struct{}), calls: map[string]int{}, entries: map[string]int{},
		notes: map[string]int{}, over: make(chan struct{}),
	}
	backend := httptest.NewServer(r)
	t.Cleanup(backend.Close)
	t.Cleanup(func() { close(r.over) })
	dir, env = written(t, files), append(more, "REGISTRY="+backend.URL)
	return r, startProcess(t, dir, env...), dir, env
}

// kill ends the process as the operating system does when it is out of memory.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func (p *process) send(path, text string) string {
	p.t.Helper()
	code, body, h := p.ask(http.MethodPost, path, `{"text":"`+text+`"}`)
	if code != 202 && code != 204 {
		p.t.Fatal(path, code, body)
	}
	return h.Get("Location")
}

// reasons counts the letters by reason.
func (p *process) reasons(dir string) map[string]int {
	p.t.Helper()
	n := map[string]int{}
	for _, l := range p.letters(dir) {
		n[l.Reason]++
	}
	return n
}

// called waits until the system was called with each of the texts.
func (r *register) called(t *testing.T, texts ...string) {
	t.Helper()
	eventually(t, func() string {
		calls := r.of(&r.calls)
		for _, text := range texts {
			if calls[text] == 0 {
				return fmt.Sprintf("%s is not called: %v", text, calls)
			}
		}
		return ""
	})
}

// unknown waits for n letters with the reason outcome-unknown, and none other.
func (p *process) unknown(dir string, n int) {
	p.t.Helper()
	eventually(p.t, func() string {
		if got := p.reasons(dir); got["outcome-unknown"] != n || len(got) > 1 {
			return fmt.Sprintf("%v, expected outcome-unknown %d times\n%s", got, n, p.log.String())
		}
		return ""
	})
}

// once fails the test if a text was called more than once.
func (r *register) once(t *testing.T) {
	t.Helper()
	for text, n := range r.of(&r.calls) {
		if n != 1 {
			t.Errorf("%s was called %d times", text, n)
		}
	}
}
