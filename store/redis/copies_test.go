package redis

import (
	"path/filepath"
	"testing"
	"time"

	"fondaco/store"
)

// TestCopies: the answers that are shared are found and erased by the persons of whom they speak, others' stay, and a repetition at
// a process whose own store does not know the key is told what stands in their place and has no second effect.
func TestCopies(t *testing.T) {
	n := start(t)
	node := func() store.Idempotency {
		s := open(t, filepath.Join(t.TempDir(), "state.db"), store.Limits{})
		t.Cleanup(func() { _ = s.Close() })
		return n.client("venezia").Idempotency(s.Idempotency())
	}
	rosa, bice := store.MarkOf([]byte("k"), "rosa"), store.MarkOf([]byte("k"), "bice")
	now := time.Now()
	claim := func(key string, of store.Marks) store.Claim {
		return store.Claim{Scope: "s", Key: key, Marks: of, Body: [32]byte{1}, Lease: time.Minute, Keep: time.Hour}
	}
	one := node()
	for key, of := range map[string]store.Marks{
		"hers": rosa, "both": rosa + " " + bice, "other": bice, "nobody": "", "lost": rosa,
		"damaged": rosa,
	} {
		r, err := one.Reserve(t.Context(), claim(key, of), now)
		if err != nil || r.State != store.Reserved {
			t.Fatalf("%+v, %v", r, err)
		}
		if err := one.Record(t.Context(), r.Token, store.Answer{Status: 200, Body: []byte("of " + key)}, now); err != nil {
			t.Fatal(err)
		}
	}
	c := n.client("venezia")
	n.say("del", c.key('a', "s", "lost"))
	n.say("set", c.key('a', "s", "damaged"), "something with a name in it")
	copies := c.Copies()
	found := func(mark store.Marks, at time.Time) map[string]bool {
		t.Helper()
		all := map[string]bool{}
		if err := copies.Find(t.Context(), mark, at, func(a store.Answer) { all[string(a.Body)] = true }); err != nil {
			t.Fatal(err)
		}
		return all
	}
	if all := found(rosa, now); len(all) != 2 || !all["of hers"] || !all["of both"] {
		t.Errorf("found %v", all)
	}
	if all := found(rosa, now.Add(2*time.Hour)); len(all) != 0 {
		t.Errorf("found after their time %v", all)
	}
	gone := store.Answer{Status: 410, Body: []byte("erased")}
	for _, want := range []int64{2, 0} {
		if got, err := copies.Erase(t.Context(), rosa, gone, now); err != nil || got != want {
			t.Fatalf("%d copies were erased, expected %d; %v", got, want, err)
		}
	}
	if all := found(bice, now); len(all) != 2 || !all["of other"] || !all["erased"] {
		t.Errorf("of the other there is %v", all)
	}
	if n.say("exists", c.key('a', "s", "damaged")).(int64) != 0 {
		t.Error("what was damaged is still there")
	}
	for key, want := range map[string]string{"hers": "erased", "both": "erased", "other": "of other", "nobody": "of nobody"} {
		left := time.Duration(n.say("pttl", c.key('a', "s", key)).(int64)) * time.Millisecond
		if left <= 0 || left > time.Hour {
			t.Errorf("the answer of %s stays for %v", key, left)
		}
		r, err := node().Reserve(t.Context(), claim(key, ""), now)
		if err != nil || r.State != store.Answered || string(r.Answer.Body) != want {
			t.Errorf("elsewhere the key %s is %+v, %v", key, r, err)
		}
	}
	if _, err := copies.Erase(t.Context(), "", gone, now); err == nil {
		t.Error("everybody was erased without a mark")
	}
	n.kill()
	if _, err := copies.Erase(t.Context(), bice, gone, now); err == nil {
		t.Error("what could not be asked was erased")
	}
}
