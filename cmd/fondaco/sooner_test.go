package main

import (
	"fmt"
	"testing"
	"time"

	"fondaco/console"
)

// TestSoonerThanItsPause: messages that one operation answered 503, or that did not reach it, wait by pauses of minutes at
// least, as too few failed for its breaker. When it answers another one well they are done at once; a message that the
// operation answered 500 waits on.
func TestSoonerThanItsPause(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"reset": -1, "503": 503} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &failing{broken: map[string]int{"/notes/1": 500, "/notes/2": status}, asked: map[string]int{}}
			p := downOffice(t, f, "failures: 3", "failures: 1000", "    topic: filed\n    work: { attempts: 3, backoff: 10ms..50ms }",
				"    topic: filed\n    work: { attempts: 3, backoff: 5m..10m }")
			filed(t, p, `{"number":1}`)
			for n := range 30 {
				filed(t, p, fmt.Sprintf(`{"number":%d}`, 200+n))
			}
			eventually(t, func() string {
				f.mu.Lock()
				defer f.mu.Unlock()
				if len(f.asked) != 2*31 {
					return fmt.Sprintf("%d paths were asked for", len(f.asked))
				}
				return ""
			})
			account(t, p, "note", func(r console.Topic) bool { return r.InFlight == 31 && r.Done == 0 })
			f.set("/notes/2", 0)
			began := time.Now()
			filed(t, p, `{"number":3}`)
			account(t, p, "note", func(r console.Topic) bool { return r.InFlight == 1 && r.Done == 31 })
			t.Logf("all were done %v after the operation was well", time.Since(began))
			account(t, p, "note", func(r console.Topic) bool { return r.InFlight == 1 && r.Dead == 0 })
		})
	}
}
