package redis

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"fondaco/store"
)

// TestAnswersShared: P3 between nodes that have each a store of its own. What one has answered under a key the other
// answers too, and refuses another request under it; what a server lost, damaged, moved or kept too long is none.
func TestAnswersShared(t *testing.T) {
	n := start(t)
	node := func() store.Idempotency {
		s := open(t, filepath.Join(t.TempDir(), "state.db"), store.Limits{})
		t.Cleanup(func() { _ = s.Close() })
		return n.client("venezia").Idempotency(s.Idempotency())
	}
	one := node()
	now := time.Now()
	claim := func(key string) store.Claim {
		return store.Claim{Scope: "s", Key: key, Body: [32]byte{1}, Lease: time.Minute, Keep: time.Hour}
	}
	answer := store.Answer{Status: 202, Header: [][2]string{{"Location", "/operations/1"}}, Body: []byte(`{"id":"1"}`)}
	answered := func(key string) store.Claim {
		t.Helper()
		c := claim(key)
		r, err := one.Reserve(t.Context(), c, now)
		if err != nil || r.State != store.Reserved {
			t.Fatalf("%+v, %v", r, err)
		}
		if err := one.Record(t.Context(), r.Token, answer, now); err != nil {
			t.Fatal(err)
		}
		return c
	}
	expect := func(what string, node store.Idempotency, c store.Claim, at time.Time, want store.Reserve) {
		t.Helper()
		r, err := node.Reserve(t.Context(), c, at)
		if err != nil || r.State != want || want == store.Answered && !reflect.DeepEqual(r.Answer, answer) {
			t.Errorf("%s: %+v, %v; expected %s", what, r, err, want)
		}
	}
	c := answered("k")
	two := node()
	other := c
	other.Body[0] = 2
	expect("another request", two, other, now, store.Mismatch)
	expect("the same request", two, c, now, store.Answered)
	n.say("flushall")
	expect("the same, once it is known here", two, c, now, store.Answered)
	expect("another, once it is known here", two, other, now, store.Mismatch)
	expect("a server that lost it", node(), c, now, store.Reserved)

	c, d := answered("c"), answered("d")
	client := n.client("venezia")
	key := client.key('a', "s", "c")
	good := n.say("get", key).(string)
	n.say("set", client.key('a', "s", "d"), good)
	expect("the answer of another key", node(), d, now, store.Reserved)
	for _, bad := range []string{"", "x", good[:len(good)-1], good + "x", good[:40] + "?" + good[41:]} {
		n.say("set", key, bad)
		n.say("del", client.key('i', "s", "c"))
		expect("a damaged answer", node(), c, now, store.Reserved)
	}
	n.say("set", key, good)
	n.say("del", client.key('i', "s", "c"))
	expect("an answer whose time is over", node(), c, now.Add(2*time.Hour), store.Reserved)

	r, err := one.Reserve(t.Context(), claim("released"), now)
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Release(t.Context(), r.Token); err != nil {
		t.Fatal(err)
	}
	expect("a key that was given free", node(), claim("released"), now, store.Reserved)
}
