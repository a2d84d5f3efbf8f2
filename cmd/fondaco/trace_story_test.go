package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fondaco/console"
)

// canary is in all that callers and systems say, and may be nowhere in what is recorded.
const canary = "RSSMRA80A01H501U"

// sayingArchive fails each path the first time with words of its own.
type sayingArchive struct {
	mu   sync.Mutex
	seen map[string]int
}

func (a *sayingArchive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen[r.URL.Path]++
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Said", canary)
	if strings.HasSuffix(r.URL.Path, "/13") {
		w.WriteHeader(http.StatusUnprocessableEntity)
	} else if a.seen[r.URL.Path] == 1 {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_, _ = w.Write([]byte(`{"said":"` + canary + `"}`))
}

var storyFiles = map[string]string{
	"routes/files.yaml": `routes:
  file:
    http: POST /files/{place}
    auth: none
    accept: async
    work: { attempts: 3, backoff: 10ms..50ms, key: "${body.name}" }
    path: { place: { type: string } }
    body: { type: object, required: [number, name], properties: { number: { type: integer }, name: { type: string } } }
    steps:
      - call: archive.file
        with: { number: "${body.number}" }
      - publish: filed
        id: "${body.name}"
        event: { number: "${body.number}" }
    respond: { status: 201, body: { number: "${body.number}" } }
  note:
    topic: filed
    work: { attempts: 3, backoff: 10ms..50ms }
    steps:
      - call: archive.note
        with: { number: "${message.data.number}" }
  now:
    http: GET /now/{number}
    auth: none
    path: { number: { type: integer } }
    steps:
      - call: archive.note
        with: { number: "${path.number}" }
`,
}

// TestTraceStory: the story of an accepted request is found by each of its ids over all hops, as tree, with what the state knows of it;
// a request that failed by a system is recorded, one that did not is not without its share; and no value of any of them is in the file.
func TestTraceStory(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(&sayingArchive{seen: map[string]int{}})
	t.Cleanup(backend.Close)
	files := maps.Clone(officeProject)
	maps.Copy(files, storyFiles)
	files["fondaco.yaml"] += "traces: { sample: 0% }\n"
	dir := written(t, files)
	p := startProcess(t, dir, "ARCHIVE="+backend.URL)
	const trace = "0af7651916cd43dd8448eb211c80319c"
	file := func(number, request string, head ...string) (operation string) {
		t.Helper()
		code, text, h := p.ask(http.MethodPost, "/files/"+canary, `{"number":`+number+`,"name":"`+canary+number+`"}`, append(head,
			"X-Request-Id", request, "Idempotency-Key", canary+canary+number, "X-More", canary)...)
		if code != http.StatusAccepted {
			t.Fatal(code, text)
		}
		return strings.TrimPrefix(h.Get("Location"), "/operations/")
	}
	id := file("1", "desk-"+canary, "Traceparent", "00-"+trace+"-b7ad6b7169203331-01")
	story := func(find string) (s console.Story) {
		t.Helper()
		code, out, problems := command(t, dir, "trace", find, "--console", p.console, "--format", "json")
		if code != 0 {
			t.Fatal(code, out, problems)
		}
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatal(err, out)
		}
		return s
	}
	want := "0 accepted file 202; 1 message file 1 waits; 1 message file 1 done; 2 message note 1 waits; 2 message note 1 done"
	eventually(t, func() string {
		if got := outline(story(id)); got != want {
			return got
		}
		return ""
	})
	for _, find := range []string{id, trace, "desk-" + canary, canary + "1"} {
		s := story(find)
		if got := outline(s); got != want {
			t.Error(find, got)
		}
		first, again := s.Hops[1], s.Hops[2]
		if len(first.Steps) != 1 || first.Steps[0].Fault != "unavailable" || first.Steps[0].Operation != "archive.file" ||
			first.Steps[0].Place != "routes/files.yaml:10:15" || first.Steps[0].Effect != "idempotent" || first.Release == "" {
			t.Errorf("%+v", first)
		}
		if len(again.Steps) != 2 || again.Steps[1].Effect != "publish" || again.Steps[1].Operation != "filed" || again.Parent != s.Hops[0].Span {
			t.Errorf("%+v", again)
		}
		if len(s.Operations) != 1 || s.Operations[0].State != "done" || s.Operations[0].Status != 201 {
			t.Error(s.Operations)
		}
	}
	dead := file("13", "r13")
	eventually(t, func() string {
		s := story(dead)
		if len(s.Letters) != 1 || len(s.Operations) != 1 || s.Operations[0].State != "failed" {
			return outline(s)
		}
		return ""
	})
	if code, text, _ := p.ask(http.MethodGet, "/now/77", "", "X-Request-Id", "fails"); code < 500 {
		t.Fatal(code, text)
	}
	if code, text, _ := p.ask(http.MethodGet, "/now/77", "", "X-Request-Id", "well"); code != 204 && code != 200 {
		t.Fatal(code, text)
	}
	if got := outline(story("fails")); !strings.HasPrefix(got, "0 request now 50") {
		t.Error(got)
	}
	code, out, problems := command(t, dir, "trace", "well", "--console", p.console)
	if code != 1 || out != "" || !strings.Contains(problems, "nothing is recorded under this id") {
		t.Error(code, out, problems)
	}
	code, out, problems = command(t, dir, "trace", id, "--console", p.console)
	if code != 0 || strings.Contains(out, canary) || !strings.Contains(out, "archive.file (idempotent)  attempt 1") ||
		!strings.Contains(out, "at routes/files.yaml:10:15") {
		t.Error(code, out, problems)
	}
	recorded := recordedBytes(t, dir)
	for _, secret := range []string{canary, "desk-", "X-More"} {
		if bytes.Contains(bytes.ToUpper(recorded), []byte(strings.ToUpper(secret))) {
			t.Error("what is recorded holds", secret)
		}
	}
	if !bytes.Contains(recorded, []byte(id)) {
		t.Error("the file does not hold what was found")
	}
}

// outline is a story in one line.
func outline(s console.Story) string {
	var all []string
	for _, h := range s.Hops {
		line := fmt.Sprint(h.Depth, " ", h.Kind, " ", h.Route, " ", h.Status)
		if h.Kind == "message" {
			line = fmt.Sprint(h.Depth, " ", h.Kind, " ", h.Route, " ", h.Attempt, " ", h.Outcome)
		}
		all = append(all, line)
	}
	return strings.Join(all, "; ")
}

func recordedBytes(t *testing.T, dir string) (all []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "data", "fondaco-traces.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}
