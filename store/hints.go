package store

import (
	"context"
	"time"
)

// Cache keeps values that can be had again. It may lose any of them at any moment, so it has no errors: what cannot be
// got is absent. Safe for concurrent use.
type Cache interface {
	// Get gives the value kept under the key, which the caller does not change.
	Get(ctx context.Context, key string) (value []byte, found bool)
	// Set keeps the value, which nobody changes afterwards, for at most ttl.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration)
	// Delete forgets the key, as far as the cache can be reached.
	Delete(ctx context.Context, key string)
}

// Limiter counts requests against rates (GCRA: evenly spaced, with a burst). Safe for concurrent use.
type Limiter interface {
	// Allow takes one request of the key against the rate, if it may go.
	Allow(ctx context.Context, key string, r Rate) Verdict
}

// Rate is how many requests may go in a time; Burst of them at once, all of them if Burst is 0.
type Rate struct {
	Count int
	Per   time.Duration
	Burst int
}

// Spacing gives the time between two requests and the number that may go at once.
func (r Rate) Spacing() (each time.Duration, burst int) {
	burst = r.Burst
	if burst <= 0 {
		burst = max(r.Count, 1)
	}
	return max(r.Per/time.Duration(max(r.Count, 1)), time.Microsecond), burst
}

// Verdict is whether a request may go.
type Verdict struct {
	OK        bool
	Remaining int           // how many more may go at once
	After     time.Duration // when the next may go, if not OK
	Reset     time.Duration // when all of the burst may go again
}
