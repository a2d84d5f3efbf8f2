package records

import "fondaco/schema"

// packedValue reads a packed decimal (COMP-3): two digits an octet, the last half the sign. C, A, E and F are plus, D and B minus.
func (f *column) packedValue(raw []byte, chars *charset) (v schema.Value, reason string) {
	if blank := chars.octet(' '); raw[0] == blank && onlyOf(raw, blank) || f.t.Nullable && onlyOf(raw, 0) {
		return f.value(nil, chars, nil)
	}
	var coef int64
	long := make([]byte, 0, 2*len(raw)+1)
	for i, b := range raw {
		high, low := b>>4, b&0x0F
		if high > 9 || low > 9 && i+1 < len(raw) {
			return v, "expected a packed decimal"
		}
		coef = coef*10 + int64(high)
		long = append(long, '0'+high)
		if i+1 < len(raw) {
			coef = coef*10 + int64(low)
			long = append(long, '0'+low)
		}
	}
	neg := false
	switch raw[len(raw)-1] & 0x0F {
	case 0xA, 0xC, 0xE, 0xF:
	case 0xB, 0xD:
		neg = true
	default:
		return v, "expected a packed decimal, whose last half byte is a sign"
	}
	if neg {
		coef = -coef
	}
	switch {
	case len(long) > longest:
		n := f.number
		n.chars = ascii
		if v, reason = n.long(long, -1, neg, max(n.decimals, 0)); reason != "" {
			return v, reason
		}
	case f.t.Kind == schema.KindInt:
		v = schema.Int(coef)
	default:
		v = schema.DecimalCoef(coef, int16(max(f.number.decimals, 0)))
	}
	if f.checker != nil {
		if _, expected := f.checker.Constraint(v); expected != "" {
			return v, "expected " + expected
		}
	}
	return v, ""
}

var ascii = newCharset(utf8Name)

// appendPacked writes digits as a packed decimal of n octets; ok is false if they do not fit.
func appendPacked(dst, digits []byte, n int, sign byte) (out []byte, ok bool) {
	room := 2*n - 1
	if len(digits) > room {
		return dst, false
	}
	at := func(i int) byte { // digit i of room
		if i -= room - len(digits); i >= 0 {
			return digits[i] - '0'
		}
		return 0
	}
	for i := range n {
		low := sign
		if 2*i+1 < room {
			low = at(2*i + 1)
		}
		dst = append(dst, at(2*i)<<4|low)
	}
	return dst, true
}
