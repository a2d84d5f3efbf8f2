package schema

import (
	"strings"
)

// CloneWithin returns a copy of v that holds on to no message, and about how many bytes it takes: what is kept must not keep
// the buffers of what it came from. It stops, and reports so, once the copy would take more than limit bytes: what a value
// refers to twice is copied twice.
func CloneWithin(v Value, limit int) (c Value, size int, ok bool) {
	if n := leastSize(v); n > limit {
		return Value{}, n, false
	}
	x := cloning{left: limit}
	c, size = x.clone(v)
	return c, size, x.left >= 0
}

// leastSize returns what a value takes at least.
func leastSize(v Value) int {
	if v.HasText() || v.kind == KindBytes || v.kind == KindList {
		return v.Len()
	}
	return 0
}

// cloning is one copying under way; below zero it has stopped.
type cloning struct{ left int }

func (c *cloning) clone(v Value) (Value, int) {
	const each = 24
	if c.left -= each + leastSize(v); c.left < 0 {
		return Value{}, each
	}
	switch v.kind {
	case KindList:
		items := make([]Value, v.n)
		size := each
		for i, x := range v.Items() {
			copied, n := c.clone(x)
			items[i] = copied
			size += n
		}
		return List(items), size
	case KindRecord:
		t := v.Type()
		slots := Slots(t)
		size := 2 * each
		for i, x := range v.Fields() {
			copied, n := c.clone(x)
			slots[i+1] = copied
			size += n
		}
		return Record(t, slots), size
	case KindMap:
		m := v.Map()
		out := &Map{Keys: make([]string, len(m.Keys)), Values: make([]Value, len(m.Values))}
		size := 2 * each
		for i, k := range m.Keys {
			copied, n := c.clone(m.Values[i])
			out.Keys[i], out.Values[i] = strings.Clone(k), copied
			size += n + len(k)
		}
		return MapOf(out), size
	case KindBytes:
		if raw, ok := v.Raw(); ok {
			return Bytes(append([]byte(nil), raw...)), each + len(raw)
		}
	}
	if v.HasText() {
		copied := v
		s := textual(v.kind, strings.Clone(v.Str()))
		copied.p, copied.n = s.p, s.n
		return copied, each + int(v.n)
	}
	return v, each
}
