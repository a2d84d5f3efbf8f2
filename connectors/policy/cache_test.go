package policy

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// remember makes a cache that ends with the test.
func remember(t *testing.T, bytes int64) Cache {
	t.Helper()
	c := NewMemory(bytes)
	t.Cleanup(func() { _ = c.(io.Closer).Close() })
	return c
}

// kept puts a system under a cache of an hour, and sh's other policies.
func kept(t *testing.T, k Keep, system connectors.Call) connectors.Call {
	t.Helper()
	cache := remember(t, 1<<20)
	set := Merge(Set{Cache: &k, Timeout: time.Minute}, Set{})
	op := operation(connectors.Read)
	return system.With(set.Policies(op, op.Output, NewShared("s", set, cache, nil))...)
}

// TestStampede: of a hundred that ask the same at once, one asks the system.
func TestStampede(t *testing.T) {
	var calls atomic.Int32
	gate := make(chan struct{})
	call := kept(t, Keep{TTL: time.Hour}, func(_ context.Context, in schema.Value) (schema.Value, error) {
		calls.Add(1)
		<-gate
		return in, nil
	})
	var ready, wait sync.WaitGroup
	for range 100 {
		ready.Add(1)
		wait.Go(func() {
			ready.Done()
			if got := told(call(background, schema.Int(7))); got != "7" {
				t.Error(got)
			}
		})
	}
	ready.Wait()
	close(gate)
	wait.Wait()
	if got := told(call(background, schema.Int(8))); got != "8" {
		t.Errorf("another input: %s", got)
	}
	if n := calls.Load(); n != 2 {
		t.Errorf("%d calls of 2 inputs", n)
	}
}

// later is a clock that shows how long after a certain moment it is.
func later(by *time.Duration) config.Clock {
	began := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	return func() time.Time { return began.Add(*by) }
}

// TestStale: an answer that is too old stands in when the system fails, not when it says no.
func TestStale(t *testing.T) {
	for name, c := range map[string]struct {
		stale  time.Duration
		answer func(context.Context) (schema.Value, error)
		want   string
	}{
		"down":        {time.Hour, fails(connectors.Unavailable, true), "1"},
		"garbage":     {time.Hour, fails(connectors.Invalid, true), "1"},
		"no":          {time.Hour, fails(connectors.NotFound, true), "s.o: not-found: so it is"},
		"not allowed": {0, fails(connectors.Unavailable, true), "s.o: unavailable: so it is"},
		"up again":    {time.Hour, gives(2), "2"},
		"panics":      {0, func(context.Context) (schema.Value, error) { panic("x") }, "s.o: unavailable: the call broke down"},
	} {
		var by time.Duration
		set := Merge(Set{Cache: &Keep{TTL: time.Minute, Stale: c.stale}}, Set{})
		s := &script{calls: []func(context.Context) (schema.Value, error){gives(1), c.answer}}
		op := operation(connectors.Read)
		call := connectors.Call(s.call).With(set.Policies(op, op.Output, NewShared("s", set, remember(t, 1<<20), later(&by)))...)
		for _, by = range []time.Duration{0, 59 * time.Second} {
			if told(call(background, schema.Null)) != "1" || s.seen != 1 {
				t.Errorf("%s: fresh: asked %d times", name, s.seen)
			}
		}
		by = 61 * time.Second
		if got := told(call(background, schema.Null)); got != c.want || s.seen != 2 {
			t.Errorf("%s: found %s, expected %s", name, got, c.want)
		}
	}
}

// TestStands: each answer that stands in is told, with when it was given; that it is the first of several, and that it is over, once.
func TestStands(t *testing.T) {
	var by time.Duration
	set := Merge(Set{Cache: &Keep{TTL: time.Minute, Stale: time.Hour}}, Set{})
	down := fails(connectors.Unavailable, true)
	s := &script{calls: []func(context.Context) (schema.Value, error){gives(1), down, down, gives(2), down}}
	op := operation(connectors.Read)
	shared := NewShared("s", set, remember(t, 1<<20), later(&by))
	var seen []string
	shared.Stands(func(x Standing) {
		if !x.Ended && (x.Since.IsZero() || x.Err == nil) {
			t.Errorf("told %+v", x)
		}
		seen = append(seen, fmt.Sprintf("%s began %v ended %v", x.Operation, x.Began, x.Ended))
	})
	call := connectors.Call(s.call).With(set.Policies(op, op.Output, shared)...)
	for i, want := range []string{"1", "1", "1", "2", "2"} {
		if got := told(call(background, schema.Null)); got != want {
			t.Errorf("call %d: found %s, expected %s", i, got, want)
		}
		by += 2 * time.Minute
	}
	want := []string{"o began true ended false", "o began false ended false", "o began false ended true", "o began true ended false"}
	if !slices.Equal(seen, want) {
		t.Errorf("found %q, expected %q", seen, want)
	}
}

