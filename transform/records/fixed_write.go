package records

import (
	"bytes"

	"fondaco/schema"
)

// fixedRow writes a record of fixed width: blanks, its mark, and its fields.
func (f *Format) fixedRow(w *Writer, k *kind, values []schema.Value) (field, reason string) {
	blank := f.chars.octet(' ')
	for range k.length {
		w.row = append(w.row, blank)
	}
	if len(k.marks) > 0 {
		copy(w.row[k.markAt:], k.marks[0])
	}
	for i, c := range k.columns {
		if w.text, reason = c.fixedText(w.text[:0], values[i+1], f.chars); reason != "" {
			return c.name, reason
		}
		copy(w.row[c.at:], w.text)
	}
	if f.kindOf(w.row) != k {
		return "", "its fields stand over the mark of its kind, and make it one of another"
	}
	if f.chars.page == nil && w.records == 0 && bytes.HasPrefix(w.row, mark) {
		return "", "expected no byte order mark"
	}
	if f.fixed.ends != endsNone && bytes.IndexByte(w.row, '\n') >= 0 {
		return "", "expected no line end within a record"
	}
	w.row = f.end(w.row)
	return "", ""
}

// fixedText writes a value with its fill, as long as the field is.
func (f *column) fixedText(dst []byte, v schema.Value, chars *charset) (out []byte, reason string) {
	if f.packed && !v.IsNil() {
		return f.packedText(dst, v)
	}
	dst, reason = f.append(dst, v, chars)
	n, blank := len(dst), chars.octet(' ')
	switch {
	case reason != "":
		return dst, reason
	case n > f.length:
		return dst, "expected at most " + bytesOf(f.length) + ", found " + bytesOf(n)
	case v.IsNil() && (n == 0 || n < f.length):
		return append(dst, bytes.Repeat([]byte{blank}, f.length-n)...), ""
	case !f.numeric() && f.fill != blank && n > 0 && (dst[n-1] == f.fill && !f.right || dst[0] == f.fill && f.right || onlyOf(dst, blank)):
		return dst, "expected a text that does not end in what fills the field"
	}
	fill := bytes.Repeat([]byte{f.fill}, f.length-n)
	text := append([]byte{}, dst...)
	switch {
	case !f.right:
		dst = append(dst, fill...)
	case f.numeric() && f.fill == chars.octet('0') && signed(text[0], chars):
		dst = append(append(append(dst[:0], text[0]), fill...), text[1:]...)
	default:
		dst = append(append(dst[:0], fill...), text...)
	}
	if !v.IsNil() && f.stands(dst, chars, &room{}) {
		return dst, readAsNothing
	}
	return dst, ""
}

const readAsNothing = "expected another value: what is written would be read as nothing"

// signed reports whether an octet is a sign, which stands before zeros that fill a field.
func signed(b byte, chars *charset) bool { return chars.plain[b] == '+' || chars.plain[b] == '-' }

// packedText writes a packed decimal. A field that is never negative has the sign F, others C or D.
func (f *column) packedText(dst []byte, v schema.Value) (out []byte, reason string) {
	if reason = f.check(v); reason != "" {
		return dst, reason
	}
	n := f.number
	n.implied = true
	digits, neg, reason := n.figures(v)
	if reason != "" {
		return dst, reason
	}
	sign := byte(0xC)
	if neg {
		sign = 0xD
	} else if t := f.t; t.Minimum != nil && schema.Sign(*t.Minimum) >= 0 {
		sign = 0xF
	}
	digits = bytes.TrimLeft(digits, "0")
	out, ok := appendPacked(dst, digits, f.length, sign)
	if !ok {
		return dst, "expected a number of at most " + plural(2*f.length-1, "digit")
	}
	return out, ""
}
