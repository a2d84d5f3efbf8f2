package policy

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

// TestBulkhead: a system that hangs holds its own slots and a few that wait; another system does not notice.
func TestBulkhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slots = 3
		var under, most, refused, late atomic.Int32
		sh := NewShared("s", Set{Concurrency: slots}, nil, nil)
		system := func(ctx context.Context, _ schema.Value) (schema.Value, error) {
			if n := under.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer under.Add(-1)
			return hangs(ctx)
		}
		call := connectors.Call(system).With(sh.bulkhead(operation(connectors.Read)))
		ctx := within(t, time.Second)
		var wait sync.WaitGroup
		for range slots + queue + 7 {
			wait.Go(func() {
				switch got := told(call(ctx, schema.Null)); got {
				case "s.o: unavailable: too many calls are under way\nand too many wait":
					refused.Add(1)
				case "s.o: unavailable: too many calls are under way\ncontext deadline exceeded":
					late.Add(1)
				case "s.o: timeout: context deadline exceeded":
				default:
					t.Error(got)
				}
			})
		}
		synctest.Wait()
		other := NewShared("other", Set{Concurrency: slots}, nil, nil)
		healthy := connectors.Call((&script{calls: []func(context.Context) (schema.Value, error){gives(1)}}).call).
			With(other.bulkhead(operation(connectors.Read)))
		if got := told(healthy(background, schema.Null)); got != "1" {
			t.Errorf("another system: %s", got)
		}
		wait.Wait()
		// A slot that a call leaves at the deadline may still be taken, by a call that then fails as late.
		if most.Load() != slots || refused.Load() != 7 || late.Load() > queue {
			t.Errorf("%d at once, %d refused, %d late", most.Load(), refused.Load(), late.Load())
		}
		if got := len(sh.slots); got != 0 || sh.waiting.Load() != 0 {
			t.Errorf("%d slots are held, %d wait", got, sh.waiting.Load())
		}
	})
}

// TestSlotsComeBack also when a call panics.
func TestSlotsComeBack(t *testing.T) {
	sh := NewShared("s", Set{Concurrency: 1}, nil, nil)
	call := connectors.Call(func(context.Context, schema.Value) (schema.Value, error) { panic("x") }).
		With(sh.bulkhead(operation(connectors.Read)))
	for range 3 {
		func() {
			defer func() { _ = recover() }()
			_, _ = call(within(t, time.Second), schema.Null)
		}()
	}
	if len(sh.slots) != 0 {
		t.Error("a slot is lost")
	}
}

// TestRate: calls wait for their turn; one whose turn would come too late fails at once.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{calls: []func(context.Context) (schema.Value, error){gives(1)}}
		_, call := under(Set{Rate: spec.Rate{Count: 2, Per: time.Second}}, operation(connectors.Read), s)
		began := time.Now()
		for range 6 {
			if got := told(call(background, schema.Null)); got != "1" {
				t.Error(got)
			}
		}
		if took := time.Since(began).Round(time.Millisecond); took != 2*time.Second {
			t.Errorf("6 calls at 2/s took %s", took)
		}
		began = time.Now()
		got := told(call(within(t, 100*time.Millisecond), schema.Null))
		want := "s.o: unavailable: the system may not be called as often\nrate: Wait(n=1) would exceed context deadline"
		if got != want || time.Since(began) != 0 || s.seen != 6 {
			t.Errorf("%s after %s", got, time.Since(began))
		}
	})
}
