package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// keyedProject is intentProject without storage, with routes that are answered at once.
func keyedProject() map[string]string {
	files := maps.Clone(intentProject)
	files["fondaco.yaml"] = strings.NewReplacer("storage: { state: state.db }\n", "",
		"topics:\n  told: { schema: { type: object, required: [text], properties: { text: { type: string } } } }\n", "").
		Replace(files["fondaco.yaml"])
	files["routes/entries.yaml"] = `routes:
  enter:
    http: POST /enter
    auth: none
    timeout: 1m
    body: { type: object, required: [text], properties: { text: { type: string } } }
    steps:
      - call: registry.enter
        with: { text: "${body.text}" }
        as: entry
      - call: registry.note
        with: { text: "of ${entry.number} ${body.text}" }
    respond: { status: 201, body: { number: "${entry.number}" } }
  register:
    http: POST /register
    auth: none
    timeout: 1m
    body: { type: object, required: [text], properties: { text: { type: string } } }
    steps:
      - call: registry.enter
        with: { text: "${body.text}" }
      - call: registry.register
        with: { text: "hang-then-${body.text}" }
    respond: { status: 204 }
`
	return files
}

// hasty sends a request that nobody waits for.
func hasty(ctx context.Context, p *process, path, text string) {
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, p.api+path, strings.NewReader(`{"text":"`+text+`"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", anonymousKey)
	if res, err := http.DefaultClient.Do(r); err == nil {
		_ = res.Body.Close()
	}
}

// TestInquireUnderAKey: a request that is answered at once comes again under its key after the process was killed amid its
// call. What the system knows is answered as by the first, and what it does not know is done, once; several repetitions at
// the same time call once; where another call's outcome cannot be asked for the answer stays 409.
func TestInquireUnderAKey(t *testing.T) {
	t.Parallel()
	r, p, dir, env := registryOf(t, keyedProject())
	for path, texts := range map[string][]string{"/enter": {"lost-1", "hang-1"}, "/register": {"good-1"}} {
		for _, text := range texts {
			go hasty(t.Context(), p, path, text)
		}
	}
	r.called(t, "lost-1", "hang-1", "good-1", "hang-then-good-1")
	p.kill()
	p = startProcess(t, dir, env...)
	post := func(path, text string) (int, string, http.Header) {
		return p.ask(http.MethodPost, path, `{"text":"`+text+`"}`, "Idempotency-Key", anonymousKey)
	}
	answered := func(text string) (body string) {
		t.Helper()
		eventually(t, func() string {
			code, got, h := post("/enter", text)
			if code == 409 && h.Get("Retry-After") == "" {
				t.Errorf("%s: %s; expected Retry-After", text, got)
			}
			if body = got; code != 201 {
				return fmt.Sprint(text, code, got)
			}
			return ""
		})
		return body
	}
	first := answered("lost-1")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { _ = answered("hang-1") })
	}
	wait.Wait()
	if again := answered("lost-1"); again != first || first != fmt.Sprintf(`{"number":%d}`, r.of(&r.entries)["lost-1"]) {
		t.Errorf("answered %s, and then %s", first, again)
	}
	eventually(t, func() string {
		if code, body, _ := post("/register", "good-1"); code != 409 || !strings.Contains(body, "Outcome unknown") {
			return fmt.Sprint(code, body)
		}
		return ""
	})
	if calls := r.of(&r.calls); calls["lost-1"] != 1 || calls["hang-1"] != 2 || calls["good-1"] != 1 || calls["hang-then-good-1"] != 1 {
		t.Errorf("%v", calls)
	}
}
