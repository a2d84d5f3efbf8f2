package openapitest

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// patterned makes a text of a pattern, each repetition as often as it must be, and as length asks; "" if none is found.
func patterned(pattern string, length int) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	matches, err := regexp.Compile(pattern)
	if err != nil {
		return ""
	}
	for extra := range length + 3 {
		var b strings.Builder
		write(&b, re, extra)
		if text := b.String(); len(text) >= length && matches.MatchString(text) {
			return text
		}
	}
	return ""
}

func write(b *strings.Builder, re *syntax.Regexp, extra int) {
	times := 1
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
		return
	case syntax.OpCharClass:
		if len(re.Rune) > 0 {
			b.WriteRune(re.Rune[0])
		}
		return
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('a')
		return
	case syntax.OpAlternate:
		write(b, re.Sub[extra%len(re.Sub)], extra)
		return
	case syntax.OpStar, syntax.OpQuest:
		times = min(extra, 1)
		if re.Op == syntax.OpStar {
			times = extra
		}
	case syntax.OpPlus:
		times += extra
	case syntax.OpRepeat:
		if times = re.Min + extra; re.Max >= 0 {
			times = min(times, re.Max)
		}
	}
	for range times {
		for _, sub := range re.Sub {
			write(b, sub, extra)
		}
	}
}
