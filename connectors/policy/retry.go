package policy

import (
	"context"
	"errors"
	"sync"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

// The budget of retries of a system: each call adds a tenth, each retry takes one. However long a system is down, it
// gets at most a fifth more calls than it would without retries, once a hundred were made.
const (
	budgetStart = 10
	budgetShare = 0.1
	budgetMost  = 20
)

type budget struct {
	mu     sync.Mutex
	tokens float64
}

func (b *budget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+budgetShare, budgetMost)
}

func (b *budget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// repeatable reports whether a call that ended with a fault may be sent again.
func repeatable(op *connectors.Operation, f *connectors.Fault) bool {
	switch {
	case f == nil:
		return false
	case !f.Sent && (f.Kind == connectors.Unavailable || f.Kind == connectors.Timeout):
		return true // the system has not seen it
	case op.Effect == connectors.Once && !op.Key:
		return false
	}
	return f.Kind == connectors.Unavailable || f.Kind == connectors.Timeout || f.Kind == connectors.Unknown && op.Key
}

// retry sends a call again as long as that is safe, worth while before the deadline, and within the budget.
func (sh *Shared) retry(op *connectors.Operation, r Retry) connectors.Policy {
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			sh.budget.earn()
			pause := r.Backoff.From
			for attempt := 1; ; attempt++ {
				v, err := next(ctx, in)
				if err == nil {
					return v, nil
				}
				f := connectors.AsFault(err)
				if attempt >= r.Attempts || !repeatable(op, f) || ctx.Err() != nil || f.Withheld || errors.Is(f.Err, errFull) {
					return v, err
				}
				wait := pause/2 + time.Duration(sh.chance()*float64(pause-pause/2)) // chance takes up to half of it away
				if f.RetryAfter > 0 {
					wait = f.RetryAfter
				}
				if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
					return v, err
				}
				if !sh.budget.spend() {
					return v, err
				}
				timer := time.NewTimer(wait)
				select {
				case <-timer.C:
				case <-ctx.Done():
					timer.Stop()
					return v, err
				}
				pause = min(2*pause, max(r.Backoff.To, r.Backoff.From))
			}
		}
	}
}
