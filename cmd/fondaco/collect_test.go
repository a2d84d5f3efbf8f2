package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// digests is a system that takes batches, and remembers them.
type digests struct {
	mu    sync.Mutex
	taken [][]int
	down  bool
}

func (d *digests) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var body struct{ Numbers []int }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if slices.Contains(body.Numbers, 13) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	d.taken = append(d.taken, body.Numbers)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}

func (d *digests) all() (batches int, numbers []int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range d.taken {
		numbers = append(numbers, b...)
	}
	slices.Sort(numbers)
	return len(d.taken), numbers
}

// TestCollect: messages are gathered by key until there are enough, one says so, or it is time; none is lost when the
// process is killed amid that; a batch that is refused is one dead letter, and is replayed whole.
func TestCollect(t *testing.T) {
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
	files["routes/files.yaml"] = `routes:
  file:
    http: POST /files
    auth: none
    body: { type: object, required: [number], properties: { number: { type: integer } } }
    steps:
      - publish: filed
        event: { number: "${body.number}" }
    respond: { status: 204 }
  digest:
    topic: filed
    collect: { by: "${message.data.number >= 1000 ? \"late\" : \"early\"}", count: 10, within: 15s, until: message.data.number == 99 }
    work: { attempts: 100, backoff: 20ms..100ms }
    steps:
      - call: archive.digest
        with: { numbers: { $for: m in messages, $item: "${m.data.number}" } }
`
	dir := written(t, files)
	env := "ARCHIVE=" + backend.URL
	p := startProcess(t, dir, env)
	var sent []int
	file := func(numbers ...int) {
		t.Helper()
		for _, n := range numbers {
			if code, body, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, n)); code != 204 {
				t.Fatal(code, body)
			}
			sent = append(sent, n)
		}
	}
	expect := func(batches int) {
		t.Helper()
		slices.Sort(sent)
		eventually(t, func() string {
			if n, numbers := system.all(); n != batches || !slices.Equal(numbers, sent) {
				return fmt.Sprintf("%d batches of %v, expected %d of %v\n%s", n, numbers, batches, sent, p.log.String())
			}
			return ""
		})
	}
	file(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1000) // ten of one key, one of the other
	begin := time.Now()
	expect(2)
	if took := time.Since(begin); took < 2*time.Second {
		t.Errorf("the batch of one was worked on after %s, before its time", took)
	}
	file(20, 21, 99)
	begin = time.Now()
	expect(3)
	if took := time.Since(begin); took > 14*time.Second {
		t.Errorf("the message that says so came, and the batch was worked on after %s", took)
	}

	system.mu.Lock()
	system.down = true
	system.mu.Unlock()
	for round := range 4 {
		for i := range 25 {
			file(2000 + 100*round + i)
		}
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.cmd.Wait()
		p = startProcess(t, dir, env)
	}
	system.mu.Lock()
	system.down = false
	system.mu.Unlock()
	slices.Sort(sent)
	eventually(t, func() string {
		if _, numbers := system.all(); !slices.Equal(slices.Compact(numbers), sent) {
			return fmt.Sprintf("%d numbers of %d\n%s", len(numbers), len(sent), p.log.String())
		}
		return ""
	})
	before, _ := system.all()

	file(13, 99)
	eventually(t, func() string {
		if _, out, _ := command(t, dir, "dead", "list", "--route", "digest", "--console", p.console); !strings.Contains(out, "1 letter") {
			return out + p.log.String()
		}
		return ""
	})
	_, shown, _ := command(t, dir, "dead", "show", strings.Fields(strings.Split(func() string {
		_, out, _ := command(t, dir, "dead", "list", "--console", p.console)
		return out
	}(), "\n")[1])[0], "--body", "--console", p.console)
	if !strings.Contains(shown, `"number": 13`) || !strings.Contains(shown, `"number": 99`) || !strings.Contains(shown, "fondaco.batch") {
		t.Error(shown)
	}
	if n, _ := system.all(); n != before {
		t.Errorf("%d batches, expected %d", n, before)
	}
}
