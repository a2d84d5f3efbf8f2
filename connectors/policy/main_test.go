package policy

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/schema"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script is a system that does what it is told, call by call; the last one is repeated.
type script struct {
	calls []func(ctx context.Context) (schema.Value, error)
	seen  int
}

func (s *script) call(ctx context.Context, _ schema.Value) (schema.Value, error) {
	s.seen++
	return s.calls[min(s.seen, len(s.calls))-1](ctx)
}

func gives(n int64) func(context.Context) (schema.Value, error) {
	return func(context.Context) (schema.Value, error) { return schema.Int(n), nil }
}

func fails(kind connectors.FaultKind, sent bool) func(context.Context) (schema.Value, error) {
	return func(context.Context) (schema.Value, error) { return schema.Value{}, fault(kind, sent) }
}

func fault(kind connectors.FaultKind, sent bool) *connectors.Fault {
	return &connectors.Fault{System: "s", Operation: "o", Kind: kind, Sent: sent, Err: errors.New("so it is")}
}

// hangs is a system that says nothing.
func hangs(ctx context.Context) (schema.Value, error) {
	<-ctx.Done()
	kind := connectors.Timeout
	if errors.Is(ctx.Err(), context.Canceled) {
		kind = connectors.Unavailable
	}
	return schema.Value{}, &connectors.Fault{System: "s", Operation: "o", Kind: kind, Sent: true, Err: ctx.Err()}
}

// under puts a system under policies.
func under(set Set, op *connectors.Operation, s *script) (*Shared, connectors.Call) {
	set = Merge(set, Set{})
	sh := NewShared("s", set, nil, nil)
	sh.chance = func() float64 { return 1 }
	return sh, connectors.Call(s.call).With(set.Policies(op, schema.TypeInt, sh)...)
}

func operation(e connectors.Effect) *connectors.Operation {
	return &connectors.Operation{Name: "o", Effect: e, Output: schema.TypeInt}
}

func told(v schema.Value, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(v.Int())
}

var background = context.Background()

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}
