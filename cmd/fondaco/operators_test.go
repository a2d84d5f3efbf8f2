package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/console"
	"fondaco/engine"
)

// watched is what a running command prints, for a test to look at meanwhile.
type watched struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.Write(b)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

// tells reports whether a text is written, and waits for it: what a process logs comes a moment after what it did.
func (w *watched) tells(text string) bool {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if strings.Contains(w.String(), text) {
			return true
		}
	}
	return false
}

// eventually waits until f returns "", and fails with what it returns when the time is over.
func eventually(t *testing.T, f func() string) {
	t.Helper()
	var last string
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if last = f(); last == "" {
			return
		}
	}
	t.Fatal(last)
}

var officeProject = map[string]string{
	"fondaco.yaml": `project: office
title: An office
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
systems:
  archive:
    connector: ./connectors/archive
    params: { endpoint: "${env.ARCHIVE}" }
    breaker: { failures: 3, open: 300ms }
topics:
  filed:
    schema: { type: object, required: [number], properties: { number: { type: integer } } }
`,
	"connectors/archive/connector.yaml": `connector: archive
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  file: { put: "/files/{number}", effect: idempotent, path: { number: { type: integer } }, answer: { type: object, properties: {} } }
  note: { put: "/notes/{number}", effect: idempotent, path: { number: { type: integer } }, answer: { type: object, properties: {} } }
`,
	"routes/files.yaml": `routes:
  file:
    http: POST /files
    auth: none
    accept: async
    work: { attempts: 3, backoff: 10ms..50ms }
    body: { type: object, required: [number], properties: { number: { type: integer } } }
    steps:
      - call: archive.file
        with: { number: "${body.number}" }
      - publish: filed
        event: { number: "${body.number}" }
    respond: { status: 201, body: { number: "${body.number}" } }
  note:
    topic: filed
    work: { attempts: 3, backoff: 10ms..50ms }
    steps:
      - call: archive.note
        with: { number: "${message.data.number}" }
`,
}

// archive is a system that can be broken, and that refuses one number; it counts what it was asked.
type archive struct {
	down    atomic.Bool
	refuses atomic.Int64
	asked   atomic.Int64
	mu      sync.Mutex
	kept    map[string]int
}

func (a *archive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.asked.Add(1)
	if a.down.Load() {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if strings.HasSuffix(r.URL.Path, fmt.Sprintf("notes/%d", a.refuses.Load())) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	a.mu.Lock()
	a.kept[r.URL.Path]++
	a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}")
}

