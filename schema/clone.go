package schema

import "strings"

// Clone gives a copy of v that holds on to no message, and about how many bytes it takes: what is kept must not keep
// the buffers of what it came from.
func Clone(v Value) (Value, int) {
	const each = 24
	switch v.kind {
	case KindList:
		items := make([]Value, v.n)
		size := each
		for i, x := range v.Items() {
			c, n := Clone(x)
			items[i] = c
			size += n
		}
		return List(items), size
	case KindRecord:
		t := v.Type()
		slots := Slots(t)
		size := 2 * each
		for i, x := range v.Fields() {
			c, n := Clone(x)
			slots[i+1] = c
			size += n
		}
		return Record(t, slots), size
	case KindMap:
		m := v.Map()
		out := &Map{Keys: make([]string, len(m.Keys)), Values: make([]Value, len(m.Values))}
		size := 2 * each
		for i, k := range m.Keys {
			c, n := Clone(m.Values[i])
			out.Keys[i], out.Values[i] = strings.Clone(k), c
			size += n + len(k)
		}
		return MapOf(out), size
	case KindBytes:
		if raw, ok := v.Raw(); ok {
			return Bytes(append([]byte(nil), raw...)), each + len(raw)
		}
	}
	if v.HasText() {
		c := v
		s := textual(v.kind, strings.Clone(v.Str()))
		c.p, c.n = s.p, s.n
		return c, each + int(v.n)
	}
	return v, each
}
