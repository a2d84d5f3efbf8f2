package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/console"
	"fondaco/engine"
	"fondaco/messaging/kafka/kafkatest"
)

// TestRenamedLater: a route is renamed, and it is said only later that it is the same one. What was accepted under each of
// its names is done, and nothing is done twice; letters of each name are replayed; the names may come in any order, and the
// first name may come back.
func TestRenamedLater(t *testing.T) {
	t.Parallel()
	renamedLater(t, "")
}

// TestRenamedLaterOnKafka is TestRenamedLater with topics on a cluster.
func TestRenamedLaterOnKafka(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	renamedLater(t, "storage: { topics: \"kafka://"+n.Addr+"\" }\n")
}

// noteTaker is an archive whose notes may be down, or refused.
type noteTaker struct {
	down    atomic.Bool
	refuses atomic.Int64
	mu      sync.Mutex
	kept    map[string]int
}

func (a *noteTaker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if note, is := strings.CutPrefix(r.URL.Path, "/notes/"); is {
		if a.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if note == fmt.Sprint(a.refuses.Load()) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
	}
	a.mu.Lock()
	a.kept[r.URL.Path]++
	a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}

// times returns how often something was done.
func (a *noteTaker) times(path string, number int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.kept[fmt.Sprint(path, number)]
}

func renamedLater(t *testing.T, storage string) {
	system := &noteTaker{kept: map[string]int{}}
	backend := httptest.NewServer(system)
	defer backend.Close()
	files := maps.Clone(officeProject)
	files["fondaco.yaml"] += storage
	first := files["routes/files.yaml"]
	dir, env := written(t, files), "ARCHIVE="+backend.URL
	sent := 0
	send := func(p *process, n int) {
		t.Helper()
		for range n {
			sent++
			eventually(t, func() string {
				if code, text, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, sent)); code != 202 {
					return fmt.Sprintf("%d %s", code, text)
				}
				return ""
			})
		}
	}
	var p *process
	said := func(p *process, args ...string) (string, bool) {
		var out, problems bytes.Buffer
		code := run(t.Context(), &engine.World{
			Args: append(args, "--console", p.console), Stdout: &out, Stderr: &problems, Dir: dir,
			Now: time.Now, Env: func(string) (string, bool) { return "", false },
		})
		return out.String() + problems.String(), code == exitOK
	}
	command := func(p *process, args ...string) string {
		t.Helper()
		text, ok := said(p, args...)
		if !ok {
			t.Fatalf("%v: %s", args, text)
		}
		return text
	}
	// done waits until all of a kind from one number to another are done, and says what was done more than once.
	done := func(path string, from, to int) {
		t.Helper()
		for i := from; i <= to; i++ {
			eventually(t, func() string {
				if n := system.times(path, i); n < 1 {
					return fmt.Sprintf("%s%d was not done", path, i)
				}
				return ""
			})
		}
		for i := range sent {
			if n := system.times(path, i+1); n > 1 {
				t.Errorf("%s%d was done %d times", path, i+1, n)
			}
		}
	}
	// settled waits until nothing is in flight, and all that was accepted has come to an end that is known.
	settled := func(p *process, note string) {
		t.Helper()
		eventually(t, func() string {
			var rows []console.Topic
			text, _ := said(p, "topics", "--format", "json") // a topic that is new on a cluster cannot be counted at once
			if err := json.Unmarshal([]byte(text), &rows); err != nil {
				return err.Error() + ": " + text
			}
			seen := false
			for _, r := range rows {
				seen = seen || r.Route == note && r.Topic == "filed"
				if ends := r.Done + r.Failed + r.Dead + r.Cancelled + r.Discarded + r.Expired + r.Superseded + r.InFlight; r.InFlight > 0 ||
					r.Accepted != ends || r.Done < 0 {
					return fmt.Sprintf("%+v", r)
				}
				if r.Group != "" && r.Route == "" {
					return fmt.Sprintf("the group %s is left on the topic %s", r.Group, r.Topic)
				}
			}
			if !seen {
				return fmt.Sprintf("no account of %s on filed: %+v", note, rows)
			}
			return ""
		})
		if _, status, detail := p.readiness("stranded"); status != "pass" {
			t.Errorf("readiness: %s %s", status, detail)
		}
		done("/files/", 1, sent)
		done("/notes/", 1, sent)
	}
	named := func(file, note string) string {
		return strings.NewReplacer("  file:\n", "  "+file, "  note:\n", "  "+note).Replace(first)
	}

	system.down.Store(true)
	p = startProcess(t, dir, env)
	send(p, 3)
	done("/files/", 1, 3)
	p.end() // the notes of 1 to 3 wait

	rewrite(t, dir, "routes/files.yaml", named("store:\n", "annotate:\n"))
	system.down.Store(false)
	p = startProcess(t, dir, env)
	send(p, 3)
	done("/notes/", 4, 6)
	system.refuses.Store(7)
	send(p, 1)
	eventually(t, func() string {
		if list := command(p, "dead", "list"); !strings.Contains(list, "1 letter") {
			return list
		}
		return ""
	})
	system.down.Store(true)
	send(p, 2)
	done("/files/", 8, 9)
	p.end()

	rewrite(t, dir, "routes/files.yaml", named("store:\n    renamed_from: [file]\n", "annotate:\n    renamed_from: [note]\n"))
	system.down.Store(false)
	system.refuses.Store(-1)
	p = startWatching(t, dir, env)
	done("/notes/", 1, 6)
	done("/notes/", 8, 9)
	command(p, "dead", "replay", "--all", "--yes")
	settled(p, "annotate")

	for i, now := range []struct{ file, note, is string }{
		{"deposit:\n    renamed_from: [file, store]\n", "remark:\n    renamed_from: [note, annotate]\n", "remark"},
		{"file:\n    renamed_from: [store, deposit]\n", "note:\n    renamed_from: [remark, annotate]\n", "note"},
		{"file:\n    renamed_from: [deposit, store]\n", "note:\n    renamed_from: [annotate, remark]\n", "note"},
	} {
		system.down.Store(true)
		send(p, 2)
		rewrite(t, dir, "routes/files.yaml", named(now.file, now.note))
		p.reloads("done", i+1)
		send(p, 2)
		system.down.Store(false)
		settled(p, now.is)
	}
}
