package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"fondaco/messaging/kafka/kafkatest"
)

// inHand is how many messages a consumer of the usual 16 workers has been given whose end is not durable yet (messaging.Options): on a slow
// disk all of them may be done. Of those that are worked on each may have been called a second time, if the machine was too busy to take
// the first answer in time.
const inHand = 64 + 16

// TestKilledWhileManyWait: a process is killed while thousands of messages wait for a system that is down, and again while
// they are worked on: nothing is lost, and no more is done twice than was in hand.
func TestKilledWhileManyWait(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) { killedWhileManyWait(t, "", inLong(5000, 500)) })
	t.Run("kafka", func(t *testing.T) {
		killedWhileManyWait(t, "storage: { topics: \"kafka://"+kafkatest.New(t).Addr+"\" }\n", inLong(5000, 500))
	})
}

func killedWhileManyWait(t *testing.T, storage string, n int) {
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(-1)
	system.down.Store(true)
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	files := twoSystems()
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "open: 6s", "open: 1s", 1) + storage
	files["routes/files.yaml"] = strings.NewReplacer("body.number % 100", "body.number", "message.data.number % 100 < 10",
		"message.data.number >= 0").Replace(files["routes/files.yaml"])
	dir, env := written(t, files), []string{"ARCHIVE=" + backend.URL, "REGISTRY=" + backend.URL}
	p := startProcess(t, dir, env...)
	var publishing sync.WaitGroup
	for worker := range 16 {
		publishing.Go(func() {
			for i := worker; i < n; i += 16 {
				if code, text, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, i)); code != http.StatusNoContent {
					t.Errorf("%d %s", code, text)
				}
			}
		})
	}
	publishing.Wait()
	waits := func() string {
		r, all := p.rows(dir)["note"], 0
		for _, k := range r.WaitsFor {
			all += k
		}
		if all < n*9/10 || r.InFlight != int64(n) {
			return fmt.Sprintf("%+v\n%s", r, p.log.String())
		}
		return ""
	}
	eventually(t, waits)
	p.kill()
	p = startProcess(t, dir, env...)
	eventually(t, waits)
	system.down.Store(false)
	kept := func() (all, twice int) {
		system.mu.Lock()
		defer system.mu.Unlock()
		for _, times := range system.kept {
			all++
			twice += times - 1
		}
		return all, twice
	}
	eventually(t, func() string {
		if all, _ := kept(); all < n/4 {
			return fmt.Sprint(all, " done")
		}
		return ""
	})
	p.kill()
	p = startProcess(t, dir, env...)
	eventually(t, func() string {
		if r := p.rows(dir)["note"]; r.Done != int64(n) || r.Dead != 0 {
			return fmt.Sprintf("%+v", r)
		}
		return ""
	})
	all, twice := kept()
	if all != n || twice > inHand {
		t.Errorf("%d of %d were done, %d twice", all, n, twice)
	}
	t.Logf("%d done, %d twice", all, twice)
}
