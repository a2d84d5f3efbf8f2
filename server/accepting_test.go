package server

import (
	"testing"
	"time"

	"fondaco/store"
)

// A key is left alone while somebody may be at it, and not until the end of its lease.
func TestAbandoned(t *testing.T) {
	var a accepting
	c, other := store.Claim{Scope: "s", Key: "k"}, store.Claim{Scope: "s", Key: "other"}
	for _, x := range []struct {
		what string
		age  time.Duration
		want bool
	}{
		{"just now, perhaps by another process", 0, false},
		{"before a restart", settled + time.Second, true},
		{"by a clock that was ahead a little", -time.Second, false},
		{"by a clock that was set back", -time.Hour, true},
	} {
		if got := a.abandoned(c, x.age, 0); got != x.want {
			t.Errorf("reserved %s: abandoned is %v", x.what, got)
		}
	}
	old := time.Minute
	first, second := a.begin(c), a.begin(c)
	if a.abandoned(c, old, 0) || !a.abandoned(other, old, 0) {
		t.Error("the key that is being worked on is abandoned, or another is not")
	}
	first()
	if a.abandoned(c, old, 0) {
		t.Error("one is still at it")
	}
	second()
	if !a.abandoned(c, old, 0) || len(a.keys) != 0 {
		t.Error("nobody is at it")
	}
}
