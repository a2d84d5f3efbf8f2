package codec

import "fondaco/schema"

// The nodes of values whose type is open: they read themselves.
var (
	anyNode  = &node{t: schema.TypeAny, kind: schema.KindAny}
	anyElems = &node{t: schema.ListOf(schema.TypeAny), kind: schema.KindList, elem: anyNode}
	anyMap   = &node{t: schema.MapTo(schema.TypeAny), kind: schema.KindMap, elem: anyNode}
	anyText  = &node{t: schema.TypeText, kind: schema.KindText}
	anyBool  = &node{t: schema.TypeBool, kind: schema.KindBool}
)

// any reads whatever comes: records become maps, whole numbers that fit 64 bits integers, others decimals.
func (r *reader) any() schema.Value {
	switch c := r.peek(); c {
	case '{':
		return r.entries(anyMap)
	case '[':
		return r.list(anyElems)
	case '"':
		return r.value(anyText)
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
	if whole && string(b) != "-0" { // which no integer holds
		if i, ok := integer(b); ok {
			return schema.Int(i)
		}
	}
	return schema.DecimalText(borrow(b))
}
