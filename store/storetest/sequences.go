package storetest

import (
	"fmt"
	"math"
	"sync"
	"time"

	"fondaco/store"
)

func (b *bench) draw(name, purpose string, from int64) int64 {
	b.Helper()
	n, err := b.s.Sequences().Draw(b.Context(), store.Draw{Name: name, Start: from, For: purpose}, start)
	b.must(err)
	return n
}

func sequences(b *bench) {
	equal(b, "the first", b.draw("a", "x", 1), 1)
	equal(b, "for nothing to be repeated", b.draw("a", "", 1), 2)
	equal(b, "for nothing again", b.draw("a", "", 1), 3)
	equal(b, "for the same again", b.draw("a", "x", 1), 1)
	equal(b, "another sequence for the same", b.draw("b", "x", 700), 700)
	b.reopen()
	equal(b, "for the same after a restart", b.draw("a", "x", 1), 1)
	equal(b, "the next after a restart", b.draw("a", "y", 1), 4)
	equal(b, "a start that was raised", b.draw("a", "z", 1000), 1000)
	equal(b, "a start that was lowered", b.draw("a", "", 1), 1001)
	equal(b, "for the same, below the start", b.draw("a", "x", 1000), 1)
	equal(b, "the last that there is", b.draw("end", "", math.MaxInt64), math.MaxInt64)
	for _, purpose := range []string{"", "x"} {
		n, err := b.s.Sequences().Draw(b.Context(), store.Draw{Name: "end", Start: 1, For: purpose}, start)
		b.gives(err, store.ErrExhausted)
		equal(b, "beyond the last", n, 0)
	}
	b.must(b.s.Health())
}

// Numbers drawn at the same time differ, but for the same purpose; each caller sees them rise.
func sequencesByMany(b *bench) {
	const callers, each = 50, 20
	var mu sync.Mutex
	seen := map[int64]string{}
	together(callers, func(i int) {
		last := int64(0)
		for j := range each {
			purpose := ""
			if j%2 == 0 {
				purpose = fmt.Sprint(i/2, " ", j) // two callers ask for each
			}
			n, err := b.s.Sequences().Draw(b.Context(), store.Draw{Name: "s", Start: 1, For: purpose}, start)
			if err != nil {
				b.Error(err)
				return
			}
			mu.Lock()
			other, taken := seen[n]
			seen[n] = purpose
			mu.Unlock()
			if taken && (purpose == "" || other != purpose) {
				b.Errorf("%d was drawn for %q and for %q", n, other, purpose)
			}
			if purpose == "" && n <= last {
				b.Errorf("%d was drawn after %d", n, last)
			}
			if purpose == "" {
				last = n
			}
		}
	})
	equal(b, "numbers", len(seen), callers*each/2+callers*each/4)
	var highest int64
	for n := range seen {
		highest = max(highest, n)
	}
	b.reopen()
	equal(b, "the next after a restart", b.draw("s", "", 1), highest+1)
}

// A purpose is forgotten in time; the sequence goes on all the same.
func sequencesSwept(b *bench) {
	limits := store.DefaultLimits()
	equal(b, "the first", b.draw("a", "x", 1), 1)
	equal(b, "the second", b.draw("a", "y", 1), 2)
	swept, err := b.s.Sweep(b.Context(), start.Add(limits.Letters+limits.Inbox-time.Second))
	b.must(err)
	equal(b, "draws swept early", swept.Draws, 0)
	equal(b, "for the same", b.draw("a", "x", 1), 1)
	swept, err = b.s.Sweep(b.Context(), start.Add(limits.Letters+limits.Inbox+time.Second))
	b.must(err)
	equal(b, "draws swept", swept.Draws, 2)
	equal(b, "for what is forgotten", b.draw("a", "x", 1), 3)
	b.must(b.s.Close())
	_, err = b.s.Sequences().Draw(b.Context(), store.Draw{Name: "a", Start: 1}, start)
	b.gives(err, store.ErrClosed)
}
