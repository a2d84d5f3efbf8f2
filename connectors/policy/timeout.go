package policy

import (
	"context"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

// timeout ends a call after a while, or with its caller's deadline if that is earlier. Nothing starts after it.
func timeout(d time.Duration) connectors.Policy {
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			ctx, cancel := context.WithTimeout(ctx, d)
			defer cancel()
			if err := ctx.Err(); err != nil {
				return schema.Value{}, &connectors.Fault{Kind: connectors.Timeout, Err: err}
			}
			return next(ctx, in)
		}
	}
}
