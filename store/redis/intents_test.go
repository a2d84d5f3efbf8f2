package redis

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"fondaco/store"
)

// What one process has begun another knows, until it is known to have had no effect, or an operator says so on any of them; what
// has ended is
// known for a while. While the server is away nothing is begun, and what the process itself has begun is known.
func TestIntents(t *testing.T) {
	n := start(t)
	at := time.Date(2026, 3, 29, 1, 59, 59, 123456000, time.UTC)
	node := func() store.Intents {
		s := open(t, filepath.Join(t.TempDir(), "state.db"), store.Limits{})
		c, err := Open(Options{URL: "redis://127.0.0.1:" + n.port, Project: t.Name(), Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = errors.Join(s.Close(), c.Close()) })
		return c.Intents(s.Intents())
	}
	one, two := node(), node()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	known := func(i store.Intents, exchange, step string) bool {
		t.Helper()
		got, err := i.Find(t.Context(), exchange, step)
		if errors.Is(err, store.ErrAbsent) {
			return false
		}
		must(err)
		if want := (store.Intent{Exchange: exchange, Step: step, Operation: "a registry.register", At: at}); got != want {
			t.Errorf("%+v, expected %+v", got, want)
		}
		return true
	}
	expect := func(what string, i store.Intents, exchange string, first, second bool) {
		t.Helper()
		any, err := i.Any(t.Context(), exchange)
		must(err)
		if a, b := known(i, exchange, "1"), known(i, exchange, "2"); a != first || b != second || any != (first || second) {
			t.Errorf("%s: %t, %t, any %t; expected %t, %t", what, a, b, any, first, second)
		}
	}
	begin := func(i store.Intents, exchange, step string) error {
		return i.Begin(t.Context(), store.Intent{Exchange: exchange, Step: step, Operation: "a registry.register", At: at})
	}
	for _, exchange := range []string{"e", "f"} {
		must(begin(one, exchange, "1"))
		must(begin(one, exchange, "2"))
	}
	expect("begun here", one, "e", true, true)
	expect("begun there", two, "e", true, true)
	expect("another exchange", two, "g", false, false)
	must(two.Release(t.Context(), "e", "2"))
	expect("released there", two, "e", true, false)
	must(one.End(t.Context(), "e", "g"))
	expect("ended there a moment ago", two, "e", true, false)
	must(two.Forget(t.Context(), "f", "nobody's"))
	expect("forgotten", two, "f", false, false)
	expect("forgotten there, begun here", one, "f", false, false)
	must(begin(one, "f", "2"))
	expect("begun again", one, "f", false, true)
	expect("begun again there", two, "f", false, true)
	must(two.End(t.Context()))

	must(begin(one, "h", "1"))
	n.kill()
	if err := begin(one, "h", "2"); !errors.Is(err, store.ErrIO) {
		t.Errorf("a call is begun while nobody can be asked: %v", err)
	}
	if _, err := two.Find(t.Context(), "h", "1"); !errors.Is(err, store.ErrIO) {
		t.Errorf("nobody can be asked: %v", err)
	}
	if !known(one, "h", "1") {
		t.Error("what the process itself has begun is not known")
	}
	if err := two.Forget(t.Context(), "h"); !errors.Is(err, store.ErrIO) {
		t.Errorf("forgotten, though nobody can be told: %v", err)
	}
}
