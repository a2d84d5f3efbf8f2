package codec

import (
	"strconv"

	"fondaco/schema"
)

// jsonStep is a part of the way from the root: field at of the record type t, the key of a map, or place at in a list.
type jsonStep struct {
	t   *schema.Type
	key string
	at  int
}

func (s jsonStep) name() string {
	if s.t != nil {
		return s.t.Fields[s.at].Name
	}
	return s.key
}

// maxViolations is how many violations of one document are told.
const maxViolations = 20

// violate adds a violation at the present place.
func (r *reader) violate(code, expected, found string) {
	if len(r.violations) >= maxViolations {
		return
	}
	var b []byte
	for _, s := range r.path {
		if s.t == nil && s.at >= 0 {
			b = strconv.AppendInt(append(b, '/'), int64(s.at), 10)
			continue
		}
		b = appendPointer(b, s.name())
	}
	r.violations = append(r.violations, &schema.Violation{Path: string(b), Code: code, Expected: expected, Found: found})
}

// appendPointer appends a name as a part of a JSON Pointer (RFC 6901).
func appendPointer(b []byte, name string) []byte {
	b = append(b, '/')
	for i := range len(name) {
		switch c := name[i]; c {
		case '~':
			b = append(b, "~0"...)
		case '/':
			b = append(b, "~1"...)
		default:
			b = append(b, c)
		}
	}
	return b
}

// violateAt adds a violation at a name within the present place.
func (r *reader) violateAt(name, code, expected, found string) {
	r.path = append(r.path, jsonStep{key: name, at: -1})
	r.violate(code, expected, found)
	r.path = r.path[:len(r.path)-1]
}

// mismatch passes over a value of the wrong kind and says so.
func (r *reader) mismatch(n *node, found string) schema.Value {
	r.violate("type", schema.Article(n.t), found)
	r.skip()
	return schema.Null
}

// tellable returns a name as it may be told back: a foreign name could hold anything.
func tellable(name []byte) string {
	if len(name) > 64 {
		return "(unknown)"
	}
	for _, c := range name {
		if c != '_' && c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return "(unknown)"
		}
	}
	return string(name)
}

// nullLeftOut reports whether null at the present place counts as the field being left out.
func (r *reader) nullLeftOut() bool {
	if !r.NullAbsent || len(r.path) == 0 {
		return false
	}
	last := r.path[len(r.path)-1]
	return last.t != nil && optional(&last.t.Fields[last.at])
}

// optional reports whether a field may be left out and may not be null.
func optional(f *schema.Field) bool { return !f.Required && !f.Type.Nullable }
