package policy

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"

	"github.com/sony/gobreaker/v2"
)

// Breaker says when a system, or an operation of it, is left alone.
type Breaker struct {
	Failures int           // in a row
	Open     time.Duration // how long it is left alone then
}

func defaultBreaker() *Breaker { return &Breaker{Failures: 5, Open: 10 * time.Second} }

var breakerPart = part{
	name: "breaker",
	fields: func(s *Set, o *spec.Object) {
		o.Object("breaker", func(o *spec.Object) {
			s.Breaker = defaultBreaker()
			o.Int("failures", &s.Breaker.Failures).Range(1, 1000).Default("5").Doc("After how many failures in a row an operation is left alone, " +
				"or the whole system where it cannot be reached or several operations fail. " +
				"A 500, 401, 403 and an answer that does not fit count once for each message or caller.")
			o.Duration("open", &s.Breaker.Open).Within(time.Millisecond, time.Hour).Default("10s").
				Doc("How long it is left alone, before one call tries again.")
		}).Doc("When the system, or an operation of it, is left alone.")
	},
	said:   func(s *Set) bool { return s.Breaker != nil },
	assume: func(s *Set) { s.Breaker = defaultBreaker() },
	setting: func(s *Set) string {
		return fmt.Sprintf("opens for %s after %d failures in a row", spec.Short(s.Breaker.Open), s.Breaker.Failures)
	},
	wrap: func(s *Set, c called, sh *Shared) connectors.Policy {
		allowed := s.Timeout // to one attempt
		if s.Attempt > 0 {
			allowed = min(s.Attempt, allowed)
		}
		return sh.broken(c.op, allowed)
	},
}

// breaker opens after failures in a row, as its run counts them. Safe for concurrent use.
type breaker struct {
	*gobreaker.CircuitBreaker[schema.Value]
	until atomic.Int64 // when it lets a call through again, in nanoseconds since 1970; 0 while it has never opened
	since atomic.Int64 // when it opened after it was closed, in nanoseconds since 1970; 0 while it is closed
	cause atomic.Pointer[Cause]
	turn  func(Turn) // told when it opens or closes; it does not ask the breaker, which is locked then
}

// newBreaker returns the breaker of a system, or of one of its operations. All of a run happens under the lock of the
// circuit breaker, which is what calls it.
func newBreaker(name string, b *Breaker, whole bool) *breaker {
	out := &breaker{}
	r := run{whole: whole}
	half := false
	out.CircuitBreaker = gobreaker.NewCircuitBreaker[schema.Value](gobreaker.Settings{
		Name: name, MaxRequests: 1, Timeout: b.Open,
		ReadyToTrip: func(gobreaker.Counts) bool { return r.length() >= b.Failures },
		IsSuccessful: func(err error) bool {
			if healthy(err) {
				r.end()
				return true
			}
			r.add(err)
			return false
		},
		IsExcluded: func(err error) bool {
			return silent(err) || half && !healthy(err) && r.repeats(err)
		},
		OnStateChange: func(_ string, _, to gobreaker.State) {
			half = to == gobreaker.StateHalfOpen
			switch to {
			case gobreaker.StateOpen:
				out.opened(time.Now(), b.Open, r.last)
				r.end()
			case gobreaker.StateClosed:
				if out.since.Swap(0) != 0 && out.turn != nil {
					out.turn(Turn{})
				}
			}
		},
	})
	return out
}

// wait reports how long the system is left alone yet, in whole seconds and one at least: callers ask again after it.
func (b *breaker) wait() time.Duration {
	left := time.Until(time.Unix(0, b.until.Load()))
	return max((left + time.Second - 1).Truncate(time.Second), time.Second)
}

// healthy reports whether an outcome speaks for a system: it does when the system has answered sensibly, be it with a no.
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

// silent reports whether an outcome says nothing about a system: the caller went away, or had no time to begin with, or
// we did not let the call through.
func silent(err error) bool {
	if err == nil {
		return false
	}
	var h *hurried
	if f := connectors.AsFault(err); f != nil && f.Withheld {
		return true
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, errFull) || errors.Is(err, errOpen) || errors.As(err, &h)
}

// hurried is a timeout of a call that had little time: callers choose their deadlines, and must not be able to open the
// breaker for the others.
type hurried struct{ error }

func (h *hurried) Unwrap() error { return h.error }

// enough is how much time a system is given at least, unless its own timeout is shorter, before its silence counts.
const enough = time.Second

// broken leaves an operation alone while its breaker is open, or that of its system; allowed is how long one attempt may
// take.
func (sh *Shared) broken(op *connectors.Operation, allowed time.Duration) connectors.Policy {
	enough := min(enough, allowed/2)
	own := sh.health(op.Name).breaker
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			attempt := func() (schema.Value, error) {
				deadline, limited := ctx.Deadline()
				short := limited && time.Until(deadline) < enough
				v, err := next(ctx, in)
				switch {
				case err == nil:
					return v, nil
				case short && ctx.Err() != nil:
					return v, &hurried{err}
				}
				return v, &failure{err, op.Name, connectors.BehalfOf(ctx)}
			}
			v, err := own.Execute(func() (schema.Value, error) {
				v, err := sh.breaker.Execute(attempt)
				return v, sh.left(op, err, sh.breaker, true)
			})
			return v, bare(sh.left(op, err, own, false))
		}
	}
}

// left returns the fault of a call that a breaker did not let through; every other outcome stays as it is.
func (sh *Shared) left(op *connectors.Operation, err error, b *breaker, whole bool) error {
	if !errors.Is(err, gobreaker.ErrOpenState) && !errors.Is(err, gobreaker.ErrTooManyRequests) {
		return err
	}
	return &connectors.Fault{
		System: sh.system, Operation: op.Name, Kind: connectors.Unavailable, RetryAfter: b.wait(), Withheld: true,
		Whole: whole, Err: errOpen,
	}
}

// bare returns an outcome without what the breakers noted of it.
func bare(err error) error {
	var h *hurried
	var f *failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &h):
		return h.error
	case errors.As(err, &f):
		return f.error
	}
	return err
}

var errOpen = errors.New("the breaker is open")
