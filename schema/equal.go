package schema

import "fmt"

// Equal reports whether two values are the same: numbers by what they are worth, texts by their characters, dates and
// times by the moment, records by the fields of their names. Absent and null are equal to themselves alone.
func Equal(a, b Value) bool {
	if a.kind.Number() && b.kind.Number() {
		c, err := Compare(a, b)
		return err == nil && c == 0
	}
	if a.kind == KindBytes && b.kind == KindBytes {
		return string(Octets(a)) == string(Octets(b))
	}
	if a.kind != b.kind {
		return a.kind.Textual() && b.kind.Textual() && a.Str() == b.Str()
	}
	switch a.kind {
	case KindAbsent, KindNull:
		return true
	case KindBool:
		return a.n == b.n
	case KindText, KindDuration:
		return a.Str() == b.Str()
	case KindDate, KindTime, KindDateTime, KindTimeLocal, KindDateTimeLocal:
		if a.Str() == b.Str() {
			return true
		}
		c, err := Compare(a, b)
		return err == nil && c == 0
	case KindList:
		x, y := a.Items(), b.Items()
		if len(x) != len(y) {
			return false
		}
		for i := range x {
			if !Equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case KindRecord:
		return equalRecords(a, b)
	case KindMap:
		return equalMaps(a.Map(), b.Map())
	}
	return false
}

// equalMaps looks names up one by one only where few stand elsewhere: maps of one kind mostly have them in one order.
func equalMaps(x, y *Map) bool {
	if len(x.Keys) != len(y.Keys) {
		return false
	}
	var places map[string]int
	for i, k := range x.Keys {
		other := Value{}
		switch {
		case y.Keys[i] == k:
			other = y.Values[i]
		case len(y.Keys) <= fewItems:
			other = y.Get(k)
		default:
			if places == nil {
				places = make(map[string]int, len(y.Keys))
				for j := len(y.Keys) - 1; j >= 0; j-- { // the first of a name counts
					places[y.Keys[j]] = j
				}
			}
			if j, ok := places[k]; ok {
				other = y.Values[j]
			}
		}
		if !Equal(x.Values[i], other) {
			return false
		}
	}
	return true
}

func equalRecords(a, b Value) bool {
	for i, f := range a.Type().Fields {
		if !Equal(a.Field(i), b.Get(f.Name)) {
			return false
		}
	}
	for i, f := range b.Type().Fields {
		if a.Type().Index(f.Name) < 0 && !b.Field(i).IsAbsent() {
			return false
		}
	}
	return true
}

// Compare orders two numbers, texts (by code point), dates, times or moments: -1, 0 or 1. Anything else is an error.
func Compare(a, b Value) (int, error) {
	if a.kind == KindInt && b.kind == KindInt {
		return order(a.n, b.n), nil
	}
	if a.kind.Number() && b.kind.Number() {
		x, y, _, err := operands(a, b)
		if err != nil {
			return 0, err
		}
		if x, y = align(x, y); x.big == nil && y.big == nil {
			return order(x.small, y.small), nil
		}
		return x.coef().Cmp(y.coef()), nil
	}
	if !a.kind.Textual() || !b.kind.Textual() {
		return 0, fmt.Errorf("%s and %s have no order", a.kind, b.kind)
	}
	if a.kind == b.kind && a.kind.clocked() {
		x, _, ok := AsTime(a)
		y, _, ok2 := AsTime(b)
		if ok && ok2 {
			return x.Compare(y), nil
		}
	}
	return order(a.Str(), b.Str()), nil
}

func order[T int64 | string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
