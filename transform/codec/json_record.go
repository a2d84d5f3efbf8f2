package codec

import (
	"strings"

	"fondaco/schema"
)

func (r *reader) list(n *node) schema.Value {
	if !r.enter() {
		return schema.Null
	}
	base := len(r.stack)
	if r.peek() == ']' {
		r.leave()
		return r.constrain(n, schema.List(nil))
	}
	r.path = append(r.path, jsonStep{})
	top := len(r.path) - 1
	for i, more := 0, true; more && r.err == nil; i, more = i+1, r.next(']') {
		r.path[top].at = i
		v := r.value(n.elem)
		r.stack = append(r.stack, v)
	}
	r.path = r.path[:top]
	if r.err != nil {
		return schema.Null
	}
	items := r.arena.Values(len(r.stack) - base)
	copy(items, r.stack[base:])
	r.stack = r.stack[:base]
	return r.constrain(n, schema.List(items))
}

func (r *reader) record(n *node) schema.Value {
	if !r.enter() {
		return schema.Null
	}
	t := n.t
	slots := r.arena.Slots(t)
	if r.peek() == '}' {
		r.leave()
		return r.complete(n, slots)
	}
	r.path = append(r.path, jsonStep{t: t})
	top := len(r.path) - 1
	var others []string // names outside of the type, to find one that stands twice
	next := 0
	for more := true; more && r.err == nil; more = r.next('}') {
		begin := r.pos
		i := next
		if next >= len(n.names) || n.names[next] == "" || !r.named(n.names[next]) { // documents mostly come in the order of their type
			name := r.name()
			if r.err != nil {
				break
			}
			if i = t.Index(borrow(name)); i < 0 {
				others = r.other(n, others, name, begin)
				r.skip()
				continue
			}
		}
		next = i + 1
		if !slots[i+1].IsAbsent() {
			r.pos = begin
			r.fail(twice)
			break
		}
		r.path[top].at = i
		if r.lenient {
			slots[i+1] = r.lenientField(n, i)
		} else {
			slots[i+1] = r.value(n.fields[i])
		}
	}
	r.path = r.path[:top]
	if r.err != nil {
		return schema.Null
	}
	return r.complete(n, slots)
}

const twice = "a name stands twice in one record"

// maxOthers is how many names outside of a type are compared with each other: a document with more is refused anyway.
const maxOthers = 64

// other deals with a name that the type does not list.
func (r *reader) other(n *node, others []string, name []byte, begin int) []string {
	if n.t.Open || r.Unknown == Ignore || len(others) >= maxOthers {
		return others
	}
	for _, o := range others {
		if o == string(name) {
			r.pos = begin
			r.fail(twice)
			return others
		}
	}
	last := len(r.path) - 1
	own := r.path[last]
	r.path = r.path[:last]
	r.violateAt(tellable(name), "unknown", "no such field", "")
	r.path = append(r.path, own) // whose place the name has taken
	return append(others, borrow(name))
}

// complete ends a record: what is required must be there. Null that counts as left out has stood for itself until now,
// to tell that the name was there.
func (r *reader) complete(n *node, slots []schema.Value) schema.Value {
	for _, i := range n.required {
		if slots[i+1].IsAbsent() {
			r.violateAt(n.t.Fields[i].Name, "required", schema.Article(n.t.Fields[i].Type), "nothing")
		}
	}
	if r.NullAbsent {
		for i := range n.t.Fields {
			if slots[i+1].IsNil() && optional(&n.t.Fields[i]) {
				slots[i+1] = schema.Value{}
			}
		}
	}
	v := schema.Record(n.t, slots)
	if len(n.t.Present) > 0 {
		r.together(n.t, v)
	}
	return v
}

// together looks whether the fields of a record are there together as its type asks.
func (r *reader) together(t *schema.Type, v schema.Value) {
	for i := range t.Present {
		switch field, how := t.Present[i].Broken(v); {
		case how == "":
		case field != "":
			r.violateAt(field, "presence", t.Present[i].String(), how)
		default:
			r.violate("presence", t.Present[i].String(), how)
		}
	}
}

// fewKeys is the number of keys of a map up to which a new one is compared with each.
const fewKeys = 16

func (r *reader) entries(n *node) schema.Value {
	if !r.enter() {
		return schema.Null
	}
	m := &schema.Map{}
	if r.peek() == '}' {
		r.leave()
		return r.constrain(n, schema.MapOf(m))
	}
	r.path = append(r.path, jsonStep{at: -1})
	top := len(r.path) - 1
	base := len(r.stack)
	var seen map[string]struct{}
	for more := true; more && r.err == nil; more = r.next('}') {
		begin := r.pos
		name := borrow(r.name())
		if r.err != nil {
			break
		}
		double := false
		if seen == nil {
			for _, k := range m.Keys {
				double = double || k == name
			}
		} else {
			_, double = seen[name]
		}
		if double {
			r.pos = begin
			r.fail(twice)
			break
		}
		if strings.IndexByte(name, 0) >= 0 {
			own := r.path[top]
			r.path = r.path[:top]
			r.violate("format", "names without the character NUL", "")
			r.path = append(r.path, own)
		}
		m.Keys = append(m.Keys, name)
		if seen == nil && len(m.Keys) == fewKeys {
			seen = namesOf(m.Keys)
		} else if seen != nil {
			seen[name] = struct{}{}
		}
		r.path[top].key = name
		before := len(r.violations)
		v := r.value(n.elem)
		if r.lenient && r.lost(n.elem, before) {
			if v = schema.Null; !n.elem.t.Nullable {
				if seen == nil {
					seen = namesOf(m.Keys) // this one is there no more, and must not come again
				}
				m.Keys = m.Keys[:len(m.Keys)-1]
				continue
			}
		}
		r.stack = append(r.stack, v)
	}
	r.path = r.path[:top]
	if r.err != nil {
		return schema.Null
	}
	m.Values = r.arena.Values(len(r.stack) - base)
	copy(m.Values, r.stack[base:])
	r.stack = r.stack[:base]
	return r.constrain(n, schema.MapOf(m))
}

func namesOf(keys []string) map[string]struct{} {
	names := make(map[string]struct{}, 4*fewKeys)
	for _, k := range keys {
		names[k] = struct{}{}
	}
	return names
}
