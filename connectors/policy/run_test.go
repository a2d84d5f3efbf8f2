package policy

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

// on returns a context that calls on somebody's behalf.
func on(b connectors.Behalf) context.Context {
	return connectors.WithTrace(background, &connectors.Trace{Behalf: b})
}

func citizen(n int) context.Context {
	return on(connectors.BehalfOfSubject(fmt.Sprint("citizen ", n)))
}

func record(n int) context.Context {
	return on(connectors.BehalfOfMessage("", fmt.Sprint("message ", n), time.Time{}))
}

func at(address string) context.Context {
	return on(connectors.BehalfOfAddress(netip.MustParseAddr(address)))
}

func status(kind connectors.FaultKind, n int) error {
	f := fault(kind, true)
	f.Status = n
	return f
}

// system is one with several operations, each of which answers as its entry says.
type system struct {
	*Shared
	answers map[string]error
	seen    map[string]int
	set     Set
}

func newSystem(failures int) *system {
	set := Merge(Set{Timeout: time.Minute, Breaker: &Breaker{Failures: failures, Open: 10 * time.Second}}, Set{})
	return &system{Shared: NewShared("s", set, nil, nil), answers: map[string]error{}, seen: map[string]int{}, set: set}
}

func (s *system) ask(ctx context.Context, operation string) error {
	op := &connectors.Operation{Name: operation, Effect: connectors.Read, Output: schema.TypeInt}
	_, err := connectors.Call(func(context.Context, schema.Value) (schema.Value, error) {
		s.seen[operation]++
		if err := s.answers[operation]; err != nil {
			again := *connectors.AsFault(err)
			return schema.Value{}, &again
		}
		return schema.Int(1), nil
	}).With(s.set.Policies(op, schema.TypeInt, s.Shared)...)(ctx, schema.Null)
	return err
}

// TestOneOperation: the breaker of an operation that is down opens, however often the others answer in between, and the
// others go on to be called; it closes when the operation is back.
func TestOneOperation(t *testing.T) {
	for name, down := range map[string]error{
		"503": status(connectors.Unavailable, 503), "502": status(connectors.Unavailable, 502), "429": status(connectors.Unavailable, 429),
		"500": status(connectors.Unavailable, 500), "reset": fault(connectors.Unavailable, true),
		"500 of a call that happens once": status(connectors.Unknown, 500),
		"no fit":                          status(connectors.Invalid, 200), "no answer": fault(connectors.Timeout, true),
	} {
		for _, between := range []bool{true, false} {
			t.Run(fmt.Sprint(name, between), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newSystem(3)
					s.answers["bad"] = down
					for i := range 10 {
						_ = s.ask(record(i), "bad")
						if between {
							if err := s.ask(record(i), "good"); err != nil {
								t.Fatal(err)
							}
						}
					}
					f := connectors.AsFault(s.ask(record(11), "bad"))
					if s.seen["bad"] != 3 || f == nil || f.Kind != connectors.Unavailable || !f.Withheld || f.Whole || f.RetryAfter != 10*time.Second {
						t.Errorf("%d calls, %+v", s.seen["bad"], f)
					}
					if err := s.ask(record(0), "good"); err != nil {
						t.Errorf("the other operation: %v", err)
					}
					time.Sleep(10*time.Second + 1)
					delete(s.answers, "bad")
					for i := range 2 {
						if err := s.ask(record(i), "bad"); err != nil {
							t.Error(err)
						}
					}
				})
			})
		}
	}
}

// TestWholeSystem: a system that cannot be reached, or several operations of which fail in a row, is left alone whole.
func TestWholeSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(4)
		s.answers["a"] = fault(connectors.Unavailable, false)
		for i := range 4 {
			_ = s.ask(record(i), "a")
		}
		if f := connectors.AsFault(s.ask(record(9), "b")); f == nil || !f.Whole {
			t.Errorf("unreached: %+v", f)
		}
		s = newSystem(4)
		s.answers["a"], s.answers["b"] = status(connectors.Unavailable, 503), status(connectors.Unavailable, 500)
		for i, op := range []string{"a", "b", "a", "b"} {
			_ = s.ask(record(i), op)
		}
		if f := connectors.AsFault(s.ask(record(9), "c")); f == nil || !f.Whole {
			t.Errorf("two operations: %+v", f)
		}
		time.Sleep(10*time.Second + 1)
		_ = s.ask(record(1), "b") // the operation that failed last says nothing new of the system
		if err := s.ask(record(9), "c"); err != nil {
			t.Errorf("the system is back: %v", err)
		}
	})
}

