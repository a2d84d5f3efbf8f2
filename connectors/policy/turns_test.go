package policy

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

// TestTurns: a breaker that opens is told once, with its cause, however often it opens again, and once more when it has closed.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := Merge(Set{Breaker: &Breaker{Failures: 2, Open: time.Minute}}, Set{})
		sh := NewShared("crm", set, nil, nil)
		var told []Turn
		sh.Turns(func(x Turn) { told = append(told, x) })
		op := &connectors.Operation{Name: "read", Effect: connectors.Read, Output: schema.TypeNull}
		down := true
		call := connectors.Call(func(context.Context, schema.Value) (schema.Value, error) {
			if down {
				return schema.Null, &connectors.Fault{System: "crm", Operation: "read", Kind: connectors.Unavailable, Status: 503, Sent: true}
			}
			return schema.Null, nil
		}).With(set.Policies(op, op.Output, sh)...)
		for range 3 { // it opens, and twice again after a call that tries
			for range 4 {
				_, _ = call(t.Context(), schema.Null)
			}
			time.Sleep(2 * time.Minute)
		}
		if len(told) != 1 || !told[0].Open || told[0].Operation != "read" || told[0].Cause.Kind != "unavailable" || told[0].Until.IsZero() {
			t.Fatalf("%+v", told)
		}
		down = false
		for range 3 {
			_, _ = call(t.Context(), schema.Null)
		}
		if want := (Turn{Operation: "read"}); len(told) != 2 || !slices.Contains(told, want) {
			t.Errorf("%+v", told)
		}
	})
}
