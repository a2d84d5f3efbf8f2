package policy

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

// TestMeter: each attempt is counted by how it ended and how long it took, each whole call that failed by its kind, in the windows of the
// moment and in all.
func TestMeter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := Merge(Set{Retry: &Retry{Attempts: 3, Backoff: spec.Span{From: time.Millisecond, To: time.Millisecond}}, Timeout: time.Minute, Attempt: 2 * time.Second}, Set{})
		meters := &Meters{}
		sh := NewShared("crm", set, nil, nil)
		sh.MeasuredBy(meters)
		op := &connectors.Operation{Name: "read", Effect: connectors.Read, Output: schema.TypeNull}
		var answers []func(ctx context.Context) error
		call := connectors.Call(func(ctx context.Context, _ schema.Value) (schema.Value, error) {
			next := answers[0]
			answers = answers[1:]
			return schema.Null, next(ctx)
		}).With(set.Policies(op, op.Output, sh)...)
		after := func(d time.Duration, err error) func(context.Context) error {
			return func(context.Context) error { time.Sleep(d); return err }
		}
		down := &connectors.Fault{System: "crm", Operation: "read", Kind: connectors.Unavailable, Status: 503}
		refused := &connectors.Fault{System: "crm", Operation: "read", Kind: connectors.Refused, Status: 422}
		ask := func(a ...func(context.Context) error) {
			answers = a
			_, _ = call(t.Context(), schema.Null)
		}
		ask(after(7*time.Millisecond, down), after(20*time.Millisecond, nil)) // a call that failed once is no fault
		ask(after(0, refused))
		hanging := func(ctx context.Context) error { // as protocols end when they are out of time
			<-ctx.Done()
			return &connectors.Fault{System: "crm", Operation: "read", Kind: connectors.Timeout, Err: ctx.Err()}
		}
		ask(hanging, hanging, hanging)
		time.Sleep(3 * time.Minute)
		ask(after(0, errors.New("none of a system")))

		m := meters.Of("crm", "read")
		if m != meters.List()[0] || len(meters.List()) != 1 {
			t.Fatal(meters.List())
		}
		got := m.Totals()
		if want := map[string]int64{"ok": 1, "unavailable": 1, "refused": 1, "timeout": 3, "failed": 1}; !maps.Equal(got.Attempts, want) {
			t.Errorf("found %v, expected %v", got.Attempts, want)
		}
		if want := map[string]int64{"refused": 1, "timeout": 1}; !maps.Equal(got.Faults, want) {
			t.Errorf("found %v, expected %v", got.Faults, want)
		}
		if got.Count != 7 || got.Sizes[.01] != 3 || got.Sizes[.025] != 4 || got.Sizes[2.5] != 7 || got.Seconds < 6 || got.Seconds > 6.1 {
			t.Errorf("%+v", got)
		}
		minutes, hour := m.Hour(time.Now())
		if hour.Attempts != 7 || minutes[59].Attempts != 1 || hour.Failed() != 6 || hour.FailedCalls != 2 || hour.Withheld != 0 ||
			!maps.Equal(hour.ByKind(), map[string]int64{"unavailable": 1, "refused": 1, "timeout": 3, "failed": 1}) {
			t.Errorf("%+v", hour)
		}
		if _, week := m.Week(time.Now()); week.Attempts != 7 {
			t.Errorf("%+v", week)
		}
		time.Sleep(61 * time.Minute)
		if _, hour = m.Hour(time.Now()); hour.Attempts != 0 {
			t.Errorf("an hour later: %+v", hour)
		}
		if _, week := m.Week(time.Now()); week.Attempts != 7 || week.ByKind()["refused"] != 1 {
			t.Errorf("an hour later: %+v", week)
		}
	})
}

