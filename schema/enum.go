package schema

// enumSet finds values among many constants without comparing with each. nil stands for few constants, or for some that
// it cannot tell apart: dates and times are equal to texts as well.
type enumSet map[string]struct{}

func newEnumSet(list []Value) enumSet {
	if len(list) <= fewItems {
		return nil
	}
	s := make(enumSet, len(list))
	var b []byte
	for _, v := range list {
		if !keyed(v) {
			return nil
		}
		b = appendIdentity(b[:0], v)
		s[string(b)] = struct{}{}
	}
	return s
}

// keyed reports whether the identity of v alone determines what it is equal to.
func keyed(v Value) bool { return v.kind == KindText || v.kind.Number() }

// has reports whether v is equal to one of the constants, of which s was made.
func (s enumSet) has(v Value, list []Value) bool {
	if s == nil || !keyed(v) {
		return in(v, list)
	}
	var room [64]byte
	_, found := s[string(appendIdentity(room[:0], v))]
	return found
}

// Without returns the constants of a list that are equal to none of another.
func Without(list, others []Value) []Value {
	var out []Value
	known := newEnumSet(others)
	for _, v := range list {
		if !known.has(v, others) {
			out = append(out, v)
		}
	}
	return out
}

// union returns the constants of both lists, each once: those of a first.
func union(a, b []Value) []Value {
	both := append(append(make([]Value, 0, len(a)+len(b)), a...), b...)
	known := newEnumSet(both)
	if known == nil {
		out := a[:len(a):len(a)]
		for _, v := range b {
			if !in(v, out) {
				out = append(out, v)
			}
		}
		return out
	}
	out := both[:0]
	var key []byte
	for _, v := range both {
		key = appendIdentity(key[:0], v)
		if _, first := known[string(key)]; first || len(out) < len(a) {
			delete(known, string(key))
			out = append(out, v)
		}
	}
	return out
}
