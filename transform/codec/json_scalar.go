package codec

import (
	"bytes"
	"strconv"
	"unsafe"

	"fondaco/schema"
)

// value reads one value of the node's type.
func (r *reader) value(n *node) schema.Value {
	c := r.peek()
	switch n.kind {
	case schema.KindText:
		if c == '"' {
			b, plain := r.text()
			if plain && n.checker == nil && !n.claims && r.err == nil {
				return schema.Text(borrow(b))
			}
			return r.letters(n, b, plain)
		}
	case schema.KindDecimal:
		if b, _ := r.digits(c); b != nil {
			return r.constrain(n, schema.DecimalText(borrow(b)))
		}
	case schema.KindInt:
		if b, whole := r.digits(c); b != nil {
			return r.constrain(n, r.integer(n, b, whole))
		}
	case schema.KindRecord:
		if c == '{' {
			return r.record(n)
		}
	case schema.KindList:
		if c == '[' {
			return r.list(n)
		}
	case schema.KindMap:
		if c == '{' {
			return r.entries(n)
		}
	case schema.KindBool:
		if c == 't' && r.word("true") || c == 'f' && r.word("false") {
			return r.constrain(n, schema.Bool(c == 't'))
		}
	case schema.KindDate, schema.KindTime, schema.KindDateTime, schema.KindDuration, schema.KindBytes, schema.KindDateTimeLocal,
		schema.KindTimeLocal:
		if c == '"' {
			b, plain := r.text()
			return r.letters(n, b, plain)
		}
	case schema.KindAny, schema.KindUnknown:
		if c != 'n' {
			return r.any()
		}
	case schema.KindUnion:
		if c != 'n' && !r.broken(c) {
			return r.union(n)
		}
	}
	return r.another(n, c)
}

// another reads null, and passes over what is not of the node's kind.
func (r *reader) another(n *node, c byte) schema.Value {
	switch {
	case r.err != nil:
	case c == 'n':
		if r.word("null") && !n.t.Nullable && !r.nullLeftOut() {
			r.violate("null", schema.Article(n.t), "null")
		}
	case c == '{':
		return r.mismatch(n, "a record")
	case c == '[':
		return r.mismatch(n, "a list")
	case r.lenient && n.single && (c == '"' || n.kind == schema.KindText && startOf(c)&(startNumber|startBool) != 0):
		return r.meant(n, c)
	case c == '"':
		return r.mismatch(n, "text")
	case c == 't' || c == 'f':
		return r.mismatch(n, "a boolean")
	case !r.broken(c):
		return r.mismatch(n, "a number")
	}
	return schema.Null
}

// broken fails if no value begins with c.
func (r *reader) broken(c byte) bool {
	switch c {
	case '{', '[', '"', 't', 'f', 'n', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return false
	}
	r.fail("expected a value")
	return true
}

// constrain checks the constraints of the type itself.
func (r *reader) constrain(n *node, v schema.Value) schema.Value {
	if n.checker != nil && v.Kind() != schema.KindNull {
		r.check(n, v)
	}
	if n.claims && schema.ClaimBroken(v.Str(), n.t) {
		r.claimed++
	}
	return v
}

func (r *reader) check(n *node, v schema.Value) {
	if code, expected := n.checker.Constraint(v); code != "" {
		r.violate(code, expected, "")
	}
}

// digits reads a number if c begins one; nil if not.
func (r *reader) digits(c byte) (b []byte, whole bool) {
	if c != '-' && (c < '0' || c > '9') {
		return nil, false
	}
	return r.number()
}

// integer returns the whole number that b writes, as 2, and also as 2.0 and 2e2 (JSON Schema).
func (r *reader) integer(n *node, b []byte, whole bool) schema.Value {
	if whole {
		i, ok := integer(b)
		if !ok {
			r.violate("range", "an integer of 64 bits", "")
			return schema.Null
		}
		return schema.Int(i)
	}
	if v, err := schema.ParseDecimal(borrow(b)); err == nil {
		if v, err = schema.ToInt(v); err == nil {
			return v
		}
	}
	r.violate("type", schema.Article(n.t), "a decimal")
	return schema.Null
}

// integer reads a whole number that number has found well formed.
func integer(b []byte) (int64, bool) {
	if len(b) > 18 {
		i, err := strconv.ParseInt(borrow(b), 10, 64)
		return i, err == nil
	}
	neg := b[0] == '-'
	if neg {
		b = b[1:]
	}
	var n int64
	for _, c := range b {
		n = n*10 + int64(c-'0')
	}
	if neg {
		return -n, true
	}
	return n, true
}

// borrow returns b as a string without copying: the document is not written to any more.
func borrow(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// letters makes what text gave a value of the node's kind.
func (r *reader) letters(n *node, b []byte, plain bool) schema.Value {
	if r.err != nil {
		return schema.Null
	}
	s := borrow(b)
	var v schema.Value
	var err error
	switch n.kind {
	case schema.KindText:
		if !plain && bytes.IndexByte(b, 0) >= 0 {
			r.violate("format", "text without the character NUL", "")
			return schema.Null
		}
		v = schema.Text(s)
	case schema.KindDate:
		v, err = schema.ParseDate(s)
	case schema.KindTime, schema.KindDateTime, schema.KindDuration, schema.KindDateTimeLocal, schema.KindTimeLocal:
		v, err = schema.ParseText(s, n.t)
	case schema.KindBytes:
		if !base64Text(s) {
			r.violate("format", "bytes in base64", "")
			return schema.Null
		}
		v = schema.BytesBase64(s)
	}
	if err != nil {
		r.violate("format", schema.Article(n.t), "text")
		return schema.Null
	}
	return r.constrain(n, v)
}

// base64Text reports whether s is padded base64 of the standard alphabet (RFC 4648 §4).
func base64Text(s string) bool {
	if len(s)%4 != 0 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/'
		if !letter && (c != '=' || i < len(s)-2 || i == len(s)-2 && s[i+1] != '=') {
			return false
		}
	}
	return true
}
