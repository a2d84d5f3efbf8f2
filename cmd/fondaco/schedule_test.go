package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"fondaco/console"
)

// TestSchedule: a route that starts by itself runs once for each due time, through kill -9 and a new start; what it
// publishes under one id is handled once, however often it runs.
func TestSchedule(t *testing.T) {
	t.Parallel()
	var ticks, peaks atomic.Int64
	seen := map[string]int{}
	told := make(chan string, 1000)
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told <- r.URL.Path
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	}))
	defer system.Close()
	count := func() {
		for {
			select {
			case path := <-told:
				seen[path]++
				if strings.HasPrefix(path, "/files/") {
					ticks.Add(1)
				} else {
					peaks.Add(1)
				}
			default:
				return
			}
		}
	}
	files := maps.Clone(officeProject)
	files["connectors/archive/connector.yaml"] = strings.NewReplacer("/files/{number}", "/files/{at}",
		"path: { number: { type: integer } }, answer: { type: object, properties: {} } }\n  note",
		"path: { at: { type: string } }, answer: { type: object, properties: {} } }\n  note").Replace(files["connectors/archive/connector.yaml"])
	files["routes/files.yaml"] = `routes:
  tick:
    schedule: { every: 1s, misfire: once }
    steps:
      - call: archive.file
        with: { at: "${text(schedule.time)}" }
      - publish: filed
        id: peak-1
        event: { number: 1 }
  note:
    topic: filed
    steps:
      - call: archive.note
        with: { number: "${message.data.number}" }
`
	dir := written(t, files)
	p := startProcess(t, dir, "ARCHIVE="+system.URL)
	for round := range 3 {
		from := ticks.Load()
		eventually(t, func() string {
			if count(); ticks.Load() < from+3 {
				return fmt.Sprintf("round %d: %d runs\n%s", round, ticks.Load()-from, p.log.String())
			}
			return ""
		})
		if round < 2 {
			if err := p.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = p.cmd.Wait()
			p = startProcess(t, dir, "ARCHIVE="+system.URL)
		}
	}
	eventually(t, func() string {
		_, body, _ := p.ask(http.MethodGet, p.console+"/metrics", "")
		for _, want := range []string{
			`fondaco_schedule_last_run_timestamp_seconds{route="tick"} `,
			`fondaco_schedule_next_run_timestamp_seconds{route="tick"} `, `fondaco_schedule_missed_total{route="tick"} `,
			`fondaco_duplicate_owner_total{kind="schedule",route="tick"} 0`, `fondaco_fenced_total{kind="schedule",route="tick"} `,
		} {
			if !strings.Contains(body, want) {
				return "the metrics lack " + want
			}
		}
		return ""
	})
	eventually(t, func() string {
		if count(); peaks.Load() < 1 {
			return "nothing that was published was handled"
		}
		return ""
	})
	twice := 0
	for path, n := range seen {
		if strings.HasPrefix(path, "/files/") && n > 1 {
			twice += n - 1
		}
	}
	if twice > 2 { // what was under way at each of two kills
		t.Errorf("%d runs came twice: %v", twice, seen)
	}
	if n := peaks.Load(); n < 1 || n > 3 {
		t.Errorf("what was published under one id was handled %d times", n)
	}
}

// TestSuperseded: runs of a schedule whose system is away give way to the next, and are counted as that, not as done.
func TestSuperseded(t *testing.T) {
	t.Parallel()
	system, backend := archiveAway(t)
	files := maps.Clone(officeProject)
	files["routes/files.yaml"] = `routes:
  tick:
    schedule: { every: 1s, misfire: once }
    steps:
      - call: archive.file
        with: { number: 1 }
`
	dir := written(t, files)
	p := startProcess(t, dir, "ARCHIVE="+backend.URL)
	row := func() console.Topic { return p.rows(dir)["tick"] }
	adds := func(r console.Topic) bool {
		return r.Accepted == r.Done+r.Failed+r.Dead+r.Cancelled+r.Discarded+r.Expired+r.Superseded+r.InFlight
	}
	eventually(t, func() string {
		if r := row(); r.Superseded < 2 || r.Done != 0 || !adds(r) {
			return fmt.Sprintf("while the system is away: %+v", r)
		}
		return ""
	})
	system.down.Store(false)
	eventually(t, func() string {
		if r := row(); r.Superseded < 2 || r.Done < 1 || r.Failed+r.Dead != 0 || !adds(r) {
			return fmt.Sprintf("when it is back: %+v", r)
		}
		return ""
	})
	if n := p.metric(`fondaco_messages_total{outcome="superseded",route="tick"}`); n == "" || n == "0" {
		t.Errorf("the metric says %q", n)
	}
}
