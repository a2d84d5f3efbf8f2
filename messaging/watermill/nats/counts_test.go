package nats

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fondaco/messaging"
	"fondaco/messaging/watermill/nats/natstest"
)

// TestAccount: each group's account, what is removed once all have finished it, a group under another name, one that is forgotten, and a
// topic that is cleared.
func TestAccount(t *testing.T) {
	o := options(natstest.New(t))
	o.Sweep = 20 * time.Millisecond
	b := opened(t, o)
	until(t, "the broker is well", func() bool { return b.Health() == nil })
	keep := func(readers ...messaging.Reader) {
		if err := b.Keep(messaging.Kept{Topic: "requests", Readers: readers}); err != nil {
			t.Fatal(err)
		}
	}
	keep(messaging.Reader{Group: "one"}, messaging.Reader{Group: "two"})
	for n := range 5 {
		if err := messaging.Publish(t.Context(), b, "requests", event(n)); err != nil {
			t.Fatal(err)
		}
	}
	keep(messaging.Reader{Group: "late", From: messaging.Now})
	counted := func(want map[string][3]int64) {
		t.Helper()
		var counts []messaging.Count
		var err error
		defer func() {
			if t.Failed() {
				t.Logf("the account is %+v, %v; expected %v", counts, err, want)
			}
		}()
		until(t, "the account is right", func() bool {
			counts, err = b.Counts(t.Context())
			if err != nil || len(counts) != len(want) {
				return false
			}
			for _, c := range counts {
				if c.Topic != "requests" || want[c.Group] != [3]int64{c.Accepted, c.Finished, c.Waiting} || (c.Waiting > 0) == c.Oldest.IsZero() {
					return false
				}
			}
			return true
		})
	}
	counted(map[string][3]int64{"one": {5, 0, 5}, "two": {5, 0, 5}, "late": {0, 0, 0}})
	one := subscribed(t, b, "requests", "one", messaging.Options{Serial: true})
	for n := range 4 {
		e, m := next(t, one)
		if m.ID != event(n).ID {
			t.Errorf("%s came to a serial reader, expected %d", m.ID, n)
		}
		messaging.Ack(e)
	}
	two := subscribed(t, b, "requests", "two", messaging.Options{Serial: true})
	for range 2 {
		e, _ := next(t, two)
		messaging.Ack(e)
	}
	counted(map[string][3]int64{"one": {5, 4, 1}, "two": {5, 2, 3}, "late": {0, 0, 0}})
	stored := func(want uint64) {
		t.Helper()
		until(t, "what all have finished is removed, and nothing else", func() bool {
			s, err := b.js.Stream(t.Context(), "requests")
			return err == nil && s.CachedInfo().State.Msgs == want
		})
	}
	stored(3)
	keep(messaging.Reader{Group: "three", Also: []string{"late"}})
	counted(map[string][3]int64{"one": {5, 4, 1}, "two": {5, 2, 3}, "three": {0, 0, 0}})
	// Whoever still reads has its place made again, which the broker may be at just now.
	until(t, "the stream is gone", func() bool {
		for _, group := range []string{"one", "two", "three"} {
			if err := b.Forget(t.Context(), "requests", group); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Clear(t.Context(), "requests"); err != nil {
			t.Fatal(err)
		}
		_, err := b.js.Stream(t.Context(), "requests")
		return errors.Is(err, jetstream.ErrStreamNotFound)
	})
}
