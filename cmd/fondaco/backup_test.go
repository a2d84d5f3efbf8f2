package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fondaco/console"
)

// savedProject is the registry with a route whose calls may be made twice, and a sequence.
var savedProject = func() map[string]string {
	files := maps.Clone(intentProject)
	files["routes/entries.yaml"] = strings.Replace(files["routes/entries.yaml"], "accept: async", "accept: async\n    work: { workers: 2 }", 1)
	files["fondaco.yaml"] += "sequences: { plain: { start: 1 } }\n"
	files["routes/plain.yaml"] = `routes:
  plain:
    http: POST /plain
    accept: async
    auth: none
    timeout: 1m
    body: { type: object, required: [text], properties: { text: { type: string } } }
    steps:
      - set: { n: "${sequence(\"plain\")}" }
      - call: registry.note
        with: { text: "${body.text}" }
    respond: { body: { n: "${n}" } }
`
	return files
}()

// clients post without end, each text once, and remember what was answered 202.
type clients struct {
	mu       sync.Mutex
	accepted map[string]string // by text, the path of the operation
	stop     chan struct{}
	all      sync.WaitGroup
}

func startClients(t *testing.T, p *process) *clients {
	c := &clients{accepted: map[string]string{}, stop: make(chan struct{})}
	for i, path := range []string{"/file", "/ask", "/plain", "/file", "/file", "/file"} {
		c.all.Go(func() {
			kind := "fast"
			if i < 1 {
				kind = "slow"
			}
			for n := 0; ; n++ {
				select {
				case <-c.stop:
					return
				default:
				}
				text := fmt.Sprintf("%s-%d-%d", kind, i, n)
				kind = "fast"
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.api+path, strings.NewReader(`{"text":"`+text+`"}`))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Content-Type", "application/json")
				res, err := slowly.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				_ = res.Body.Close()
				if res.StatusCode != http.StatusAccepted {
					t.Errorf("%s: %d", path, res.StatusCode)
					return
				}
				c.mu.Lock()
				c.accepted[text] = res.Header.Get("Location")
				c.mu.Unlock()
			}
		})
	}
	return c
}

func (c *clients) now() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.accepted)
}

// reach waits until n requests were accepted.
func (c *clients) reach(t *testing.T, n int) {
	t.Helper()
	eventually(t, func() string {
		if got := len(c.now()); got < n {
			return fmt.Sprintf("%d accepted, expected %d", got, n)
		}
		return ""
	})
}

func (c *clients) end() {
	close(c.stop)
	c.all.Wait()
}

// done runs a command that must succeed and returns what it printed.
func done(t *testing.T, dir string, args ...string) string {
	t.Helper()
	code, out, problems := command(t, dir, args...)
	if code != exitOK {
		t.Fatalf("%v: %d %s%s", args, code, out, problems)
	}
	return out
}

// rows are the accounts of topics.
func (p *process) allRows(dir string) (rows []console.Topic) {
	p.t.Helper()
	if err := json.Unmarshal([]byte(done(p.t, dir, "topics", "--format", "json", "--console", p.console)), &rows); err != nil {
		p.t.Fatal(err)
	}
	return rows
}

// TestBackupUnderLoad: a backup is taken while clients post and work goes on, which it does after it too. Restored elsewhere
// it holds what may not be done twice; released, all that was accepted before the backup ends, no call whose effect is once is
// made a second time, and those that can be asked about are.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	r, p, dir, env := registryOf(t, savedProject)
	load := startClients(t, p)
	load.reach(t, inLong(150, 40))
	before := load.now()
	backup := filepath.Join(t.TempDir(), "backups", "one")
	out := done(t, dir, "backup", backup)
	load.reach(t, len(load.now())+inLong(150, 40))
	load.end()
	slowly.CloseIdleConnections()
	p.kill()
	if !strings.Contains(out, "holds registry as of ") || !strings.Contains(out, "verified") {
		t.Error(out)
	}
	private(t, backup)

	elsewhere := written(t, savedProject)
	out = done(t, elsewhere, "restore", backup)
	if !strings.Contains(out, "registry is as it was at ") || !strings.Contains(out, "the sequence plain goes on above 10") {
		t.Error(out)
	}
	p = startProcess(t, elsewhere, env...)
	if code, status, detail := p.readiness("restore"); code != 200 || status != "warn" || !strings.Contains(detail, "fondaco release") ||
		strings.Contains(detail, "operation") {
		t.Error(code, status, detail)
	}
	held := p.send("/file", "good-held")
	p.send("/tell", "good-told")
	plain := p.send("/plain", "good-plain")
	p.result(plain)
	for _, row := range p.allRows(elsewhere) {
		once := row.Route != "plain" && row.Route != "reply_to"
		if held := row.State == "held"; held != once {
			t.Errorf("the route %s on %s is %s", row.Route, row.Topic, row.State)
		}
	}
	calls := r.of(&r.calls)
	if calls["good-held"] != 0 || calls["good-told-topic"] != 0 {
		t.Error("what is held is done")
	}
	out = done(t, elsewhere, "release", "--why", "the disk was replaced", "--console", p.console)
	if !strings.Contains(out, "released: what was held since the restore at ") || !strings.Contains(out, "in doubt") {
		t.Error(out)
	}
	p.result(held)
	r.called(t, "good-told-topic", "good-told-collect")
	ended := map[string]int{}
	for text, at := range before {
		eventually(t, func() string {
			state := operationState(t, p, at[strings.LastIndexByte(at, '/')+1:])
			if state != "done" && state != "failed" {
				return text + " is " + state
			}
			ended[strings.SplitN(text, "-", 3)[1]+" "+state]++
			return ""
		})
	}
	if ended["1 failed"] > 0 || ended["2 failed"] > 0 {
		t.Errorf("what can be asked about, or done again, failed: %v", ended)
	}
	r.once(t)
	if code, status, detail := p.readiness("restore"); code != 200 || status != "pass" {
		t.Error(code, status, detail)
	}
	t.Logf("%d accepted before the backup, of %d: %v", len(before), len(load.now()), ended)
}

// result waits for the end of an operation that succeeds.
func (p *process) result(at string) {
	p.t.Helper()
	eventually(p.t, func() string {
		if code, body, _ := p.ask(http.MethodGet, at+"/result", ""); code != 200 {
			return fmt.Sprint(code, " ", body)
		}
		return ""
	})
}

// private fails the test if others may read what is in a folder.
func private(t *testing.T, dir string) {
	t.Helper()
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the rights %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	there, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(there) != 1 {
		t.Error("beside the backup: ", there, err)
	}
}
