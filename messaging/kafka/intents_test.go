package kafka

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fondaco/messaging/kafka/kafkatest"
	"fondaco/store"
	"fondaco/store/sqlite"
	"github.com/IBM/sarama"
)

// intending opens a process's view of the intents on a node, with a state of its own.
func intending(t testing.TB, o Options) (*Broker, *intents) {
	t.Helper()
	state, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), sqlite.Options{Project: "city"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	b, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b, b.Intents(state.Intents()).(*intents)
}

// begins begins a call until the cluster can be asked.
func begins(t testing.TB, n store.Intents, exchange, step string) error {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; <-time.After(50 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		err := n.Begin(ctx, store.Intent{Exchange: exchange, Step: step, Operation: "registry.enter", At: time.Now()})
		cancel()
		if !errors.Is(err, store.ErrIO) || time.Now().After(end) {
			return err
		}
		if err := n.Release(t.Context(), exchange, step); err != nil && !errors.Is(err, store.ErrIO) {
			t.Fatal(err)
		}
	}
}

// found reports whether a call is known, within the time that it takes for another's records to arrive.
func found(t *testing.T, n store.Intents, exchange, step string, want bool) {
	t.Helper()
	var i store.Intent
	var err error
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-time.After(20 * time.Millisecond) {
		if i, err = n.Find(t.Context(), exchange, step); (err == nil) == want && (want || errors.Is(err, store.ErrAbsent)) {
			return
		}
	}
	t.Fatalf("%s %s: %+v, %v; expected known %v", exchange, step, i, err, want)
}

// TestIntentsAreShared: of two processes that begin the same call at the same time one may make it, whichever way it goes;
// what one has begun the other knows, also one that comes later; what is taken back or forgotten, on whichever of them, may be
// begun again; what has
// ended is known for a while; what is in one process alone is not shared.
func TestIntentsAreShared(t *testing.T) {
	o := options(kafkatest.New(t))
	o.Project = "city"
	first, one := intending(t, o)
	_, two := intending(t, o)
	if err := begins(t, one, "e0", "1"); err != nil {
		t.Fatal(err)
	}
	if err := first.write(t.Context(), &sarama.ProducerMessage{
		Topic: one.log.topic, Key: sarama.StringEncoder("somebody's"),
		Value: sarama.StringEncoder("else"),
	}); err != nil {
		t.Fatal(err)
	}
	const calls = 40
	var wait sync.WaitGroup
	var won [2][calls]error
	for i := range calls {
		for p, n := range []*intents{one, two} {
			wait.Go(func() { won[p][i] = begins(t, n, fmt.Sprint("both", i), "1") })
		}
	}
	wait.Wait()
	for i := range calls {
		a, b := won[0][i], won[1][i]
		if (a == nil) == (b == nil) || a != nil && !errors.Is(a, store.ErrBegun) || b != nil && !errors.Is(b, store.ErrBegun) {
			t.Errorf("call %d: %v, %v; expected that one of the two may make it", i, a, b)
		}
	}
	found(t, two, "e0", "1", true)
	found(t, two, "e0", "2", false)
	if err := begins(t, two, "e0", "1"); !errors.Is(err, store.ErrBegun) {
		t.Errorf("begun by another: %v", err)
	}
	if err := one.Release(t.Context(), "e0", "1"); err != nil {
		t.Fatal(err)
	}
	found(t, one, "e0", "1", false)
	if err := begins(t, two, "e1", "1"); err != nil {
		t.Fatal(err)
	}
	_, three := intending(t, o) // a process that comes later
	if err := begins(t, three, "e1", "1"); !errors.Is(err, store.ErrBegun) {
		t.Errorf("begun before it came: %v", err)
	}
	if err := three.Forget(t.Context(), "e1"); err != nil {
		t.Fatal(err)
	}
	if err := begins(t, three, "e1", "1"); err != nil {
		t.Errorf("after it was forgotten: %v", err)
	}
	if err := begins(t, one, "e2", "1"); err != nil {
		t.Fatal(err)
	}
	if err := one.End(t.Context(), "e2", "never begun"); err != nil {
		t.Fatal(err)
	}
	if any, err := two.Any(t.Context(), "e2"); !any || err != nil {
		t.Errorf("ended a moment ago: %v, %v", any, err)
	}
	gone := 0
	// once it has read its own word
	for end := time.Now().Add(time.Minute); gone == 0 && time.Now().Before(end); <-time.After(20 * time.Millisecond) {
		gone = len(one.log.sweep(time.Now().Add(2 * intentEnded)))
	}
	if gone != 1 {
		t.Errorf("%d notes are to be removed, expected one", gone)
	}
	if err := begins(t, one, "e4", "1"); err != nil {
		t.Fatal(err)
	}
	if err := two.Forget(t.Context(), "e4"); err != nil { // an operator's word, on a process that has not begun it
		t.Fatal(err)
	}
	if any, err := one.Any(t.Context(), "e4"); any || err != nil {
		t.Errorf("forgotten there, begun here: %v, %v", any, err)
	}
	found(t, one, "e4", "1", false)
	if err := begins(t, one, "e4", "1"); err != nil {
		t.Errorf("after it was forgotten there: %v", err)
	}
	found(t, one, "e4", "1", true)
	found(t, two, "e4", "1", true)
	if err := begins(t, one, store.LocalExchange+"e3", "1"); err != nil {
		t.Fatal(err)
	}
	if any, err := two.Any(t.Context(), store.LocalExchange+"e3"); any || err != nil {
		t.Errorf("of another process alone: %v, %v", any, err)
	}
}

// BenchmarkIntent is the price of a call that is noted in the topic: noted, and its work ended.
func BenchmarkIntent(b *testing.B) {
	o := options(kafkatest.New(b))
	o.Project = "city"
	_, n := intending(b, o)
	if err := begins(b, n, "before", "1"); err != nil {
		b.Fatal(err)
	}
	for _, beside := range []int{1, 64} {
		b.Run(fmt.Sprint(beside), func(b *testing.B) {
			var next sync.Mutex
			i := 0
			var wait sync.WaitGroup
			for range beside {
				wait.Go(func() {
					for {
						next.Lock()
						i++
						mine := i
						next.Unlock()
						if mine > b.N {
							return
						}
						e := fmt.Sprint(b.Name(), b.N, "-", mine)
						if err := n.Begin(b.Context(), store.Intent{Exchange: e, Step: "1", Operation: "registry.enter", At: time.Now()}); err != nil {
							b.Error(err)
						}
						if err := n.End(b.Context(), e); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wait.Wait()
		})
	}
}
