package policy

import (
	"context"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

// TestCacheForCaller: what a system has answered to one caller's token is kept for that token alone, and without one nothing is.
func TestCacheForCaller(t *testing.T) {
	k := Keep{TTL: time.Hour}
	set := Merge(Set{Cache: &k, Timeout: time.Minute}, Set{})
	op := operation(connectors.Read)
	op.ForCaller = true
	calls := 0
	call := connectors.Call(func(ctx context.Context, _ schema.Value) (schema.Value, error) {
		calls++
		token, _ := connectors.CallerTokenOf(ctx)
		return schema.Int(int64(len(token.Secret()))), nil
	}).With(set.Policies(op, op.Output, NewShared("s", set, remember(t, 1<<20), nil))...)
	anna, bruno := connectors.WithCallerToken(background, "anna"), connectors.WithCallerToken(background, "bruno")
	for i, x := range []struct {
		ctx   context.Context
		want  string
		calls int
	}{{anna, "4", 1}, {bruno, "5", 2}, {anna, "4", 2}, {bruno, "5", 2}, {background, "0", 3}, {background, "0", 4}} {
		if got := told(call(x.ctx, schema.Int(7))); got != x.want || calls != x.calls {
			t.Errorf("%d: found %s after %d calls, expected %s after %d", i, got, calls, x.want, x.calls)
		}
	}
}
