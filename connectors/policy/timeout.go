package policy

import (
	"context"
	"errors"
	"time"

	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

// defaultTimeout is how long a call may take when nothing is said.
const defaultTimeout = 10 * time.Second

var timeoutPart = part{
	name: "timeout", ofCalls: true,
	fields: func(s *Set, o *spec.Object) {
		o.Duration("timeout", &s.Timeout).At(&s.TimeoutAt).Within(time.Millisecond, time.Hour).
			Doc("How long the call may take, retries included.")
	},
	said:    func(s *Set) bool { return s.Timeout > 0 },
	take:    func(s, call *Set) { s.Timeout = call.Timeout },
	assume:  func(s *Set) { s.Timeout = defaultTimeout },
	setting: func(s *Set) string { return spec.Short(s.Timeout) },
	wrap:    func(s *Set, c called, sh *Shared) connectors.Policy { return sh.timeout(c.op, s.Timeout) },
}

// timeout ends a call after a while, or with its caller's deadline if that is earlier. Nothing starts after it.
func (sh *Shared) timeout(op *connectors.Operation, d time.Duration) connectors.Policy {
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			ctx, cancel := context.WithTimeout(ctx, d)
			defer cancel()
			if err := ctx.Err(); err != nil {
				return schema.Value{}, sh.ended(op, err)
			}
			return next(ctx, in)
		}
	}
}

// ended returns the fault of a call that the context's end has kept from starting, or from being waited for.
func (sh *Shared) ended(op *connectors.Operation, err error) *connectors.Fault {
	kind := connectors.Timeout
	if errors.Is(err, context.Canceled) {
		kind = connectors.Unavailable
	}
	return &connectors.Fault{System: sh.system, Operation: op.Name, Kind: kind, Err: err}
}
