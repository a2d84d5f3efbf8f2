package codec

import (
	"math"
	"strconv"
	"unsafe"

	"fondaco/schema"
)

// AppendJSON appends a value as compact JSON. Absent fields are left out, an absent value alone is null; numbers are
// exact and without exponents. It has no limit: AppendJSONWithin is for values that callers have a say in.
func AppendJSON(dst []byte, v schema.Value) []byte {
	w := jsonWriter{limit: math.MaxInt}
	return w.append(dst, v)
}

// jsonWriter is one writing under way.
type jsonWriter struct {
	limit int
	over  bool // the limit was passed: what is written further is not used
}

// append appends v, or part of it once the limit is passed.
func (w *jsonWriter) append(dst []byte, v schema.Value) []byte {
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
		if w.passes(len(dst) + v.Len()) {
			return dst
		}
		return AppendText(dst, schema.Base64(v))
	case schema.KindList:
		dst = append(dst, '[')
		for i, x := range v.Items() {
			if w.passes(len(dst)) {
				return dst
			}
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = w.append(dst, x)
		}
		return append(dst, ']')
	case schema.KindRecord:
		return w.record(dst, v)
	case schema.KindMap:
		return w.entries(dst, v.Map())
	}
	if w.passes(len(dst) + v.Len()) {
		return dst
	}
	return AppendText(Reserve(dst, v.Len()+leastReserve, w.limit), v.Str())
}

// leastReserve is the room that is looked for beside a text.
const leastReserve = 64

// passes reports whether n bytes are more than may be written.
func (w *jsonWriter) passes(n int) bool {
	if n > w.limit {
		w.over = true
	}
	return w.over
}

func (w *jsonWriter) record(dst []byte, v schema.Value) []byte {
	t := v.Type()
	dst = append(dst, '{')
	first := true
	for i, x := range v.Fields() {
		if x.IsAbsent() {
			continue
		}
		if w.passes(len(dst)) {
			return dst
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(AppendText(dst, t.Fields[i].Name), ':')
		dst = w.append(dst, x)
	}
	return append(dst, '}')
}

func (w *jsonWriter) entries(dst []byte, m *schema.Map) []byte {
	dst = append(dst, '{')
	first := true
	for i, x := range m.Values {
		if x.IsAbsent() {
			continue
		}
		if w.passes(len(dst) + len(m.Keys[i])) {
			return dst
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(AppendText(dst, m.Keys[i]), ':')
		dst = w.append(dst, x)
	}
	return append(dst, '}')
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
