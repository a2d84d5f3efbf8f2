package policy

import (
	"context"
	"errors"

	"fondaco/connectors"
	"fondaco/schema"
)

// paced makes calls wait for their turn; one whose turn would come after its deadline fails at once.
func (sh *Shared) paced(op *connectors.Operation) connectors.Policy {
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			if err := sh.limiter.Wait(ctx); err != nil {
				return schema.Value{}, &connectors.Fault{System: sh.system, Operation: op.Name, Kind: connectors.Unavailable, Err: errors.Join(errPace, err)}
			}
			return next(ctx, in)
		}
	}
}

var errPace = errors.New("the system may not be called as often")
