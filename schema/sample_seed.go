package schema

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"time"
)

// SampleOf is Sample by a seed: values that the type leaves open, as numbers, days, names and how many items a list has, hang on the seed
// and on their place, and are the same at every call with the same seed. Examples and defaults of the type stay what they are.
func SampleOf(t *Type, choose Choose, seed uint64) (Value, error) {
	m := &sampling{choose: choose, scalars: map[scalarKey]Value{}, seeded: true, seed: seed}
	if choose == nil {
		m.choose = func(string, *Field) (bool, Value) { return false, Value{} }
	}
	return m.value(t, "", "text")
}

// pick returns a number below n by seed and place; 0 without a seed.
func (m *sampling) pick(path, of string, n int) int {
	if !m.seeded || n < 2 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, m.seed))
	_, _ = h.Write([]byte(path))
	_, _ = h.Write([]byte(of))
	x := h.Sum64()
	x ^= x >> 29 // the low bits of the sum alone hang on the last bytes alone
	return int(x % uint64(n))
}

// varied returns a scalar by seed and place, that fits all that the type says; absent where none is found, or without a seed.
func (m *sampling) varied(t *Type, path, name string) Value {
	if !m.seeded || t.Kind == KindBytes {
		return Value{}
	}
	n := m.pick(path, "scalar", 1000)
	var text string
	switch t.Kind {
	case KindInt:
		text = fmt.Sprint(1 + n%100)
	case KindDecimal:
		text = fmt.Sprintf("%d.%02d", 1+n/10, n%10*10)
	case KindDate, KindDateTime, KindDateTimeLocal:
		day := time.Date(2026, 1, 1, 8+n%10, n%4*15, 0, 0, time.UTC).AddDate(0, 0, n%365)
		text = day.Format(map[Kind]string{
			KindDate: time.DateOnly, KindDateTime: time.RFC3339, KindDateTimeLocal: "2006-01-02T15:04:05",
		}[t.Kind])
	case KindText:
		switch {
		case t.Format == "uuid":
			text = fmt.Sprintf("6f1c3c56-9d0e-4d4b-8f0a-%012d", n)
		case t.Format == "email":
			text = fmt.Sprintf("nome%d@example.org", n)
		case t.Pattern == "" && t.Format == "":
			text = fmt.Sprintf("%s %d", name, n)
		}
	}
	if text == "" {
		return Value{}
	}
	v, err := ParseText(text, &Type{Kind: t.Kind, Zone: t.Zone})
	if err != nil {
		return Value{}
	}
	if code, _ := NewChecker(t).Constraint(v); code != "" {
		return Value{}
	}
	return v
}