// TestMeterWithheld: calls for which the system was not asked are counted apart, and never among attempts; one that was retried, and
// withheld in the end, was asked.
func TestMeterWithheld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := &connectors.Fault{System: "crm", Operation: "read", Kind: connectors.Unavailable, Status: 503}
		noted := &connectors.Fault{System: "state", Kind: connectors.Unavailable, Withheld: true}
		once := &Breaker{Failures: 1, Open: time.Hour}
		for name, c := range map[string]struct {
			set                               Set
			fault                             error
			calls                             int
			attempts, failed, whole, withheld int64
		}{
			"an open breaker":     {Set{Breaker: &Breaker{Failures: 7, Open: time.Hour}}, down, 11, 7, 7, 11, 4},
			"a retry":             {Set{Breaker: once, Retry: &Retry{Attempts: 3, Backoff: spec.Span{From: 1, To: 1}}}, down, 1, 1, 1, 1, 0},
			"a rate":              {Set{Rate: spec.Rate{Count: 1, Per: time.Hour}}, nil, 3, 1, 0, 2, 2},
			"what is not noted":   {Set{}, noted, 3, 0, 0, 3, 3},
			"whoever asked left":  {Set{}, context.Canceled, 2, 2, 0, 0, 0},
			"an error of our own": {Set{Breaker: &Breaker{Failures: 100, Open: time.Hour}}, errors.New("broken"), 2, 2, 2, 0, 0},
		} {
			set, meters := Merge(c.set, Set{}), &Meters{}
			sh := NewShared("crm", set, nil, nil)
			sh.MeasuredBy(meters)
			op := &connectors.Operation{Name: "read", Effect: connectors.Read, Output: schema.TypeNull}
			call := connectors.Call(func(context.Context, schema.Value) (schema.Value, error) {
				if f := connectors.AsFault(c.fault); f != nil {
					own := *f
					return schema.Null, &own
				}
				return schema.Null, c.fault
			}).With(set.Policies(op, op.Output, sh)...)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			for range c.calls {
				_, _ = call(ctx, schema.Null)
			}
			cancel()
			minutes, hour := meters.Of("crm", "read").Hour(time.Now())
			for _, s := range []Span{hour, minutes[59]} {
				if s.Attempts != c.attempts || s.Failed() != c.failed || s.FailedCalls != c.whole || s.Withheld != c.withheld {
					t.Errorf("%s: %d attempts, %d failed, %d calls failed, %d withheld; expected %d, %d, %d, %d", name, s.Attempts, s.Failed(),
						s.FailedCalls, s.Withheld, c.attempts, c.failed, c.whole, c.withheld)
				}
			}
		}
	})
}

// TestMeterQuantiles: within a size the attempts are taken to be spread evenly; beyond the last nothing is known but that.
func TestMeterQuantiles(t *testing.T) {
	m, now := &Meter{}, time.Now()
	for i := range 100 {
		m.attempt(now, time.Duration(i+1)*time.Millisecond, attemptOK)
	}
	_, sum := m.Hour(now)
	for q, want := range map[float64]time.Duration{.5: 50 * time.Millisecond, .95: 95 * time.Millisecond, .99: 99 * time.Millisecond} {
		if got, beyond := sum.Quantile(q); beyond || (got-want).Abs() > 2*time.Millisecond {
			t.Errorf("%v: found %s %t, expected about %s", q, got, beyond, want)
		}
	}
	m.attempt(now, 20*time.Second, attemptOK)
	_, sum = m.Hour(now)
	if got, beyond := sum.Quantile(1); !beyond || got != 10*time.Second {
		t.Errorf("found %s %t", got, beyond)
	}
	if got, beyond := (&Span{}).Quantile(.5); got != 0 || beyond {
		t.Errorf("of nothing: %s %t", got, beyond)
	}
}

// TestMeterMemory: an operation that was called in each minute of two weeks takes about 24 KB, one that was not called next to nothing.
func TestMeterMemory(t *testing.T) {
	const many = 200
	var before, after runtime.MemStats
	kept := make([]*Meter, many)
	measure := func(to *runtime.MemStats) {
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(to)
	}
	begin := time.Now()
	for _, c := range []struct{ minutes, most int }{{0, 700}, {14 * 24 * 60, 25_000}} {
		measure(&before)
		for i := range kept {
			m := &Meter{}
			for at := range c.minutes {
				if at < 60 || at >= c.minutes-170*60 {
					now := begin.Add(time.Duration(at) * time.Minute)
					m.attempt(now, time.Second, attemptOK)
					m.fault(now, connectors.Invalid, true)
				}
			}
			kept[i] = m
		}
		measure(&after)
		if each := int(after.HeapAlloc-before.HeapAlloc) / many; each > c.most {
			t.Errorf("after %d minutes: %d bytes an operation, expected %d at most", c.minutes, each, c.most)
		} else {
			t.Logf("after %d minutes: %d bytes an operation", c.minutes, each)
		}
		runtime.KeepAlive(kept)
		clear(kept)
	}
}

// TestMeterConcurrent: nothing that was counted at the same time is lost, but at the moment when a window is replaced.
func TestMeterConcurrent(t *testing.T) {
	m, now, done := &Meter{}, time.Now(), make(chan struct{})
	for range 8 {
		go func() {
			for range 1000 {
				m.attempt(now, time.Millisecond, attemptOK)
			}
			done <- struct{}{}
		}()
	}
	for range 8 {
		<-done
	}
	if _, sum := m.Hour(now); sum.Attempts != 8000 || m.Totals().Count != 8000 {
		t.Errorf("%+v %+v", sum, m.Totals())
	}
}

// BenchmarkMeter is what a call costs more by being measured.
func BenchmarkMeter(b *testing.B) {
	sh := NewShared("crm", Set{}, nil, nil)
	call := connectors.Call(func(context.Context, schema.Value) (schema.Value, error) { return schema.Null, nil }).
		With(sh.measured(&connectors.Operation{Name: "read"}))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = call(b.Context(), schema.Null)
	}
}
