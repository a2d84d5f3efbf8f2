package policy

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"fondaco/connectors"
	"fondaco/schema"

	"github.com/sony/gobreaker/v2"
)

// breaker opens after failures in a row. Safe for concurrent use.
type breaker struct {
	*gobreaker.CircuitBreaker[schema.Value]
	until atomic.Int64 // when it lets a call through again, in nanoseconds since 1970; 0 while it has never opened
}

func newBreaker(system string, b *Breaker) *breaker {
	out := &breaker{}
	out.CircuitBreaker = gobreaker.NewCircuitBreaker[schema.Value](gobreaker.Settings{
		Name: system, MaxRequests: 1, Timeout: b.Open,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= uint32(b.Failures) },
		IsSuccessful: healthy,
		IsExcluded:   silent,
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				out.until.Store(time.Now().Add(b.Open).UnixNano())
			}
		},
	})
	return out
}

// wait tells how long the system is left alone yet, in whole seconds and one at least: callers ask again after it.
func (b *breaker) wait() time.Duration {
	left := time.Until(time.Unix(0, b.until.Load()))
	return max((left + time.Second - 1).Truncate(time.Second), time.Second)
}

// healthy tells whether an outcome speaks for a system: it does when the system has answered sensibly, be it with a no.
func healthy(err error) bool {
	if err == nil {
		return true
	}
	f := connectors.AsFault(err)
	if f == nil {
		return false
	}
	switch f.Kind {
	case connectors.Unavailable, connectors.Timeout, connectors.Unknown, connectors.Invalid:
		return false
	}
	return true
}

// silent tells whether an outcome says nothing about a system: the caller went away, or had no time to begin with, or
// we did not let the call through.
func silent(err error) bool {
	var h *hurried
	return errors.Is(err, context.Canceled) || errors.Is(err, errFull) || errors.As(err, &h)
}

// hurried is a timeout of a call that had little time: callers choose their deadlines, and must not be able to open the
// breaker for the others.
type hurried struct{ error }

func (h *hurried) Unwrap() error { return h.error }

// enough is how much time a system is given at least, unless its own timeout is shorter, before its silence counts.
const enough = time.Second

// broken leaves a system alone while its breaker is open; allowed is how long one attempt may take.
func (sh *Shared) broken(op *connectors.Operation, allowed time.Duration) connectors.Policy {
	enough := min(enough, allowed/2)
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			v, err := sh.breaker.Execute(func() (schema.Value, error) {
				deadline, limited := ctx.Deadline()
				short := limited && time.Until(deadline) < enough
				v, err := next(ctx, in)
				if short && err != nil && ctx.Err() != nil {
					err = &hurried{err}
				}
				return v, err
			})
			if err == nil {
				return v, nil
			}
			var h *hurried
			switch {
			case errors.As(err, &h):
				return v, h.error
			case errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests):
				return v, &connectors.Fault{System: sh.system, Operation: op.Name, Kind: connectors.Unavailable, RetryAfter: sh.breaker.wait(), Err: errOpen}
			}
			return v, err
		}
	}
}

var errOpen = errors.New("the breaker is open")
