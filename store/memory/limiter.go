// Package memory keeps what may be lost in this process, within bounds: counts of callers, and marks of what may come once.
package memory

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"fondaco/store"
)

// Limiter is a store.Limiter of this process. It follows the monotonic clock: a jump of the wall clock lets nobody in or
// out.
type Limiter struct {
	start  time.Time
	filled *otter.Cache[limited, *atomic.Int64] // the time up to which requests fill a rate, in nanoseconds since start
}

type limited struct {
	key  string
	rate store.Rate
}

// NewLimiter returns a limiter that remembers that many keys; those used least are forgotten first.
func NewLimiter(keys int) (*Limiter, error) {
	if keys <= 0 {
		return nil, fmt.Errorf("a limiter remembers some keys; this one %d", keys)
	}
	filled, err := otter.New(&otter.Options[limited, *atomic.Int64]{MaximumSize: keys})
	return &Limiter{time.Now(), filled}, err
}

// Allow takes one request against the rate.
func (l *Limiter) Allow(_ context.Context, key string, r store.Rate) store.Verdict {
	k := limited{key, r}
	filled, found := l.filled.GetIfPresent(k)
	if !found {
		filled, _ = l.filled.SetIfAbsent(k, new(atomic.Int64))
	}
	each, span := r.Spacing()
	for {
		now := time.Since(l.start)
		old := filled.Load()
		until := max(time.Duration(old), now)
		if until+each-now > span {
			return r.Verdict(false, until-now)
		}
		if filled.CompareAndSwap(old, int64(until+each)) {
			return r.Verdict(true, until+each-now)
		}
	}
}

var _ store.Limiter = (*Limiter)(nil)
