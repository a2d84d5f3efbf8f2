package trigger

import (
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
)

func pattern(t *testing.T, text string) Pattern {
	t.Helper()
	var out diag.List
	p := ParsePattern(config.Text{Value: text}, &out)
	if out.Failed() {
		t.Fatalf("%s: %v", text, out.Sorted())
	}
	return p
}

func TestClash(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		clash bool
	}{
		{"GET /a", "GET /a", true},
		{"GET /a", "POST /a", false},
		{"GET /a/{x}", "GET /a/{y}", true},
		{"GET /a/{x}", "GET /a/b", false},
		{"GET /a/{x}", "GET /a/{x}/b", false},
		{"GET /a/{x}/c", "GET /a/b/{y}", true},
		{"GET /a/{x}/c", "GET /a/{y}/d", false},
		{"GET /a/{x}/{y}", "GET /a/b/{y}", false},
		{"GET /", "GET /", true},
	} {
		a, b := pattern(t, c.a), pattern(t, c.b)
		if a.Clash(b) != c.clash || b.Clash(a) != c.clash {
			t.Errorf("%s and %s: expected clash %v", c.a, c.b, c.clash)
		}
	}
}

func TestHoles(t *testing.T) {
	holes := pattern(t, "GET /multe/{numero}/rate/{rata}").Holes()
	if len(holes) != 2 || holes[0] != "numero" || holes[1] != "rata" {
		t.Error(holes)
	}
}
