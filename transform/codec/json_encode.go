package codec

import (
	"strconv"
	"unsafe"

	"fondaco/schema"
)

// AppendJSON appends a value as compact JSON. Absent fields are left out, an absent value alone is null; numbers are
// exact and without exponents.
func AppendJSON(dst []byte, v schema.Value) []byte {
	switch v.Kind() {
	case schema.KindAbsent, schema.KindNull:
		return append(dst, "null"...)
	case schema.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case schema.KindInt:
		return strconv.AppendInt(dst, v.Int(), 10)
	case schema.KindDecimal:
		return schema.AppendNumber(dst, v)
	case schema.KindBytes:
		return AppendText(dst, schema.Base64(v))
	case schema.KindList:
		dst = append(dst, '[')
		for i, x := range v.Items() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJSON(dst, x)
		}
		return append(dst, ']')
	case schema.KindRecord:
		t := v.Type()
		dst = append(dst, '{')
		first := true
		for i, x := range v.Fields() {
			if x.IsAbsent() {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(AppendText(dst, t.Fields[i].Name), ':')
			dst = AppendJSON(dst, x)
		}
		return append(dst, '}')
	case schema.KindMap:
		m := v.Map()
		dst = append(dst, '{')
		first := true
		for i, x := range m.Values {
			if x.IsAbsent() {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(AppendText(dst, m.Keys[i]), ':')
			dst = AppendJSON(dst, x)
		}
		return append(dst, '}')
	}
	return AppendText(dst, v.Str())
}

const hexDigits = "0123456789abcdef"

// AppendText appends a text as a JSON string. What is not UTF-8 becomes U+FFFD.
func AppendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	start := 0
	for i := 0; ; {
		if i = plainRun(b, i); i == len(b) {
			return append(append(dst, s[start:]...), '"')
		}
		c := b[i]
		if c >= 0x80 {
			n := runeLen(b[i:])
			if n > 0 {
				i += n
				continue
			}
			dst = append(append(dst, s[start:i]...), "\ufffd"...)
			i++
			start = i
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
}
