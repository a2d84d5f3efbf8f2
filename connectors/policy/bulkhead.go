package policy

import (
	"context"
	"errors"

	"fondaco/connectors"
	"fondaco/schema"
)

// bulkhead lets a number of calls be under way at once; others wait until their deadline.
func (sh *Shared) bulkhead(op *connectors.Operation) connectors.Policy {
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			select {
			case sh.slots <- struct{}{}:
			default:
				select {
				case sh.slots <- struct{}{}:
				case <-ctx.Done():
					return schema.Value{}, &connectors.Fault{System: sh.system, Operation: op.Name, Kind: connectors.Unavailable, Err: errors.Join(errFull, ctx.Err())}
				}
			}
			defer func() { <-sh.slots }()
			return next(ctx, in)
		}
	}
}

var errFull = errors.New("too many calls are under way")
