package records

import (
	"bytes"
	"strconv"

	"fondaco/schema"
)

// append writes a value as it stands in the file, without fill and quotes; reason says why it cannot be. A value that is null or
// absent is empty.
func (f *column) append(dst []byte, v schema.Value, chars *charset) (out []byte, reason string) {
	if v.IsNil() {
		switch {
		case len(f.empty) > 0:
			out, _ = chars.append(dst, f.empty[0])
			return out, ""
		case f.t.Nullable || !f.need:
			return dst, ""
		}
		return dst, "expected " + schema.Article(f.t) + ", found nothing"
	}
	if wrong := f.check(v); wrong != "" {
		return dst, wrong
	}
	text := ""
	switch {
	case f.numeric():
		start := len(dst)
		if dst, reason = f.number.append(dst, v, chars); reason == "" && f.stands(dst[start:], chars, &room{}) {
			reason = readAsNothing
		}
		return dst, reason
	case f.t.Kind == schema.KindBool:
		if text = f.no; v.Bool() {
			text = f.yes
		}
	case f.date != nil:
		if text, reason = f.form(v); reason != "" {
			return dst, reason
		}
	default:
		text = v.Str()
	}
	out, ok := chars.append(dst, text)
	if !ok {
		return dst, "expected characters of " + chars.name
	}
	if f.t.Nullable && len(out) == len(dst) || in(f.empty, text) {
		return dst, readAsNothing
	}
	return out, ""
}

// check returns why a value is not of the field's type.
func (f *column) check(v schema.Value) string {
	kind := v.Kind()
	switch {
	case kind == f.t.Kind, kind == schema.KindInt && f.t.Kind == schema.KindDecimal:
	case kind == schema.KindDecimal && f.t.Kind == schema.KindInt:
		if _, err := schema.ToInt(v); err != nil {
			return "expected a whole number of 64 bits"
		}
	case kind.Textual() && f.t.Kind == schema.KindText:
	default:
		return "expected " + schema.Article(f.t) + ", found " + kind.String()
	}
	if f.checker == nil {
		return ""
	}
	if _, expected := f.checker.Constraint(v); expected != "" {
		return "expected " + expected
	}
	return ""
}

// append writes a number; the sign stands where the field says.
func (n *numeral) append(dst []byte, v schema.Value, chars *charset) (out []byte, reason string) {
	digits, neg, reason := n.figures(v)
	if reason != "" {
		return dst, reason
	}
	start := len(dst)
	switch {
	case n.sign == signLeading && n.implied:
		dst = append(dst, chars.octet(signOf(neg)))
	case neg && n.sign == "" && n.implied:
		return dst, "expected a number that is not negative: the field has no sign"
	case neg && (n.sign == "" || n.sign == signLeading):
		dst = append(dst, chars.octet('-'))
	}
	for _, c := range digits {
		if c == '.' {
			c = n.point
		}
		dst = append(dst, chars.octet(c))
	}
	switch n.sign {
	case signTrailing:
		dst = append(dst, chars.octet(signOf(neg)))
	case signOverpunch:
		dst[len(dst)-1] = chars.overpunch(digits[len(digits)-1]-'0', neg)
	}
	if len(dst) == start {
		return dst, "expected a number"
	}
	return dst, ""
}

func signOf(neg bool) byte {
	if neg {
		return '-'
	}
	return '+'
}

// figures returns the digits of a number, with a point where one is written, and with as many decimals as the field says.
func (n *numeral) figures(v schema.Value) (digits []byte, neg bool, reason string) {
	digits = schema.AppendNumber(nil, v)
	if digits[0] == '-' {
		neg, digits = true, digits[1:]
	}
	if bytes.IndexByte(digits, 'e') >= 0 || bytes.IndexByte(digits, 'E') >= 0 {
		return nil, false, "expected a number of fewer digits"
	}
	whole, decimals, _ := bytes.Cut(digits, []byte{'.'})
	if n.whole || n.decimals >= 0 {
		want := max(n.decimals, 0)
		for len(decimals) > want && decimals[len(decimals)-1] == '0' {
			decimals = decimals[:len(decimals)-1]
		}
		if len(decimals) > want {
			return nil, false, "expected at most " + strconv.Itoa(want) + " digits after the point"
		}
		decimals = append(decimals[:len(decimals):len(decimals)], bytes.Repeat([]byte{'0'}, want-len(decimals))...)
	}
	out := append([]byte{}, whole...)
	if len(decimals) > 0 && !n.implied {
		out = append(out, '.')
	}
	out = append(out, decimals...)
	if len(bytes.Trim(out, "0.")) == 0 {
		neg = false
	}
	return out, neg, ""
}