// TestOperators: a system breaks and its messages wait, it is repaired and they drain; a message that cannot be handled is
// found, looked at and replayed; the accounts of all routes hold at each step.
func TestOperators(t *testing.T) {
	t.Parallel()
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(-1)
	backend := httptest.NewServer(system)
	defer backend.Close()
	dir := t.TempDir()
	for name, text := range officeProject {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, problems watched
	env := func(name string) (string, bool) { return backend.URL, name == "ARCHIVE" }
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, &engine.World{
			Args: []string{"run", "--no-watch", "--quiet", dir}, Env: env, Dir: dir, Stdout: &out, Stderr: &problems,
			Now: time.Now,
		})
	}()
	defer func() {
		stop()
		if code := <-ended; code != exitOK {
			t.Errorf("run ended with %d\n%s%s", code, out.String(), problems.String())
		}
	}()
	var api, operators string
	eventually(t, func() string {
		found := regexp.MustCompile(`(?s)served on (http://\S+).*console on (http://\S+)`).FindStringSubmatch(out.String())
		if found == nil {
			return "it does not say where it is served: " + out.String() + problems.String()
		}
		api, operators = found[1], found[2]
		return ""
	})
	file := func(number int) {
		t.Helper()
		res, err := http.Post(api+"/files", "application/json", strings.NewReader(fmt.Sprintf(`{"number":%d}`, number)))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusAccepted {
			t.Fatal("filing:", res.Status)
		}
	}
	ask := func(args ...string) string {
		t.Helper()
		code, stdout, stderr := command(t, dir, append(args, "--console", operators)...)
		if code != exitOK {
			t.Fatalf("%v: %d\n%s%s", args, code, stdout, stderr)
		}
		return stdout
	}
	accounts := func() map[string]console.Topic {
		var rows []console.Topic
		if err := json.Unmarshal([]byte(ask("topics", "--format", "json")), &rows); err != nil {
			t.Fatal(err)
		}
		all := map[string]console.Topic{}
		for _, r := range rows {
			if r.Accepted != r.Done+r.Failed+r.Dead+r.Discarded+r.InFlight {
				t.Fatalf("the account of %s does not hold: %+v", r.Route, r)
			}
			r.Oldest = ""
			all[r.Route] = r
		}
		return all
	}
	expect := func(route string, accepted, done, dead, inFlight int64) {
		t.Helper()
		eventually(t, func() string {
			r := accounts()[route]
			if r.Accepted != accepted || r.Done != done || r.Failed+r.Dead+r.Discarded != dead || r.InFlight != inFlight {
				return fmt.Sprintf("%s: %+v", route, r)
			}
			return ""
		})
	}
	for n := range 5 {
		file(n)
	}
	expect("note", 5, 5, 0, 0)

	system.down.Store(true)
	for n := range 20 {
		file(10 + n)
	}
	expect("file", 25, 5, 0, 20)
	asked := system.asked.Load()
	eventually(t, func() string { // it is asked whether it is back, many times the backoff after one another: attempts would be used up
		if n := system.asked.Load() - asked; n < 3 {
			return fmt.Sprintf("a system that is down was asked %d times whether it is back", n)
		}
		return ""
	})
	expect("file", 25, 5, 0, 20)
	eventually(t, func() string {
		if at := accounts(); len(at["file"].WaitsFor) == 0 || at["file"].State != "working" || at["note"].State != "working" {
			return fmt.Sprintf("%+v", at)
		}
		return ""
	})
	if n := system.asked.Load(); n > 80 {
		t.Errorf("a system that is down was asked %d times", n)
	}
	system.refuses.Store(14)
	system.down.Store(false)
	expect("file", 25, 25, 0, 0)
	expect("note", 25, 24, 1, 0)

	list := ask("dead", "list", "--route", "note")
	if !strings.Contains(list, "refused") || !strings.Contains(list, "1 letter") {
		t.Fatal(list)
	}
	id := strings.Fields(strings.Split(list, "\n")[1])[0]
	shown := ask("dead", "show", id, "--body")
	for _, want := range []string{"route", "note", "archive.note", "ce_type", "filed", `"number": 14`} {
		if !strings.Contains(shown, want) {
			t.Errorf("the letter shown lacks %q:\n%s", want, shown)
		}
	}
	if without := ask("dead", "show", id); strings.Contains(without, `"number"`) {
		t.Error("the bytes are shown unasked")
	}
	if code, _, stderr := command(t, dir, "dead", "show", "nobody", "--console", operators); code == exitOK ||
		!strings.Contains(stderr, "no letter") {
		t.Error(code, stderr)
	}
	if dry := ask("dead", "replay", id); !strings.Contains(dry, "1 letter selected; nothing is done without --yes") {
		t.Error(dry)
	}
	system.refuses.Store(-1)
	if done := ask("dead", "replay", id, "--yes"); !strings.Contains(done, "replayed 1 letter") {
		t.Error(done)
	}
	expect("note", 25, 25, 0, 0)
	res, err := http.Get(operators + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	for _, want := range []string{
		`fondaco_message_duration_seconds_count{route="file",until="done"} 25`, `fondaco_message_duration_seconds_count{route="file",until="first"} 25`,
		`fondaco_message_duration_seconds_count{route="note",until="done"} 25`,
	} {
		if !strings.Contains(string(metrics), want) {
			t.Errorf("the metrics lack %s: %v", want, err)
		}
	}
	system.mu.Lock()
	defer system.mu.Unlock()
	for path, n := range system.kept {
		if n != 1 {
			t.Errorf("%s was kept %d times", path, n)
		}
	}
	if len(system.kept) != 50 {
		t.Errorf("%d were kept, expected 50", len(system.kept))
	}
}
