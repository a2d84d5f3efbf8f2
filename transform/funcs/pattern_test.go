package funcs

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"fondaco/schema"
)

// free is a Meter that charges nothing.
type free struct{}

func (free) Spend(int) error                { return nil }
func (free) Take(int) error                 { return nil }
func (free) SpendDeep(v schema.Value) error { return nil }

// TestPattern: long texts, which are read rune by rune, are matched as the library matches short ones.
func TestPattern(t *testing.T) {
	texts := []string{
		strings.Repeat("ab c\nà", 4000), strings.Repeat("a", 20_000) + "b", strings.Repeat("x-y z, ", 3000), strings.Repeat("\xffa", 8000),
		strings.Repeat("aab", 7000),
	}
	for _, pattern := range []string{
		`a`, `a*`, `a*?`, `(a|b)+`, `\bx`, `\b`, `\B`, `^a`, `(?m)^`, `(?m)^.`, `(?m)$`, `b$`, `\Aa`, `(a)(b)?`, `(?i)AB`, `[^a]+`, `à`, `.`,
		`(?s).`, ``, `x*|a`, `b(a*)(c)?|a`, `\z`, `(x)-(y)`, `z, |y`,
	} {
		p, err := NewPattern(pattern)
		if err != nil {
			t.Fatal(err)
		}
		re := regexp.MustCompile(pattern)
		for i, s := range texts {
			p.states = max(p.states, small) // as if the text were long
			if got, _ := p.Match(free{}, s); got != re.MatchString(s) {
				t.Errorf("%q, text %d: Match found %v", pattern, i, got)
			}
			if got, _ := p.First(free{}, s); !reflect.DeepEqual(got, re.FindStringSubmatchIndex(s)) {
				t.Errorf("%q, text %d: First found %v, expected %v", pattern, i, got, re.FindStringSubmatchIndex(s))
			}
			var all [][]int
			_ = p.All(free{}, s, func(places []int) error { all = append(all, places); return nil })
			if want := re.FindAllStringSubmatchIndex(s, -1); !reflect.DeepEqual(all, want) {
				t.Errorf("%q, text %d: %d matches, expected %d: %.60v, expected %.60v", pattern, i, len(all), len(want), all, want)
			}
		}
	}
}

// scant is a Meter with few steps.
type scant struct {
	free
	left int
}

var errScant = errors.New("used up")

func (m *scant) Spend(n int) error {
	if m.left -= n; m.left < 0 {
		return errScant
	}
	return nil
}

// TestPattern_ends: a match ends where the budget does.
func TestPattern_ends(t *testing.T) {
	p, err := NewPattern(`(a?){200}b`)
	if err != nil {
		t.Fatal(err)
	}
	s := strings.Repeat("a", 1<<20)
	if _, err := p.Match(&scant{left: 10_000}, s); !errors.Is(err, errScant) {
		t.Errorf("Match: %v", err)
	}
	if err := p.All(&scant{left: 10_000}, s, func([]int) error { return nil }); !errors.Is(err, errScant) {
		t.Errorf("All: %v", err)
	}
}
