package codec

import "fondaco/schema"

// The nodes of values whose type is open: they read themselves.
var (
	anyNode  = &node{t: schema.TypeAny}
	anyElems = &node{t: schema.ListOf(schema.TypeAny), elem: anyNode}
	anyMap   = &node{t: schema.MapTo(schema.TypeAny), elem: anyNode}
	anyText  = &node{t: schema.TypeText}
	anyBool  = &node{t: schema.TypeBool}
)

// any reads whatever comes: records become maps, whole numbers that fit 64 bits integers, others decimals.
func (r *reader) any() schema.Value {
	switch c := r.peek(); c {
	case '{':
		return r.entries(anyMap)
	case '[':
		return r.list(anyElems)
	case '"':
		return r.textual(anyText)
	case 't', 'f':
		return r.value(anyBool)
	default:
		if c != '-' && (c < '0' || c > '9') {
			r.fail("expected a value")
			return schema.Null
		}
	}
	b, whole := r.number()
	if r.err != nil {
		return schema.Null
	}
	if whole {
		if i, ok := integer(b); ok {
			return schema.Int(i)
		}
	}
	return schema.DecimalText(borrow(b))
}

// union reads a value of one of several types: the one that its tag names, or the first that takes it without a
// violation. Where several records take it, the one with the most fields present counts.
func (r *reader) union(n *node) schema.Value {
	begin := r.scanner
	stack, path, before := len(r.stack), len(r.path), len(r.violations)
	var best schema.Value
	var after scanner
	most := -1
	for _, variant := range n.variants {
		r.scanner = begin
		v := r.value(variant)
		fits := r.err == nil && len(r.violations) == before
		r.stack, r.path = r.stack[:stack], r.path[:path]
		r.violations = r.violations[:before]
		if !fits {
			continue
		}
		if present := present(v); present > most {
			best, after, most = v, r.scanner, present
		}
		if v.Kind() != schema.KindRecord {
			break
		}
	}
	if most < 0 {
		r.scanner = begin
		r.skip()
		if r.err == nil {
			r.violate("type", "one of several types", "none of them")
		}
		return schema.Null
	}
	r.scanner = after
	return best
}

// present counts the fields of a record that are there; 0 for anything else.
func present(v schema.Value) (n int) {
	for _, f := range v.Fields() {
		if !f.IsAbsent() {
			n++
		}
	}
	return n
}
