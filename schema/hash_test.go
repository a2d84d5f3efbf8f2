package schema

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestHash: values that are Equal have one hash, and those that are not have others.
func TestHash(t *testing.T) {
	record := func(names string, values ...Value) Value {
		var r Type
		for _, n := range strings.Fields(names) {
			r.Fields = append(r.Fields, Field{Name: n, Type: TypeAny})
		}
		r.Kind = KindRecord
		return RecordOf(r.Seal(), values...)
	}
	long := strings.Repeat("1234567890", 9)
	values := []Value{
		Int(0), DecimalText("0.00"), DecimalText("-0"), DecimalText("0e5"),
		Int(1), DecimalText("1.0"), DecimalText("1.000"), DecimalText("10e-1"), DecimalCoef(100, 2), DecimalBig(big.NewInt(1000), 3),
		Int(100), DecimalText("1e2"), DecimalText("100.0"), Int(-1), DecimalText("-1.0"),
		Int(1_234_567_890_123_456_789), DecimalText("1234567890123456789.0"), Int(-1_234_567_890_123_456_789),
		DecimalText("-1234567890123456789.00"),
		Int(123_456_789_012_345_678), DecimalText("123456789012345678.000000000000000000000"),
		DecimalText("-123456789012345678.000000000000000000000"), Int(-123_456_789_012_345_678),
		DecimalText(long), DecimalText(long + ".000"), DecimalText("-" + long), DecimalText("0." + long), DecimalText("0." + long + "0"),
		Int(1_000_000_000_000_000_000), DecimalText("1e18"), DecimalText("1e19"), DecimalText("10000000000000000000.0"), DecimalText("1e300"),
		Text("a"), Text(""), Text("2026-01-31"), TextOf(KindDate, "2026-01-31"), Text("PT5M"), TextOf(KindDuration, "PT5M"),
		TextOf(KindDuration, "PT300S"),
		Text("2026-01-31T10:00:00Z"), TextOf(KindDateTime, "2026-01-31T10:00:00Z"), TextOf(KindDateTime, "2026-01-31T11:00:00+01:00"),
		TextOf(KindDateTime, "2026-01-31T10:00:00.000Z"),
		TextOf(KindTime, "10:00:00Z"), TextOf(KindTime, "11:00:00+01:00"), Text("10:00:00Z"), Text("10:00:00 is no time"),
		Bool(true), Bool(false), Null,
		{},
		Bytes([]byte("abc")), BytesBase64("YWJj"), Bytes(nil), BytesBase64(""),
		List(nil), List([]Value{Int(1)}), List([]Value{DecimalText("1.0")}), List([]Value{Int(1), Int(2)}), List([]Value{Int(2), Int(1)}),
		List([]Value{List(nil)}),
		record("a b", Int(1), Int(2)), record("b a", Int(2), Int(1)), record("a b c", Int(1), DecimalText("2.0")), record("a b", Int(2), Int(1)),
		record("a", Int(1)), record("a b", Int(1), Null),
		MapOf(&Map{Keys: []string{"a", "b"}, Values: []Value{Int(1), Int(2)}}),
		MapOf(&Map{Keys: []string{"b", "a"}, Values: []Value{Int(2), Int(1)}}), MapOf(&Map{}),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		coef, scale := random.Int64N(2000)-1000, random.IntN(4)
		values = append(values, DecimalCoef(coef, int16(scale)), Int(coef),
			DecimalBig(new(big.Int).Mul(big.NewInt(coef), pow10(20)), int16(20+scale)))
	}
	for i, a := range values {
		for j, b := range values {
			same := Hash(a) == Hash(b)
			if Equal(a, b) && !same {
				t.Errorf("%d and %d are equal and have other hashes: %s, %s", i, j, a.Str(), b.Str())
			}
			if !Equal(a, b) && same && !(a.kind.Textual() && b.kind.Textual()) {
				t.Errorf("%d and %d share a hash: %v, %v", i, j, a.kind, b.kind)
			}
		}
	}
}

// TestEqual_maps: maps of many names in any order are compared in time that grows with their size.
func TestEqual_maps(t *testing.T) {
	const n = 100_000
	a, b := &Map{}, &Map{}
	for i := range n {
		name := strings.Repeat("x", 8) + Int(int64(i)).number()
		a.Keys, a.Values = append(a.Keys, name), append(a.Values, Int(int64(i)))
		b.Keys, b.Values = append(b.Keys, ""), append(b.Values, Value{})
		b.Keys[i], b.Values[i] = name, Int(int64(i))
	}
	for i := range n / 2 {
		j := n - 1 - i
		b.Keys[i], b.Keys[j], b.Values[i], b.Values[j] = b.Keys[j], b.Keys[i], b.Values[j], b.Values[i]
	}
	if !Equal(MapOf(a), MapOf(b)) {
		t.Error("the maps differ")
	}
	b.Values[7] = Int(-1)
	if Equal(MapOf(a), MapOf(b)) {
		t.Error("the maps are equal")
	}
}

// TestMaxDigits: a number has at most 1,000 digits, wherever it is read.
func TestMaxDigits(t *testing.T) {
	for s, ok := range map[string]bool{
		strings.Repeat("9", MaxDigits): true, strings.Repeat("9", MaxDigits+1): false, "0." + strings.Repeat("9", 999): true, "0." +
			strings.Repeat("9", 1000): false,
		strings.Repeat("0", 1001): false, "1e999999": false, "1e1000": true, "1e-1001": false, "1e" + strings.Repeat("0", 2000) + "1": false,
	} {
		if _, err := ParseDecimal(s); (err == nil) != ok {
			t.Errorf("%.20s… of %d characters: %v", s, len(s), err)
		}
	}
}