// TestFailuresAreNotKept.
func TestFailuresAreNotKept(t *testing.T) {
	s := &script{calls: []func(context.Context) (schema.Value, error){fails(connectors.NotFound, true), gives(1)}}
	call := kept(t, Keep{TTL: time.Hour}, s.call)
	if got := told(call(background, schema.Null)); got != "s.o: not-found: so it is" {
		t.Error(got)
	}
	if got := told(call(background, schema.Null)); got != "1" {
		t.Error(got)
	}
}

// TestNobodyWaits: one that goes away does not end the call for the others; when all have gone it ends.
func TestNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g flights
		answer, calls := make(chan struct{}), 0
		call := func(ctx context.Context) (schema.Value, error) {
			calls++
			select {
			case <-answer:
				return schema.Int(1), nil
			case <-ctx.Done():
				return schema.Value{}, ctx.Err()
			}
		}
		start := func() (goAway context.CancelFunc, got chan string) {
			ctx, cancel := context.WithCancel(background)
			got = make(chan string, 1)
			go func() { got <- told(g.do(ctx, "k", call)) }()
			synctest.Wait()
			return cancel, got
		}
		oneGoes, one := start()
		twoGoes, two := start()
		defer twoGoes()
		oneGoes()
		if got := <-one; got != "context canceled" || calls != 1 || len(g.all) != 1 {
			t.Errorf("%s, %d calls, %d under way", got, calls, len(g.all))
		}
		close(answer)
		if got := <-two; got != "1" {
			t.Errorf("who stayed got %s", got)
		}
		answer = make(chan struct{})
		threeGoes, three := start()
		threeGoes()
		got := <-three
		synctest.Wait() // the bubble would not end if the call went on
		if got != "context canceled" || calls != 2 || len(g.all) != 0 {
			t.Errorf("%s, %d calls, %d under way", got, calls, len(g.all))
		}
	})
}

// TestGoneFromTheCache: who goes away gets a fault.
func TestGoneFromTheCache(t *testing.T) {
	call := kept(t, Keep{TTL: time.Hour}, func(ctx context.Context, _ schema.Value) (schema.Value, error) { return hangs(ctx) })
	if got := told(call(within(t, time.Millisecond), schema.Null)); got != "s.o: timeout: context deadline exceeded" {
		t.Error(got)
	}
}

// TestKeptApart: what is kept holds on to no message.
func TestKeptApart(t *testing.T) {
	typ := (&schema.Type{Kind: schema.KindRecord, Fields: []schema.Field{
		{Name: "nome", Type: schema.TypeText, Required: true},
		{Name: "importo", Type: schema.TypeDecimal, Required: true},
		{Name: "righe", Type: &schema.Type{Kind: schema.KindList, Elem: schema.TypeText}, Required: true},
	}}).Seal()
	message := []byte(`{"nome":"Rio Terà","importo":10.50,"righe":["a","bb"]}`)
	const want = `{"nome":"Rio Terà","importo":10.50,"righe":["a","bb"]}`
	v, err := codec.CompileJSON(typ, codec.JSONOptions{}).Decode(message)
	if err != nil {
		t.Fatal(err)
	}
	cache := remember(t, 1<<20)
	cache.Set("k", v, time.Now(), time.Hour)
	copy(message, strings.Repeat("#", len(message)))
	got, _, ok := cache.Get("k")
	if !ok || string(codec.AppendJSON(nil, got)) != want {
		t.Errorf("found %s, expected %s", codec.AppendJSON(nil, got), want)
	}
}

// TestMemoryIsBounded: a cache holds about as much as it may.
func TestMemoryIsBounded(t *testing.T) {
	cache := remember(t, 100_000)
	for i := range 5000 {
		cache.Set(fmt.Sprint(i), schema.Text(strings.Repeat("x", 1000)), time.Now(), time.Hour)
	}
	m := cache.(*memory)
	m.entries.CleanUp()
	if n := m.entries.WeightedSize(); n > 100_000 {
		t.Errorf("%d bytes are kept", n)
	}
}
