package funcs

import (
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"fondaco/schema"
)

// Pattern is a compiled RE2 pattern whose matching is charged, and ends when nobody waits any more. Safe for concurrent
// use.
type Pattern struct {
	re     *regexp.Regexp
	states int // of its program: what each character may cost
	// next finds the pattern, as its first group, after the first rune of a text: what it matches may depend on the rune
	// before, as with ^ and \b.
	next *regexp.Regexp
}

// NewPattern compiles a pattern. The error says what is wrong, without the library's words around it.
func NewPattern(text string) (*Pattern, error) {
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, &patternError{strings.TrimPrefix(err.Error(), "error parsing regexp: ")}
	}
	next, err := regexp.Compile(`\A(?s:.)(?s:.*?)(` + text + `)`)
	if err != nil {
		return nil, &patternError{"too many groups or states"}
	}
	return &Pattern{re: re, next: next, states: schema.States(text)}, nil
}

type patternError struct{ text string }

func (e *patternError) Error() string { return e.text }

// small is the work, in states times bytes, up to which a text is matched in one go: a few milliseconds at most.
const small = 1 << 18

// Match reports whether the pattern matches somewhere in s.
func (p *Pattern) Match(m Meter, s string) (bool, error) {
	if p.states*len(s) <= small {
		return p.re.MatchString(s), m.Spend(len(s))
	}
	r := newReader(m, p.states)
	r.s = s
	found := p.re.MatchReader(r)
	return found, r.err
}

// First returns the places of the first match and its groups, as regexp.FindStringSubmatchIndex does; nil for none.
func (p *Pattern) First(m Meter, s string) ([]int, error) {
	if p.states*len(s) <= small {
		return p.re.FindStringSubmatchIndex(s), m.Spend(len(s))
	}
	r := newReader(m, p.states)
	return p.from(r, s, 0)
}

// All calls each with the places of the matches and their groups, one after the other, until it returns an error.
func (p *Pattern) All(m Meter, s string, each func(places []int) error) error {
	if p.states*len(s) <= small {
		if err := m.Spend(len(s)); err != nil {
			return err
		}
		for _, places := range p.re.FindAllStringSubmatchIndex(s, -1) {
			if err := each(places); err != nil {
				return err
			}
		}
		return nil
	}
	r := newReader(m, p.states)
	for pos, last := 0, -1; pos <= len(s); {
		places, err := p.from(r, s, pos)
		if err != nil || places == nil {
			return err
		}
		from, to := places[0], places[1]
		if to > from || from != last { // an empty match directly after another one is none
			if err := each(places); err != nil {
				return err
			}
		}
		if last = to; to > pos {
			pos = to
			continue
		}
		_, n := utf8.DecodeRuneInString(s[pos:])
		pos += max(n, 1)
	}
	return nil
}

// stepsPerSearch is what a search costs beside the runes that it reads.
const stepsPerSearch = 10

// from returns the places of the first match that begins at pos or later; nil for none.
func (p *Pattern) from(r *reader, s string, pos int) (places []int, err error) {
	if r.err = r.meter.Spend(stepsPerSearch); r.err != nil {
		return nil, r.err
	}
	if pos == 0 {
		r.s, r.pos = s, 0
		places = p.re.FindReaderSubmatchIndex(r)
		return places, r.err
	}
	_, n := utf8.DecodeLastRuneInString(s[:pos])
	start := pos - n
	r.s, r.pos = s[start:], 0
	if places = p.next.FindReaderSubmatchIndex(r); places == nil || r.err != nil {
		return nil, r.err
	}
	places = places[2:]
	for i := range places {
		if places[i] >= 0 {
			places[i] += start
		}
	}
	return places, nil
}

// stepTime is the time that one step of the budget stands for.
const stepTime = 50 * time.Nanosecond

// reader passes a text to the library's matching, rune by rune, and charges for it.
type reader struct {
	s     string
	pos   int
	left  int // runes until it is charged again
	each  int // steps that the runes between two charges may cost at most
	meter Meter
	began time.Time
	err   error
}

// runesBetween is how many runes are read between two charges.
const runesBetween = 256

func newReader(m Meter, states int) *reader {
	return &reader{left: runesBetween, each: runesBetween * (1 + states/4), meter: m, began: time.Now()}
}

// ReadRune returns the next rune, and the end of the text also where the budget is used up.
func (r *reader) ReadRune() (rune, int, error) {
	if r.left--; r.left < 0 && !r.charge() {
		return 0, 0, io.EOF
	}
	if r.pos >= len(r.s) {
		return 0, 0, io.EOF
	}
	c, n := utf8.DecodeRuneInString(r.s[r.pos:])
	r.pos += n
	return c, n, nil
}

// charge spends what the last runes took: their time, and at most what all states of the pattern would take.
func (r *reader) charge() bool {
	now := time.Now()
	r.left = runesBetween
	r.err = r.meter.Spend(min(int(now.Sub(r.began)/stepTime), r.each) + runesBetween)
	r.began = now
	return r.err == nil
}
