package policy

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

const open = "s.o: unavailable: the breaker is open"

// TestBreaker: it opens after failures in a row, lets one call try again, and closes when that goes well.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fail := fails(connectors.Unavailable, true)
		s := &script{calls: []func(context.Context) (schema.Value, error){
			fail, fail, gives(1), fail, fail, fail, // three in a row: open
			fail,               // the first that tries again
			gives(2), gives(3), // the second
		}}
		_, call := under(Set{Timeout: time.Minute, Breaker: &Breaker{Failures: 3, Open: 10 * time.Second}}, operation(connectors.Read), s)
		down := "s.o: unavailable: so it is"
		for i, want := range []string{down, down, "1", down, down, down, open, open, "wait", down, open, "wait", "2", "3"} {
			if want == "wait" {
				time.Sleep(10*time.Second + 1) // the bubble's clock
				continue
			}
			if got := told(call(background, schema.Null)); got != want {
				t.Errorf("%d: found %s, expected %s", i, got, want)
			}
		}
		if s.seen != 9 {
			t.Errorf("the system has seen %d calls", s.seen)
		}
	})
}

// TestOneProbe: of the many that come when a breaker has been open long enough, one gets through.
func TestOneProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		seen, refused := 0, 0
		sh := NewShared("s", Set{Breaker: &Breaker{Failures: 1, Open: time.Second}}, nil, nil)
		system := func(ctx context.Context, _ schema.Value) (schema.Value, error) {
			mu.Lock()
			seen++
			first := seen == 1
			mu.Unlock()
			time.Sleep(time.Second)
			if first {
				return fails(connectors.Unavailable, true)(ctx)
			}
			return schema.Int(1), nil
		}
		call := connectors.Call(system).With(sh.broken(operation(connectors.Read), time.Minute))
		_, _ = call(background, schema.Null)
		time.Sleep(time.Second + 1)
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() {
				if told(call(background, schema.Null)) == open {
					mu.Lock()
					refused++
					mu.Unlock()
				}
			})
		}
		wait.Wait()
		if seen != 2 || refused != 49 {
			t.Errorf("%d calls, %d refused", seen, refused)
		}
	})
}

// TestNotTheSystemsFault: a no of the system, a caller that went away, and one that gave no time do not open it.
func TestNotTheSystemsFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			answer  func(context.Context) (schema.Value, error)
			patient time.Duration // how long the caller waits
			gone    time.Duration // when it goes away
			open    bool
		}{
			"not found":    {answer: fails(connectors.NotFound, true), patient: time.Hour},
			"refused":      {answer: fails(connectors.Refused, true), patient: time.Hour},
			"conflict":     {answer: fails(connectors.Conflict, true), patient: time.Hour},
			"in a hurry":   {answer: hangs, patient: time.Millisecond},
			"gone":         {answer: hangs, patient: time.Hour, gone: time.Millisecond},
			"hangs":        {answer: hangs, patient: time.Hour, open: true},
			"hangs for 2s": {answer: hangs, patient: 2 * time.Second, open: true},
			"garbage":      {answer: fails(connectors.Invalid, true), patient: time.Hour, open: true},
		} {
			s := &script{calls: []func(context.Context) (schema.Value, error){c.answer}}
			_, call := under(Set{Timeout: time.Minute, Breaker: &Breaker{Failures: 2, Open: time.Hour}}, operation(connectors.Read), s)
			for range 2 {
				ctx, cancel := context.WithTimeout(background, c.patient)
				if c.gone > 0 {
					time.AfterFunc(c.gone, cancel)
				}
				_, err := call(ctx, schema.Null)
				cancel()
				var h *hurried
				if connectors.AsFault(err) == nil || errors.As(err, &h) {
					t.Errorf("%s: %v is no plain fault", name, err)
				}
			}
			ctx, cancel := context.WithTimeout(background, time.Second)
			if got := told(call(ctx, schema.Null)); (got == open) != c.open {
				t.Errorf("%s: %s", name, got)
			}
			cancel()
		}
	})
}

// TestOpenIsNotRetried: there is no use in asking a breaker again and again.
func TestOpenIsNotRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{calls: []func(context.Context) (schema.Value, error){fails(connectors.Unavailable, true)}}
		set := thrice()
		set.Breaker = &Breaker{Failures: 1, Open: time.Minute}
		_, call := under(set, operation(connectors.Read), s)
		began := time.Now()
		if got := told(call(background, schema.Null)); got != open || s.seen != 1 || time.Since(began) != time.Second {
			t.Errorf("%s after %s, %d calls", got, time.Since(began), s.seen)
		}
	})
}
