package store

import (
	"context"
	"time"
)

// Cache keeps values that can be had again. It may lose any of them at any moment, so it has no errors: what cannot be
// got is absent. Safe for concurrent use.
type Cache interface {
	// Get returns the value kept under the key, which the caller does not change.
	Get(ctx context.Context, key string) (value []byte, found bool)
	// Set keeps the value, which nobody changes afterwards, for at most ttl.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration)
	// Delete forgets the key, as far as the cache can be reached.
	Delete(ctx context.Context, key string)
}

// Limiter counts requests against rates (GCRA: evenly spaced, with a burst). Safe for concurrent use.
type Limiter interface {
	// Allow takes one request of the key against the rate, if it may go. A key with another rate is another key.
	Allow(ctx context.Context, key string, r Rate) Verdict
}

// Rate is how many requests may go in a time; Burst of them at once, all of them if Burst is 0.
type Rate struct {
	Count int
	Per   time.Duration
	Burst int
}

// Spacing returns the time between two requests, and the span that those that may go at once fill.
func (r Rate) Spacing() (each, span time.Duration) {
	count, burst := max(r.Count, 1), r.Burst
	if burst <= 0 {
		burst = count
	}
	each = max(r.Per/time.Duration(count), time.Microsecond)
	return each, each * time.Duration(burst)
}

// Verdict is what a rate means for a request that was let go or not, when requests fill the time from now to ahead.
func (r Rate) Verdict(ok bool, ahead time.Duration) Verdict {
	each, span := r.Spacing()
	v := Verdict{OK: ok, Remaining: int(max(span-ahead, 0) / each), Reset: max(ahead, 0)}
	if !ok {
		v.Remaining, v.After = 0, max(ahead+each-span, 0)
	}
	return v
}

// Verdict is whether a request may go.
type Verdict struct {
	OK        bool
	Remaining int           // how many more may go at once
	After     time.Duration // when the next may go, if not OK
	Reset     time.Duration // when all of the burst may go again
}
