package storetest

import (
	"time"

	"fondaco/store"
)

// Whoever slept past a lease and wakes is refused, whatever it believed to hold: another has taken over, and what that does stands.
func sleptPastItsLease(b *bench) {
	const lease = 30 * time.Second
	s, c, awake := b.s.Schedules(), b.s.Collections(), start.Add(lease)
	first, held, err := s.Acquire(b.Context(), "s", "sleeper", start, lease)
	b.must(err)
	equal(b, "held", held, true)
	_, err = c.Add(b.Context(), "r", "k", "m", "", []byte("body"), start, start)
	b.must(err)
	due, err := c.Due(b.Context(), start, 1)
	b.must(err)
	equal(b, "due", len(due), 1)
	taken, err := c.Take(b.Context(), due[0].ID, start, lease)
	b.must(err)
	key := store.Claim{Scope: "s", Key: "k", Lease: lease, Keep: time.Hour}
	equal(b, "the key", b.reserve(key, 0).State, store.Reserved)

	// Just before, all of it is the sleeper's.
	_, held, err = s.Acquire(b.Context(), "s", "other", awake.Add(-time.Microsecond), time.Minute)
	b.must(err)
	equal(b, "held by another within the lease", held, false)
	_, err = c.Take(b.Context(), taken.ID, awake.Add(-time.Microsecond), time.Minute)
	b.gives(err, store.ErrFenced)
	equal(b, "the key within the lease", b.reserve(key, lease-time.Microsecond).State, store.Running)

	second, held, err := s.Acquire(b.Context(), "s", "other", awake, time.Minute)
	b.must(err)
	equal(b, "taken over", held, true)
	equal(b, "the epoch", second, first+1)
	again, err := c.Take(b.Context(), taken.ID, awake, time.Minute)
	b.must(err)
	equal(b, "the bodies", bodies(again), "body")
	equal(b, "the key after the lease", b.reserve(key, lease).State, store.Unknown)

	// It wakes.
	b.gives(s.SetLastRun(b.Context(), "s", first, start), store.ErrFenced)
	b.gives(c.Finish(b.Context(), taken.Token, awake), store.ErrFenced)
	b.must(s.Release(b.Context(), "s", first))
	_, held, err = s.Acquire(b.Context(), "s", "sleeper", awake, time.Minute)
	b.must(err)
	equal(b, "held by who slept", held, false)

	b.must(s.SetLastRun(b.Context(), "s", second, awake))
	b.must(c.Finish(b.Context(), again.Token, awake))
	last, err := s.LastRun(b.Context(), "s")
	b.must(err)
	equal(b, "the last run", last, awake)
}
