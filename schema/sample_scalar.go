package schema

import (
	"bytes"
	"iter"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sampleFormats are texts of the formats that are checked. The codice fiscale is of the ministry's made-up examples.
var sampleFormats = map[string]string{
	"uri": "https://www.example.org/", "uri-reference": "/", "email": "nome@example.org", "hostname": "www.example.org",
	"uuid": "6f1c3c56-9d0e-4d4b-8f0a-2b1d5c7e9a31", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
	"codice-fiscale": "RSSMRA80A01L736U", "partita-iva": "12345678903", "iban": "IT60X0542811101000000123456",
}

// samplePlain are plain values of each kind, the first that fits is taken.
var samplePlain = map[Kind][]string{
	KindInt:      {"1", "0", "10", "100", "1000"},
	KindDecimal:  {"10.50", "1.5", "1", "0.5", "0", "100"},
	KindDate:     {"2026-01-31"},
	KindTime:     {"09:30:00", "09:30:00Z"},
	KindDateTime: {"2026-01-31T09:30:00", "2026-01-31T09:30:00+01:00"}, // the first where the offset may be missing
	KindDuration: {"PT5M"},

	KindDateTimeLocal: {"2026-01-31T09:30:00"},
	KindTimeLocal:     {"09:30:00"},
}

// sampleScalar returns a value of a kind that has no parts, that fits everything the type says.
func sampleScalar(t *Type, name string) (Value, bool) {
	c := NewChecker(t)
	fits := func(v Value) bool {
		code, _ := c.Constraint(v)
		return code == ""
	}
	if t.Kind == KindBytes {
		n := 6
		if t.MinLength != nil {
			n = max(n, *t.MinLength)
		}
		if t.MaxLength != nil {
			n = min(n, *t.MaxLength)
		}
		v := Bytes(bytes.Repeat([]byte("fondaco"), n/7+1)[:n])
		if !fits(v) {
			return Value{}, false
		}
		return v, true
	}
	try := func(texts iter.Seq[string]) (Value, bool) {
		for s := range texts {
			if v, err := ParseText(s, &Type{Kind: t.Kind, Zone: t.Zone}); err == nil && fits(v) {
				return v, true
			}
		}
		return Value{}, false
	}
	if t.Kind == KindText {
		return try(sampleTexts(t, name))
	}
	if v, ok := try(slices.Values(samplePlain[t.Kind])); ok {
		return v, true
	}
	for _, limit := range []*Value{t.Minimum, t.Maximum} {
		if limit == nil {
			continue
		}
		if fits(*limit) {
			return *limit, true
		}
		if !limit.Kind().Number() {
			continue
		}
		for _, step := range []Value{Int(1), Int(-1), DecimalText("0.01"), DecimalText("-0.01")} {
			if v, err := Add(*limit, step); err == nil && t.admitsKind(v.Kind()) && fits(v) {
				return v, true
			}
		}
	}
	return try(samplePatterned(t))
}

// sampleTexts are texts that may fit, the best first.
func sampleTexts(t *Type, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, s := range []string{sampleName(name), sampleFormats[t.Format]} {
			if s != "" && !yield(s) {
				return
			}
		}
		for s := range samplePatterned(t) {
			if !yield(s) {
				return
			}
		}
		yield(samplePadded(t, name))
	}
}

// samplePadded returns a name as long as the type wants it.
func samplePadded(t *Type, name string) string {
	n := utf8.RuneCountInString(name)
	if t.MinLength != nil && n < *t.MinLength && *t.MinLength <= 1<<16 {
		name += strings.Repeat("x", *t.MinLength-n)
	}
	if t.MaxLength != nil && n > *t.MaxLength {
		name = string([]rune(name)[:*t.MaxLength])
	}
	return name
}

// samplePatterned returns texts of the type's pattern, with the repetitions of the pattern growing, so that a least length
// is reached too.
func samplePatterned(t *Type) iter.Seq[string] {
	return func(yield func(string) bool) {
		if t.Pattern == "" {
			return
		}
		re, err := syntax.Parse(translate(t.Pattern), syntax.Perl)
		if err != nil {
			return
		}
		extra := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 20, 24, 32, 64, 128}
		if t.MinLength != nil && *t.MinLength > 0 && *t.MinLength < 1<<16 {
			extra = append(extra, *t.MinLength-1, *t.MinLength)
		}
		for _, n := range extra {
			var b strings.Builder
			if samplePattern(&b, re, n) && !yield(b.String()) {
				return
			}
		}
	}
}

// samplePattern writes a text that a pattern matches, with each repetition made extra times more than it must, as far as
// it may; false if the pattern wants what cannot be written.
func samplePattern(b *strings.Builder, re *syntax.Regexp, extra int) bool {
	switch re.Op {
	case syntax.OpNoMatch, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return false
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			b.WriteRune(r)
		}
	case syntax.OpCharClass:
		r, ok := plainRune(re.Rune)
		if !ok {
			return false
		}
		b.WriteRune(r)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('a')
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			if !samplePattern(b, sub, extra) {
				return false
			}
		}
	case syntax.OpAlternate:
		return samplePattern(b, re.Sub[0], extra)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		least, most := 0, -1
		switch re.Op {
		case syntax.OpPlus:
			least = 1
		case syntax.OpQuest:
			most = 1
		case syntax.OpRepeat:
			least, most = re.Min, re.Max
		}
		n := least + extra
		if most >= 0 {
			n = min(n, most)
		}
		for range n {
			if b.Len() > 1<<16 || !samplePattern(b, re.Sub[0], extra) {
				return false
			}
		}
	}
	return true
}

// plainRune returns the plainest character of a class, given as pairs of bounds.
func plainRune(class []rune) (rune, bool) {
	for _, r := range "A1a0" {
		if inRanges(class, r) {
			return r, true
		}
	}
	for i := 0; i+1 < len(class); i += 2 {
		for r := max(class[i], ' '); r <= class[i+1] && r < class[i]+200; r++ {
			if unicode.IsPrint(r) {
				return r, true
			}
		}
	}
	return 0, false
}

func inRanges(class []rune, r rune) bool {
	for i := 0; i+1 < len(class); i += 2 {
		if class[i] <= r && r <= class[i+1] {
			return true
		}
	}
	return false
}
