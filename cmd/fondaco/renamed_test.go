package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"fondaco/messaging/kafka/kafkatest"
)

// TestRenamed: what was accepted under a route's and a topic's former names is done, once, under the new ones; whoever
// was told 202 goes on to be answered; a chain of renames is taken up under load, without a new start.
func TestRenamed(t *testing.T) {
	t.Parallel()
	renamedOffice(t, "")
}

// TestRenamedOnKafka is TestRenamed with topics on a cluster.
func TestRenamedOnKafka(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	renamedOffice(t, "storage: { topics: \"kafka://"+n.Addr+"\" }\n")
}

// archiveAway is the office's archive, which refuses nothing and is down at first. It ends with the test.
func archiveAway(t *testing.T) (*archive, *httptest.Server) {
	t.Helper()
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(-1)
	system.down.Store(true)
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	return system, backend
}

func renamedOffice(t *testing.T, storage string) {
	system, backend := archiveAway(t)
	files := maps.Clone(officeProject)
	files["fondaco.yaml"] += storage
	dir, env := written(t, files), "ARCHIVE="+backend.URL
	var ids []string
	sent := 0
	send := func(p *process) bool {
		code, text, h := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, sent+1))
		if code == 503 { // Kafka is asked for the first time
			return false
		}
		id, ok := strings.CutPrefix(h.Get("Location"), "/operations/")
		if code != 202 || !ok {
			t.Errorf("%d %s", code, text)
			return false
		}
		sent++
		ids = append(ids, id)
		return true
	}
	done := func(p *process) {
		t.Helper()
		eventually(t, func() string {
			system.mu.Lock()
			defer system.mu.Unlock()
			for i := range sent {
				for _, path := range []string{"/files/", "/notes/"} {
					if n := system.kept[fmt.Sprint(path, i+1)]; n != 1 {
						return fmt.Sprintf("%s%d was done %d times, expected once\n%s", path, i+1, n, p.log.String())
					}
				}
			}
			return ""
		})
		for _, id := range ids {
			eventually(t, func() string {
				if code, text, _ := p.ask(http.MethodGet, "/operations/"+id, ""); code != 201 {
					return fmt.Sprintf("the operation %s of %v answers %d %s", id, ids, code, text)
				}
				return ""
			})
		}
	}
	fill := func(p *process) {
		for to := sent + 5; sent < to; {
			eventually(t, func() string {
				if !send(p) {
					return "nothing is accepted"
				}
				return ""
			})
		}
	}

	p := startProcess(t, dir, env)
	fill(p)
	sent++
	again := func() (id string) {
		eventually(t, func() string {
			code, text, h := p.ask(http.MethodPost, "/files", `{"number":6}`, "Idempotency-Key", "5b0b1c9a-renamed-office")
			if code != 202 { // 503 until Kafka has answered this process
				return fmt.Sprintf("%d %s", code, text)
			}
			id = strings.TrimPrefix(h.Get("Location"), "/operations/")
			return ""
		})
		return id
	}
	ids = append(ids, again())
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()

	rewrite(t, dir, "fondaco.yaml", strings.Replace(files["fondaco.yaml"], "  filed:\n", "  stored:\n    renamed_from: [filed]\n", 1))
	second := strings.NewReplacer("  file:\n", "  store:\n    renamed_from: [file]\n", "  note:\n", "  annotate:\n    renamed_from: [note]\n",
		"filed", "stored").Replace(files["routes/files.yaml"])
	rewrite(t, dir, "routes/files.yaml", second)
	p = startWatching(t, dir, env)
	for _, id := range ids {
		if code, text, _ := p.ask(http.MethodGet, "/operations/"+id, ""); code != 200 {
			t.Errorf("whoever was told 202 before the rename is answered %d %s", code, text)
		}
	}
	if id := again(); id != ids[5] {
		t.Errorf("the same request under the same Idempotency-Key became the operation %s, before the rename %s", id, ids[5])
	}
	fill(p)
	system.down.Store(false)
	done(p)

	var stop atomic.Bool
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		for !stop.Load() && !t.Failed() {
			send(p)
		}
	}()
	third := strings.NewReplacer("  store:\n", "  deposit:\n", "[file]", "[store, file]", "  annotate:\n", "  remark:\n", "[note]",
		"[annotate, note]").Replace(second)
	rewrite(t, dir, "routes/files.yaml", third)
	p.reloads("done", 1)
	stop.Store(true)
	<-loaded
	fill(p)
	done(p)
}
