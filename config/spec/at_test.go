package spec

import (
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
)

// TestAt: a field says where its value stands, also when that cannot be read; one that is not there says nothing.
func TestAt(t *testing.T) {
	var out diag.List
	n := config.Parse("a.yaml", []byte("as: x\ntimeout:   5s\npause: never\n"), &out)
	var wait, pause, other time.Duration
	var at, wrong, absent diag.Pos
	Decode(n, &out, func(o *Object) {
		o.Duration("timeout", &wait).At(&at)
		o.Duration("pause", &pause).At(&wrong)
		o.Duration("other", &other).At(&absent)
	})
	if at != (diag.Pos{File: "a.yaml", Line: 2, Col: 12}) || wrong.Line != 3 || wrong.Col != 8 || absent != (diag.Pos{}) {
		t.Errorf("found %v, %v, %v", at, wrong, absent)
	}
	Decode(config.Parse("a.yaml", []byte("timeout: 1s\n"), &out), &out, func(o *Object) { o.Duration("timeout", &wait) })
	if at.Line != 2 {
		t.Error("a field's place is put where that of another, decoded before, was asked for")
	}
}
