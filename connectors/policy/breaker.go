package policy

import (
	"context"
	"errors"

	"fondaco/connectors"
	"fondaco/schema"

	"github.com/sony/gobreaker/v2"
)

func newBreaker(system string, b *Breaker) *gobreaker.CircuitBreaker[schema.Value] {
	return gobreaker.NewCircuitBreaker[schema.Value](gobreaker.Settings{
		Name: system, MaxRequests: 1, Timeout: b.Open,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= uint32(b.Failures) },
		IsSuccessful: healthy,
	})
}

// healthy tells whether an outcome speaks for a system: it does when the system has answered sensibly, be it with a no.
func healthy(err error) bool {
	f := connectors.AsFault(err)
	if f == nil {
		return err == nil || errors.Is(err, context.Canceled)
	}
	switch f.Kind {
	case connectors.Unavailable, connectors.Timeout, connectors.Unknown, connectors.Invalid:
		return errors.Is(f.Err, context.Canceled)
	}
	return true
}

// broken leaves a system alone while its breaker is open.
func (sh *Shared) broken(op *connectors.Operation) connectors.Policy {
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			v, err := sh.breaker.Execute(func() (schema.Value, error) { return next(ctx, in) })
			if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
				return v, &connectors.Fault{System: sh.system, Operation: op.Name, Kind: connectors.Unavailable, Err: errOpen}
			}
			return v, err
		}
	}
}

var errOpen = errors.New("the breaker is open")
