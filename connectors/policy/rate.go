package policy

import (
	"context"
	"errors"
	"fmt"

	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

var ratePart = part{
	name: "rate",
	fields: func(s *Set, o *spec.Object) {
		o.Rate("rate", &s.Rate).Doc("How often the system may be called, as 100/s.")
	},
	said: func(s *Set) bool { return !s.Rate.IsZero() },
	setting: func(s *Set) string {
		if s.Rate.IsZero() {
			return ""
		}
		return fmt.Sprintf("%d per %s", s.Rate.Count, spec.Short(s.Rate.Per))
	},
	wrap: func(_ *Set, c called, sh *Shared) connectors.Policy {
		if sh.limiter == nil {
			return nil
		}
		return sh.paced(c.op)
	},
}

// paced makes calls wait for their turn; one whose turn would come after its deadline fails at once.
func (sh *Shared) paced(op *connectors.Operation) connectors.Policy {
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			if err := sh.limiter.Wait(ctx); err != nil {
				return schema.Value{}, &connectors.Fault{
					System: sh.system, Operation: op.Name, Kind: connectors.Unavailable,
					Err: errors.Join(errPace, err),
				}
			}
			return next(ctx, in)
		}
	}
}

var errPace = errors.New("the system may not be called as often")
