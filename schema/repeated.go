package schema

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// fewItems is the number of items up to which comparing each with each is cheaper than writing them down.
const fewItems = 16

// Repeated reports whether two of the items are Equal, in time that grows with their size alone.
func Repeated(items []Value) bool {
	if len(items) <= fewItems {
		for i, x := range items {
			for _, y := range items[:i] {
				if Equal(x, y) {
					return true
				}
			}
		}
		return false
	}
	seen := make(map[string]struct{}, len(items))
	var b []byte
	for _, x := range items {
		b = appendIdentity(b[:0], x)
		if _, ok := seen[string(b)]; ok {
			return true
		}
		seen[string(b)] = struct{}{}
	}
	return false
}

// appendIdentity appends a text that two values share exactly if they are Equal.
func appendIdentity(b []byte, v Value) []byte {
	text := func(letter byte, s string) []byte {
		b = strconv.AppendInt(append(b, letter), int64(len(s)), 10)
		return append(append(b, ':'), s...)
	}
	switch v.kind {
	case KindNull:
		return append(b, 'z')
	case KindBool:
		return append(b, 'b', byte('0'+v.n))
	case KindInt, KindDecimal:
		n, _ := numberOf(v)
		return append(AppendNumber(append(b, 'n'), trimZeros(n).value()), ';')
	case KindBytes:
		return text('o', string(Octets(v)))
	case KindText, KindDate, KindDuration:
		return text('t', v.Str())
	case KindTime, KindDateTime, KindTimeLocal, KindDateTimeLocal:
		if t, _, ok := AsTime(v); ok {
			return text(byte('A'+v.kind), t.UTC().Format(time.RFC3339Nano))
		}
		return text('t', v.Str())
	case KindList:
		b = append(b, '[')
		for _, x := range v.Items() {
			b = appendIdentity(b, x)
		}
		return append(b, ']')
	case KindRecord, KindMap:
		names, values := entriesOf(v)
		order := make([]int, len(names))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int { return strings.Compare(names[i], names[j]) })
		b = append(b, byte('A'+v.kind))
		for _, i := range order {
			if values[i].IsAbsent() {
				continue
			}
			b = text('k', names[i])
			b = appendIdentity(b, values[i])
		}
		return append(b, '}')
	}
	return append(b, '-')
}

func entriesOf(v Value) (names []string, values []Value) {
	if m := v.Map(); m != nil {
		return m.Keys, m.Values
	}
	for _, f := range v.Type().Fields {
		names = append(names, f.Name)
	}
	return names, v.Fields()
}
