package policy

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

func thrice() Set {
	return Set{Timeout: time.Minute, Retry: &Retry{Attempts: 3, Backoff: spec.Span{From: time.Second, To: 1500 * time.Millisecond}}}
}

// TestRetrySafety: what happens each time it is called is never sent again once it may have arrived.
func TestRetrySafety(t *testing.T) {
	for _, c := range []struct {
		kind             connectors.FaultKind
		sent             bool
		once, keyed, any int // calls of an operation that is once, once with a key, idempotent or a read
	}{
		{connectors.Unavailable, false, 3, 3, 3},
		{connectors.Timeout, false, 3, 3, 3},
		{connectors.Unavailable, true, 1, 3, 3},
		{connectors.Timeout, true, 1, 3, 3},
		{connectors.Unknown, true, 1, 3, 1},
		{connectors.Invalid, true, 1, 1, 1},
		{connectors.Refused, true, 1, 1, 1},
		{connectors.NotFound, true, 1, 1, 1},
		{connectors.Conflict, true, 1, 1, 1},
	} {
		keyed := operation(connectors.Once)
		keyed.Key = true
		for op, want := range map[*connectors.Operation]int{
			operation(connectors.Once): c.once, keyed: c.keyed,
			operation(connectors.Idempotent): c.any, operation(connectors.Read): c.any,
		} {
			synctest.Test(t, func(t *testing.T) {
				s := &script{calls: []func(context.Context) (schema.Value, error){fails(c.kind, c.sent)}}
				_, call := under(thrice(), op, s)
				_, err := call(background, schema.Null)
				if f := connectors.AsFault(err); f == nil || f.Kind != c.kind || s.seen != want {
					t.Errorf("%s sent=%t, %s key=%t: %d calls, %v; expected %d", c.kind, c.sent, op.Effect, op.Key, s.seen, err, want)
				}
			})
		}
	}
}

// TestPauses: they double up to the longest, or are what the system asks for.
func TestPauses(t *testing.T) {
	asked := fault(connectors.Unavailable, true)
	asked.RetryAfter = 7 * time.Second
	for _, c := range []struct {
		name string
		f    *connectors.Fault
		want time.Duration
	}{
		{"doubled", fault(connectors.Unavailable, true), 2500 * time.Millisecond},
		{"asked for", asked, 14 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			fail := func(context.Context) (schema.Value, error) { return schema.Value{}, c.f }
			s := &script{calls: []func(context.Context) (schema.Value, error){fail, fail, gives(5)}}
			_, call := under(thrice(), operation(connectors.Read), s)
			began := time.Now()
			if got := told(call(background, schema.Null)); got != "5" || time.Since(began) != c.want {
				t.Errorf("%s: %s after %s, expected %s", c.name, got, time.Since(began), c.want)
			}
		})
	}
}

// TestJitter: chance takes up to half of a pause away.
func TestJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{calls: []func(context.Context) (schema.Value, error){fails(connectors.Unavailable, true), gives(5)}}
		sh, call := under(thrice(), operation(connectors.Read), s)
		sh.chance = func() float64 { return 0.25 }
		began := time.Now()
		if got := told(call(background, schema.Null)); got != "5" || time.Since(began) != 625*time.Millisecond {
			t.Errorf("%s after %s", got, time.Since(began))
		}
	})
}

// TestNoPauseBeyondTheDeadline: a pause that the deadline would cut short is not begun.
func TestNoPauseBeyondTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{calls: []func(context.Context) (schema.Value, error){fails(connectors.Unavailable, true)}}
		_, call := under(thrice(), operation(connectors.Read), s)
		began := time.Now()
		_, err := call(within(t, 1500*time.Millisecond), schema.Null)
		if err == nil || s.seen != 2 || time.Since(began) != time.Second {
			t.Errorf("%d calls, %s, %v", s.seen, time.Since(began), err)
		}
	})
}

// TestCancelEndsThePause: a caller that goes away is not waited for.
func TestCancelEndsThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{calls: []func(context.Context) (schema.Value, error){fails(connectors.Unavailable, true)}}
		_, call := under(thrice(), operation(connectors.Read), s)
		ctx, cancel := context.WithCancel(background)
		time.AfterFunc(10*time.Millisecond, cancel)
		began := time.Now()
		_, err := call(ctx, schema.Null)
		if err == nil || s.seen != 1 || time.Since(began) != 10*time.Millisecond {
			t.Errorf("%d calls, %s, %v", s.seen, time.Since(began), err)
		}
	})
}

// TestBudget: a system that is down gets at most a fifth more calls than without retries.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{calls: []func(context.Context) (schema.Value, error){fails(connectors.Unavailable, true)}}
		set := thrice()
		set.Breaker = &Breaker{Failures: 1 << 30, Open: time.Second}
		_, call := under(set, operation(connectors.Read), s)
		const calls = 1000
		for range calls {
			_, _ = call(background, schema.Null)
		}
		if most := calls * 6 / 5; s.seen > most || s.seen < calls*11/10 {
			t.Errorf("%d calls led to %d, at most %d are allowed", calls, s.seen, most)
		}
	})
}

// TestAttemptTimeout: one attempt that hangs leaves time for another; all end by the timeout.
func TestAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{calls: []func(context.Context) (schema.Value, error){hangs, gives(5)}}
		set := thrice()
		set.Attempt = 2 * time.Second
		_, call := under(set, operation(connectors.Read), s)
		began := time.Now()
		if got := told(call(background, schema.Null)); got != "5" || time.Since(began) != 3*time.Second {
			t.Errorf("%s after %s", got, time.Since(began))
		}
		s.calls, set.Timeout = s.calls[:1], 5*time.Second
		_, call = under(set, operation(connectors.Read), s)
		began = time.Now()
		got := told(call(background, schema.Null))
		if got != "s.o: timeout: context deadline exceeded" || time.Since(began) != 5*time.Second {
			t.Errorf("%s after %s", got, time.Since(began))
		}
	})
}

// TestNothingStartsAfterTheDeadline.
func TestNothingStartsAfterTheDeadline(t *testing.T) {
	s := &script{calls: []func(context.Context) (schema.Value, error){gives(5)}}
	_, call := under(thrice(), operation(connectors.Read), s)
	ctx, cancel := context.WithDeadline(background, time.Now().Add(-time.Second))
	defer cancel()
	if got := told(call(ctx, schema.Null)); got != "s.o: timeout: context deadline exceeded" || s.seen != 0 {
		t.Errorf("%s, %d calls", got, s.seen)
	}
}
