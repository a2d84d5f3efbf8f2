package storetest

import (
	"context"
	"sync/atomic"
	"time"

	"fondaco/store"
)

func (b *bench) take(scope, key string, until, now time.Duration) bool {
	b.Helper()
	first, err := b.s.Replays().Take(b.Context(), scope, key, start.Add(until), start.Add(now))
	b.must(err)
	return first
}

// A key is taken once within its time, in its scope, also over a restart.
func takes(b *bench) {
	equal(b, "a new key", b.take("s", "key", 5*time.Minute, 0), true)
	equal(b, "again", b.take("s", "key", 5*time.Minute, time.Second), false)
	equal(b, "again, to be remembered longer", b.take("s", "key", time.Hour, time.Second), false)
	equal(b, "the same letters, parted elsewhere", b.take("sk", "ey", 5*time.Minute, 0), true)
	equal(b, "octets that are no text", b.take("s", "\xff\x00\n", 5*time.Minute, 0), true)
	equal(b, "an empty key", b.take("s", "", 5*time.Minute, 0), true)
	b.reopen()
	equal(b, "after a restart", b.take("s", "key", 5*time.Minute, 2*time.Minute), false)
	equal(b, "octets after a restart", b.take("s", "\xff\x00\n", 5*time.Minute, 0), false)
	equal(b, "just before its time is over", b.take("s", "key", 10*time.Minute, 5*time.Minute-time.Microsecond), false)
	equal(b, "when its time is over", b.take("s", "key", 10*time.Minute, 5*time.Minute), true)
	equal(b, "and again", b.take("s", "key", 10*time.Minute, 6*time.Minute), false)
}

// What is over is removed, what is not stays.
func takesEnd(b *bench) {
	for _, key := range []string{"a", "b", "c"} {
		b.take("s", key, time.Minute, 0)
	}
	b.take("s", "long", time.Hour, 0)
	swept, err := b.s.Sweep(b.Context(), start.Add(time.Minute))
	b.must(err)
	equal(b, "swept", swept, store.Swept{Replays: 3})
	equal(b, "what was swept", b.take("s", "a", time.Hour, time.Minute), true)
	equal(b, "what was not", b.take("s", "long", time.Hour, time.Minute), false)
}

// Of 200 callers at the same time, one is the first.
func oneTakes(b *bench) {
	for _, key := range []string{"a", "b", "c"} {
		var first atomic.Int64
		together(200, func(int) {
			took, err := b.s.Replays().Take(b.Context(), "s", key, start.Add(time.Minute), start)
			if err != nil {
				b.Error(err)
			}
			if took {
				first.Add(1)
			}
		})
		equal(b, "first", first.Load(), 1)
	}
}

// A key of a caller who is gone is not said to be the first.
func takesEnded(b *bench) {
	ctx, end := context.WithCancel(b.Context())
	end()
	first, err := b.s.Replays().Take(ctx, "s", "key", start.Add(time.Minute), start)
	b.gives(err, context.Canceled)
	equal(b, "first", first, false)
}
