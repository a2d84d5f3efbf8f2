package schema

// Arena hands out slots and lists from larger blocks, so that decoding a message costs few allocations. The blocks
// belong to the values made from them: an Arena is not reset, it is dropped. Not for concurrent use.
type Arena struct {
	free []Value
	next int
}

const (
	arenaFirst = 32
	arenaMost  = 1024
)

// Slots returns room for a record of type t, as the function Slots does.
func (a *Arena) Slots(t *Type) []Value { return a.Values(len(t.Fields) + 1) }

// Values returns n absent values in a row.
func (a *Arena) Values(n int) []Value {
	if n > len(a.free) {
		if n >= arenaMost/4 {
			return make([]Value, n)
		}
		a.next = min(max(2*a.next, arenaFirst, n), arenaMost)
		a.free = make([]Value, a.next)
	}
	out := a.free[:n:n]
	a.free = a.free[n:]
	return out
}
