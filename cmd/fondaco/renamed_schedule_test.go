package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// clock is a system that notes for which due times it was called, and may not answer.
type clock struct {
	down atomic.Bool
	mu   sync.Mutex
	runs map[string]int
}

func (c *clock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.down.Load() {
		<-r.Context().Done()
		return
	}
	c.mu.Lock()
	c.runs[strings.TrimPrefix(r.URL.Path, "/files/")]++
	c.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}

// times returns the due times in their order. One that was run twice fails the test.
func (c *clock) times(t *testing.T) (all []time.Time) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for text, n := range c.runs {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil || n != 1 {
			t.Errorf("the run of %s came %d times: %v", text, n, err)
		}
		all = append(all, at)
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// gaps returns the due times after which the next one is lacking.
func (c *clock) gaps(t *testing.T) (all []time.Time) {
	t.Helper()
	times := c.times(t)
	for i := 1; i < len(times); i++ {
		if times[i].Sub(times[i-1]) != time.Second {
			all = append(all, times[i-1])
		}
	}
	return all
}

// TestRenamedSchedule: a route that starts by itself gets another name. Said at once, no due time is run twice and none is left
// out, those of the time between two processes and those that waited under the old name neither; said later, those are run
// once that wait under the old name.
func TestRenamedSchedule(t *testing.T) {
	t.Parallel()
	system := &clock{runs: map[string]int{}}
	backend := httptest.NewServer(system)
	defer backend.Close()
	files := maps.Clone(officeProject)
	files["connectors/archive/connector.yaml"] = strings.NewReplacer("/files/{number}", "/files/{at}",
		"path: { number: { type: integer } }, answer: { type: object, properties: {} } }\n  note",
		"path: { at: { type: string } }, answer: { type: object, properties: {} } }\n  note").Replace(files["connectors/archive/connector.yaml"])
	named := func(name, from string) string {
		return "routes:\n  " + name + ":\n" + from + `    schedule: { every: 1s, misfire: all }
    timeout: 1m
    steps:
      - call: archive.file
        with: { at: "${text(schedule.time)}" }
`
	}
	files["routes/files.yaml"] = named("tick", "")
	files["fondaco.yaml"] = strings.NewReplacer("server: { ", "server: { grace: 1s, ", "    breaker:", "    timeout: 1m\n    breaker:").
		Replace(files["fondaco.yaml"])
	dir, env := written(t, files), "ARCHIVE="+backend.URL
	// until waits for so many runs more.
	until := func(p *process, more int) {
		t.Helper()
		from := len(system.times(t))
		eventually(t, func() string {
			if n := len(system.times(t)); n < from+more {
				return fmt.Sprintf("%d runs, expected %d\n%s", n, from+more, p.log.String())
			}
			return ""
		})
	}
	// waiting has the system not answer until runs wait behind one another, and kills the process.
	waiting := func(p *process, name string) {
		t.Helper()
		system.down.Store(true)
		eventually(t, func() string {
			waits := int64(0)
			for _, r := range p.allRows(dir) {
				if r.Route == name {
					waits += r.InFlight
				}
			}
			if waits < 4 { // one of them may be done just now
				return fmt.Sprintf("%d runs of %s wait", waits, name)
			}
			return ""
		})
		p.kill()
		<-time.After(2500 * time.Millisecond) // some come due while nobody is there
		system.down.Store(false)
	}
	// settled waits until no run is left out but after one of the times, as many as may be.
	settled := func(p *process, what string, most int, last time.Time) {
		t.Helper()
		until(p, 3)
		eventually(t, func() string { // those that were tried come again later than those that were not
			gaps := system.gaps(t)
			if len(gaps) > most || len(gaps) > 0 && gaps[0].Before(last) {
				return fmt.Sprintf("%s: runs are left out after %v, expected none before %s\n%s", what, gaps, last, p.log.String())
			}
			return ""
		})
	}

	p := startProcess(t, dir, env)
	until(p, 2)
	waiting(p, "tick")
	rewrite(t, dir, "routes/files.yaml", named("tock", "    renamed_from: [tick]\n"))
	p = startProcess(t, dir, env)
	settled(p, "said at once", 0, time.Time{})

	waiting(p, "tock")
	last := system.times(t)
	rewrite(t, dir, "routes/files.yaml", named("beat", ""))
	p = startProcess(t, dir, env)
	until(p, 2)
	eventually(t, func() string {
		if _, status, detail := p.readiness("stranded"); status != "warn" || !strings.Contains(detail, "fondaco.tick") {
			return "before it is said: " + status + " " + detail
		}
		return ""
	})
	p.end()
	rewrite(t, dir, "routes/files.yaml", named("beat", "    renamed_from: [tock, tick]\n"))
	p = startProcess(t, dir, env)
	// Left out is the time when beat was not known to be tock, and not the two runs, or more, that waited then.
	settled(p, "said later", 1, last[len(last)-1].Add(2*time.Second))
	eventually(t, func() string {
		if _, status, detail := p.readiness("stranded"); status != "pass" {
			return "when it is said: " + status + " " + detail
		}
		return ""
	})
}
