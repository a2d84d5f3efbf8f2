package trigger

import (
	"math/rand/v2"
	"slices"
	"strconv"
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
		want := map[bool]int{true: 0, false: -1}[c.clash]
		if Clashes([]Pattern{a, b})[1] != want || Clashes([]Pattern{b, a})[1] != want || clash(a, b) != c.clash {
			t.Errorf("%s and %s: expected clash %v", c.a, c.b, c.clash)
		}
	}
}

// clash compares two patterns segment by segment: what Clashes finds without comparing each with each.
func clash(p, o Pattern) bool {
	if p.Method != o.Method || len(p.Segments) != len(o.Segments) {
		return false
	}
	mine, theirs := false, false
	for i, s := range p.Segments {
		t := o.Segments[i]
		switch {
		case s.Hole && !t.Hole:
			theirs = true
		case !s.Hole && t.Hole:
			mine = true
		case !s.Hole && s.Text != t.Text:
			return false
		}
	}
	return mine == theirs
}

// TestClashes: among many patterns the first clash of each is the one that comparing each with each finds.
func TestClashes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 200 {
		var patterns []Pattern
		for range 60 {
			text := []string{"GET ", "POST "}[r.IntN(2)]
			for i := range 1 + r.IntN(4) {
				text += "/" + []string{"a", "b", "c", "d", "{h" + strconv.Itoa(i) + "}"}[r.IntN(5)]
			}
			patterns = append(patterns, pattern(t, text))
		}
		for i, got := range Clashes(patterns) {
			want := slices.IndexFunc(patterns[:i], func(o Pattern) bool { return clash(patterns[i], o) })
			if got != want {
				t.Fatalf("%s %s: found a clash with %d, expected %d", patterns[i].Method, patterns[i].Path, got, want)
			}
			if got >= 0 {
				found++
			}
		}
	}
	if found < 1000 {
		t.Errorf("the patterns had %d clashes, expected many", found)
	}
}

// TestClashesAreLinear: 16 times the patterns take about 16 times the work, not 256 times. Work is counted in allocations, one or more for
// each text by which a pattern is looked up, so that the load of the machine is not measured.
func TestClashesAreLinear(t *testing.T) {
	work := func(n int) float64 {
		patterns := make([]Pattern, n)
		for i := range patterns {
			patterns[i] = pattern(t, "GET /settore/r"+strconv.Itoa(i)+[]string{"/{id}", "/voci", "/{id}"}[i%3])
		}
		return testing.AllocsPerRun(1, func() {
			if slices.ContainsFunc(Clashes(patterns), func(at int) bool { return at >= 0 }) {
				t.Fatal("found a clash, expected none")
			}
		})
	}
	few, many := work(500), work(8_000)
	if few < 500 {
		t.Fatalf("500 patterns take %.0f allocations; is work counted otherwise now?", few)
	}
	if many > 32*few {
		t.Errorf("500 patterns take %.0f allocations, 8,000 take %.0f, expected about 16 times as many", few, many)
	}
}

func TestHoles(t *testing.T) {
	holes := pattern(t, "GET /multe/{numero}/rate/{rata}").Holes()
	if len(holes) != 2 || holes[0] != "numero" || holes[1] != "rata" {
		t.Error(holes)
	}
}
