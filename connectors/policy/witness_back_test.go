package policy

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"fondaco/connectors"
	"fondaco/schema"
)

// TestAnswered: the first good answer since a system or an operation was away is told, once, and good answers of others say
// nothing of an operation that alone is away.
func TestAnswered(t *testing.T) {
	sh := NewShared("crm", Set{}, nil, nil)
	var told []string
	sh.Answered(func(on string) { told = append(told, on) })
	call := func(operation string, end error) {
		witnessed := connectors.Call(func(context.Context, schema.Value) (schema.Value, error) { return schema.Value{}, end }).
			With(sh.witness(&connectors.Operation{Name: operation}))
		_, _ = witnessed(context.Background(), schema.Value{})
	}
	fault := func(operation string, status int) error {
		return fmt.Errorf("step: %w", &connectors.Fault{
			System: "crm", Operation: operation, Kind: connectors.Unavailable, Status: status,
			Sent: status > 0,
		})
	}
	for _, x := range []struct {
		operation string
		end       error
		want      []string
	}{
		{"create", nil, nil},
		{"create", fault("create", 503), nil},
		{"create", fault("create", 503), nil},
		{"find", nil, nil},
		{"create", nil, []string{"crm.create"}},
		{"create", nil, nil},
		{"create", fault("create", 500), nil},
		{"create", nil, nil},
		{"create", fault("create", 0), nil},
		{"find", nil, []string{"crm"}},
		{"create", nil, nil},
	} {
		told = nil
		if call(x.operation, x.end); !slices.Equal(told, x.want) {
			t.Errorf("%s, %v: told %v, expected %v", x.operation, x.end, told, x.want)
		}
	}
}
