package compare

import (
	"fmt"
	"strings"

	"fondaco/schema"
)

// limits compares what a type asks of its values beyond their kind. Fewer values break who sends them; of values that
// come, new constants alone break who reads: limits of length and size are nothing that a route looks at.
func (c *comparing) limits(was, is *schema.Type, at *spot) {
	if len(was.Enum) > 0 || len(is.Enum) > 0 {
		c.enum(was, is, at)
	}
	var fewer, more []string
	note := func(tighter, looser bool, text string) {
		if tighter {
			fewer = append(fewer, text)
		}
		if looser {
			more = append(more, text)
		}
	}
	number := func(name string, a, b *int, upper bool) {
		if a == b {
			return
		}
		tighter, looser := moved(a, b, upper)
		note(tighter, looser, fmt.Sprintf("%s %s", name, span(a, b)))
	}
	number("at least", was.MinLength, is.MinLength, false)
	number("at most", was.MaxLength, is.MaxLength, true)
	number("digits", was.Digits, is.Digits, true)
	number("fraction digits", was.Fraction, is.Fraction, true)
	if tighter, looser := bound(was.Minimum, is.Minimum, was.ExclMin, is.ExclMin, false); tighter || looser {
		note(tighter, looser, "minimum "+values(was.Minimum)+" to "+values(is.Minimum))
	}
	if tighter, looser := bound(was.Maximum, is.Maximum, was.ExclMax, is.ExclMax, true); tighter || looser {
		note(tighter, looser, "maximum "+values(was.Maximum)+" to "+values(is.Maximum))
	}
	word := func(name, a, b string) {
		switch {
		case a == b:
		case a == "":
			note(true, false, name+" "+b)
		case b == "":
			note(false, true, "no "+name)
		default:
			note(true, true, name+" "+a+" to "+b)
		}
	}
	word("pattern", was.Pattern, is.Pattern)
	word("format", was.Format, is.Format)
	note(is.Unique && !was.Unique, was.Unique && !is.Unique, "items that differ")
	for i := range is.Present {
		note(!is.Present[i].Proved(was), false, is.Present[i].String())
	}
	for i := range was.Present {
		note(false, !was.Present[i].Proved(is), "no longer "+was.Present[i].String())
	}
	if len(fewer) > 0 {
		c.tell(at, Narrowed, "", strings.Join(fewer, ", "), InInput)
	}
	if len(more) > 0 {
		c.tell(at, Widened, "", strings.Join(more, ", "))
	}
}

// mostConstants is how many constants are told that came or went.
const mostConstants = 20

// enum compares the constants.
func (c *comparing) enum(was, is *schema.Type, at *spot) {
	without := func(from, list []schema.Value) (texts []string) {
		for i, v := range schema.Without(from, list) {
			if i == mostConstants {
				return append(texts, "...")
			}
			texts = append(texts, values(&v))
		}
		return texts
	}
	switch {
	case len(was.Enum) == 0:
		c.tell(at, Narrowed, was.String(), is.String(), InInput)
	case len(is.Enum) == 0:
		c.tell(at, Widened, was.String(), is.String(), InOutput)
	default:
		if lost := without(was.Enum, is.Enum); len(lost) > 0 {
			c.tell(at, Narrowed, "", "without "+strings.Join(lost, ", "), InInput)
		}
		if won := without(is.Enum, was.Enum); len(won) > 0 {
			c.tell(at, Widened, "", "also "+strings.Join(won, ", "), InOutput)
		}
	}
}

// moved reports whether a limit came closer or went away.
func moved(a, b *int, upper bool) (tighter, looser bool) {
	switch {
	case a == nil && b == nil || a != nil && b != nil && *a == *b:
		return false, false
	case a == nil:
		return upper || *b > 0, false
	case b == nil:
		return false, upper || *a > 0
	}
	return (*b < *a) == upper, (*b > *a) == upper
}

// bound is moved for values, which may be excluded themselves.
func bound(a, b *schema.Value, exclA, exclB, upper bool) (tighter, looser bool) {
	switch {
	case a == nil && b == nil:
		return false, false
	case a == nil:
		return true, false
	case b == nil:
		return false, true
	}
	n, err := schema.Compare(*a, *b)
	switch {
	case err != nil:
		return true, true
	case n == 0:
		return exclB && !exclA, exclA && !exclB
	}
	return (n > 0) == upper, (n < 0) == upper
}

func span(a, b *int) string {
	text := func(p *int) string {
		if p == nil {
			return "any"
		}
		return fmt.Sprint(*p)
	}
	return text(a) + " to " + text(b)
}

// values returns a constant in words; "any" for none.
func values(v *schema.Value) string {
	switch {
	case v == nil:
		return "any"
	case v.HasText():
		return `"` + v.Str() + `"`
	case v.Kind().Number():
		return string(schema.AppendNumber(nil, *v))
	case v.Kind() == schema.KindBool:
		return fmt.Sprint(v.Bool())
	}
	return v.Kind().String()
}
