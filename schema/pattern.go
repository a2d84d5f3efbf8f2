package schema

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
)

// What a pattern may be: large ones take time and memory wherever they are compiled.
const (
	maxPattern       = 64 << 10 // bytes
	maxPatternStates = 20_000   // a{3} has three
)

// MaxPatternsStates is how many states the patterns of one document, or of a project's own schemas, may have together, as
// PatternStates counts them.
const MaxPatternsStates = 1_000_000

// CompilePattern compiles a pattern of JSON Schema (ECMA-262) or XML Schema as RE2, which is linear in the text. What
// RE2 has not, look-around and back references, is an error that says so, and so is a pattern that is too large.
func CompilePattern(p string) (*regexp.Regexp, error) {
	for _, c := range []struct{ text, name string }{
		{"(?=", "look-ahead"}, {"(?!", "look-ahead"}, {"(?<=", "look-behind"}, {"(?<!", "look-behind"},
	} {
		if strings.Contains(p, c.text) {
			return nil, fmt.Errorf("the pattern uses %s, which linear matching has not", c.name)
		}
	}
	if len(p) > maxPattern {
		return nil, fmt.Errorf("the pattern has %d bytes, expected at most %d", len(p), maxPattern)
	}
	p = translate(p)
	if n := statesOf(p); n > maxPatternStates {
		return nil, fmt.Errorf("the pattern has more than %d states, its repetitions written out", maxPatternStates)
	}
	re, err := regexp.Compile(p)
	if err != nil {
		return nil, fmt.Errorf("the pattern is not a regular expression: %s", reason(err))
	}
	return re, nil
}

// reason says in one short line why a pattern is none.
func reason(err error) string {
	text := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	if runes := []rune(text); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return text
}

// PatternStates returns about how many states a pattern has, its repetitions written out: what compiling it costs. It is
// 0 of a pattern that CompilePattern refuses for another reason.
func PatternStates(p string) int {
	if len(p) > maxPattern {
		return 0
	}
	return statesOf(translate(p))
}

func statesOf(p string) int {
	tree, err := syntax.Parse(p, syntax.Perl)
	if err != nil {
		return 0
	}
	return states(tree)
}

func states(x *syntax.Regexp) int {
	n := 1
	if x.Op == syntax.OpLiteral {
		n = len(x.Rune)
	}
	for _, sub := range x.Sub {
		if n += states(sub); n > maxPatternStates {
			return maxPatternStates + 1
		}
	}
	if x.Op == syntax.OpRepeat {
		n *= max(x.Min+1, x.Max, 1)
	}
	return min(n, maxPatternStates+1)
}

// maxMatch is what the match of one text with a pattern may cost: the text's bytes times the pattern's states.
const maxMatch = 32 << 20

// MatchWithin reports whether a text matches a pattern. A text that is so long that the match may take a noticeable part
// of a second does not match: no value that is meant to have a form is as long as that.
func MatchWithin(re *regexp.Regexp, s string) bool {
	if len(s) > longText && len(s)*programSize(re.String()) > maxMatch {
		return false
	}
	return re.MatchString(s)
}

// longText is the length from which a text's match with a pattern is weighed.
const longText = 16 << 10

// States returns how many states the program of a pattern has, a measure of what a match costs for each character.
func States(pattern string) int {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 1
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 1
	}
	return len(program.Inst)
}

// programSize is States that remembers what it has found: patterns are few, and those of the project.
func programSize(pattern string) int {
	if n, ok := sizes.Load(pattern); ok {
		return n.(int) //nolint:forcetypeassert // nothing else is stored
	}
	n := States(pattern)
	sizes.Store(pattern, n)
	return n
}

var sizes sync.Map // of int, by pattern

// translate replaces what is written otherwise in RE2.
func translate(p string) string {
	var b strings.Builder
	class := false
	for i := 0; i < len(p); i++ {
		c := p[i]
		within := class
		switch c {
		case '[':
			class = true
		case ']':
			class = false
		}
		if c != '\\' || i+1 == len(p) {
			if c == '[' && within { // XML Schema subtracts classes, JSON Schema means the character
				b.WriteByte('\\')
			}
			b.WriteByte(c)
			continue
		}
		i++
		switch p[i] {
		case 'i': // XML Schema: the first character of a name
			b.WriteString(set(class, `\pL_:`))
		case 'c': // and the others
			b.WriteString(set(class, `\pL\pN_:.\-`))
		case 'h': // Java: horizontal white space
			b.WriteString(set(class, ` \t`))
		case 'd':
			b.WriteString(set(class, `0-9`))
		case 'u':
			if i+4 < len(p) {
				b.WriteString(`\x{` + p[i+1:i+5] + `}`)
				i += 4
			}
		case '/', '-', '@', '#', '\'', '"', '%', '&', ',', ':', ';', '<', '=', '>', '!', '~', '`', '_', ' ':
			if p[i] == '-' {
				b.WriteByte('\\')
			}
			b.WriteByte(p[i])
		default:
			b.WriteByte('\\')
			b.WriteByte(p[i])
		}
	}
	return b.String()
}

func set(class bool, members string) string {
	if class {
		return members
	}
	return "[" + members + "]"
}
