package codec

import (
	"strings"

	"fondaco/schema"
)

// lenientField reads field i of a record. A single value that its type does not admit is left out, where the field may be.
func (r *reader) lenientField(n *node, i int) schema.Value {
	before := len(r.violations)
	v := r.value(n.fields[i])
	f := &n.t.Fields[i]
	if f.Required && !f.Type.Nullable || !r.lost(n.fields[i], before) {
		return v
	}
	if f.Type.Nullable || r.NullAbsent {
		return schema.Null // which complete makes absent where it may not be null
	}
	return schema.Value{}
}

// lost takes back, and counts, what is wrong with a single value since there were so many violations; it reports false of another value,
// and where nothing is.
func (r *reader) lost(n *node, before int) bool {
	if len(r.violations) == before || r.err != nil || !n.single {
		return false
	}
	r.violations = r.violations[:before]
	r.tolerated++
	return true
}

// meant reads a value that stands in the form of another type: a number or a boolean as text, or one of them where text is expected.
// c is its first byte.
func (r *reader) meant(n *node, c byte) schema.Value {
	var text, found string
	begin := r.pos
	switch startOf(c) {
	case startText:
		b, _ := r.text()
		text, found = strings.TrimSpace(string(b)), "text"
	case startBool:
		r.skip()
		found = "a boolean"
	default:
		r.number()
		found = "a number"
	}
	if r.err != nil {
		return schema.Null
	}
	var v schema.Value
	var err error
	switch n.kind {
	case schema.KindText:
		v = schema.Text(borrow(r.data[begin:r.pos]))
	case schema.KindBool:
		v, err = schema.ParseText(strings.ToLower(text), n.t)
	case schema.KindInt, schema.KindDecimal:
		v, err = schema.ParseText(text, n.t)
	default:
		r.violate("type", schema.Article(n.t), found)
		return schema.Null
	}
	if err != nil {
		r.violate("type", schema.Article(n.t), found)
		return schema.Null
	}
	before := len(r.violations)
	if v = r.constrain(n, v); len(r.violations) == before {
		r.tolerated++
	}
	return v
}