// TestOneRecord: what may be one caller's own fault opens no breaker, however often it comes; when different callers meet
// it in a row it does.
func TestOneRecord(t *testing.T) {
	failures := map[string]error{
		"401": status(connectors.Unavailable, 401), "403": status(connectors.Unavailable, 403), "500": status(connectors.Unavailable, 500),
		"no fit": status(connectors.Invalid, 200), "500 of a call that happens once": status(connectors.Unknown, 500),
		"fault": status(connectors.Unavailable, 200),
	}
	for name, failing := range failures {
		for who, caller := range map[string]func(n int) context.Context{
			"citizens": citizen, "messages": record, "addresses": func(n int) context.Context { return at(fmt.Sprint("192.0.2.", n)) },
			"key": func(n int) context.Context {
				return on(connectors.BehalfOfMessage(fmt.Sprint("key ", n), "any", time.Time{}))
			},
		} {
			t.Run(name+" of "+who, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newSystem(3)
					s.answers["o"] = failing
					for range 50 {
						_ = s.ask(caller(1), "o")
					}
					_ = s.ask(caller(2), "o")
					if s.seen["o"] != 51 {
						t.Fatalf("%d of 51 calls came through", s.seen["o"])
					}
					_, _ = s.ask(caller(3), "o"), s.ask(caller(4), "o")
					if s.seen["o"] != 52 {
						t.Errorf("three callers in a row: %d calls", s.seen["o"])
					}
					time.Sleep(10*time.Second + 1)
					_ = s.ask(caller(3), "o") // whose failure opened it: nothing new
					delete(s.answers, "o")
					if err := s.ask(caller(5), "o"); err != nil {
						t.Errorf("one caller keeps it open: %v", err)
					}
				})
			})
		}
	}
	for who, x := range map[string]struct {
		ctx  context.Context
		open bool
	}{"citizen": {citizen(1), false}, "message": {record(1), false}, "address": {at("192.0.2.1"), true}} {
		s := newSystem(3)
		s.answers["o"] = fault(connectors.Timeout, true)
		for range 5 {
			_ = s.ask(x.ctx, "o")
		}
		if (s.seen["o"] == 3) != x.open {
			t.Errorf("time-outs of one %s: %d calls", who, s.seen["o"])
		}
	}
}

// TestOthers: a failure is its caller's own when the operation has answered another well since the caller's last one, or
// since its message began to wait; a caller's own good answers, and failures of others, say nothing.
func TestOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(100)
		ask := func(n int, good bool) bool {
			time.Sleep(time.Second)
			s.answers["o"] = status(connectors.Unavailable, 500)
			if good {
				delete(s.answers, "o")
			}
			f := connectors.AsFault(s.ask(record(n), "o"))
			return f != nil && f.Others
		}
		for i, x := range []struct {
			record     int
			good, want bool
		}{
			{1, false, false},
			{1, false, false},
			{1, true, false},
			{1, false, false}, // its own
			{2, true, false},
			{1, false, true},
			{1, false, false}, // once since the last
			{3, false, false},
			{1, false, false}, // 3 was not answered
			{2, true, false},
			{1, true, false},
			{1, true, false},
			{1, false, true},
			{3, false, true},
			{4, false, false},
		} {
			if got := ask(x.record, x.good); got != x.want {
				t.Errorf("%d: %v, expected %v", i, got, x.want)
			}
		}
		since := time.Now()
		ask(5, true)
		s.answers["o"] = status(connectors.Unavailable, 403)
		waits := on(connectors.BehalfOfMessage("", "known to another process", since))
		if f := connectors.AsFault(s.ask(waits, "o")); !f.Others {
			t.Error("a message that waits from before")
		}
		s.answers["o"] = status(connectors.Unavailable, 503)
		ask(5, true)
		s.answers["o"] = status(connectors.Unavailable, 503)
		if f := connectors.AsFault(s.ask(waits, "o")); f.Others {
			t.Error("a 503 is nobody's own")
		}
	})
}
