package storetest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"fondaco/store"
)

func schedules(b *bench) {
	s := b.s.Schedules()
	acquire := func(owner string, after time.Duration, epoch int64) {
		b.Helper()
		got, held, err := s.Acquire(b.Context(), "maree", owner, start.Add(after), time.Minute)
		b.must(err)
		equal(b, owner+" holds it", held, epoch != 0)
		equal(b, owner+"'s epoch", got, epoch)
	}
	last := func(want time.Time) {
		b.Helper()
		got, err := s.LastRun(b.Context(), "maree")
		b.must(err)
		equal(b, "last run", got, want)
	}
	last(time.Time{})
	b.gives(s.SetLastRun(b.Context(), "maree", 0, start), store.ErrFenced)
	b.gives(s.SetLastRun(b.Context(), "maree", 1, start), store.ErrFenced)
	acquire("a", 0, 1)
	acquire("b", 30*time.Second, 0)
	acquire("a", 30*time.Second, 1) // held longer
	acquire("b", 80*time.Second, 0)
	acquire("b", -time.Hour, 0) // its clock is behind
	b.must(s.SetLastRun(b.Context(), "maree", 1, start))
	last(start)
	b.reopen()
	s = b.s.Schedules()
	acquire("b", 80*time.Second, 0)
	last(start)
	acquire("b", 90*time.Second, 2) // a slept
	b.gives(s.SetLastRun(b.Context(), "maree", 1, start.Add(time.Hour)), store.ErrFenced)
	b.must(s.Release(b.Context(), "maree", 1)) // without effect
	acquire("a", 91*time.Second, 0)
	last(start)
	b.must(s.SetLastRun(b.Context(), "maree", 2, start.Add(time.Minute)))
	last(start.Add(time.Minute))
	b.must(s.Release(b.Context(), "maree", 2))
	b.must(s.Release(b.Context(), "maree", 2))
	acquire("a", 92*time.Second, 3)
	b.gives(s.SetLastRun(b.Context(), "maree", 2, start), store.ErrFenced)
	acquire("a", 200*time.Second, 4) // it slept itself: what it did meanwhile is fenced
	last(start.Add(time.Minute))
	if _, held, err := s.Acquire(b.Context(), "other", "b", start, time.Minute); err != nil || !held {
		b.Errorf("another name: %v, %v", held, err)
	}
}

// places: where a poller goes on is kept beside its owner, and set by that owner alone.
func places(b *bench) {
	s := b.s.Schedules()
	place := func(want string) {
		b.Helper()
		got, err := s.Place(b.Context(), "watch avvisi")
		b.must(err)
		equal(b, "place", got, want)
	}
	place("")
	b.gives(s.SetPlace(b.Context(), "watch avvisi", 0, "x"), store.ErrFenced)
	epoch, _, err := s.Acquire(b.Context(), "watch avvisi", "a", start, time.Minute)
	b.must(err)
	place("")
	large := `{"from":"7","seen":["` + strings.Repeat("à", 50_000) + `"]}`
	b.must(s.SetPlace(b.Context(), "watch avvisi", epoch, large))
	place(large)
	b.must(s.SetLastRun(b.Context(), "watch avvisi", epoch, start))
	b.reopen()
	s = b.s.Schedules()
	place(large)
	next, held, err := s.Acquire(b.Context(), "watch avvisi", "b", start.Add(2*time.Minute), time.Minute) // a slept
	b.must(err)
	equal(b, "held", held, true)
	b.gives(s.SetPlace(b.Context(), "watch avvisi", epoch, "old"), store.ErrFenced)
	place(large)
	b.must(s.SetPlace(b.Context(), "watch avvisi", next, ""))
	place("")
	last, err := s.LastRun(b.Context(), "watch avvisi")
	b.must(err)
	equal(b, "last run", last, start)
}

func oneAcquires(b *bench) {
	for round := range int64(5) {
		var holders, epoch atomic.Int64
		together(200, func(i int) {
			got, held, err := b.s.Schedules().Acquire(b.Context(), "s", fmt.Sprint(round, i), start.Add(time.Duration(round)*time.Hour), time.Minute)
			if err != nil {
				b.Error(err)
			}
			if held {
				holders.Add(1)
				epoch.Store(got)
			}
		})
		equal(b, "holders", holders.Load(), 1)
		equal(b, "epoch", epoch.Load(), round+1)
	}
}
