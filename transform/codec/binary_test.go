package codec

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"fondaco/schema"
)

// identical reports whether two values are the same to the last digit, and laid out by the same types.
func identical(a, b schema.Value) bool {
	if a.Kind() != b.Kind() || a.HasText() != b.HasText() || a.Str() != b.Str() || a.Type() != b.Type() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case schema.KindBool:
		return a.Bool() == b.Bool()
	case schema.KindInt:
		return a.Int() == b.Int()
	case schema.KindDecimal:
		x, xs, _ := a.Coef()
		y, ys, _ := b.Coef()
		p, ps := a.Big()
		q, qs := b.Big()
		return a.HasText() || p == nil && q == nil && x == y && xs == ys || p != nil && q != nil && p.Cmp(q) == 0 && ps == qs
	case schema.KindBytes:
		x, raw := a.Raw()
		y, raw2 := b.Raw()
		return raw == raw2 && string(x) == string(y)
	}
	x, y := a.Items(), b.Items()
	if a.Kind() == schema.KindRecord {
		x, y = a.Fields(), b.Fields()
	}
	if m := a.Map(); m != nil {
		x, y = m.Values, b.Map().Values
		for i := range m.Keys {
			if m.Keys[i] != b.Map().Keys[i] {
				return false
			}
		}
	}
	for i := range x {
		if !identical(x[i], y[i]) {
			return false
		}
	}
	return true
}

// TestBinary: what is written is read back to the last digit, and nothing shorter or longer is read at all.
func TestBinary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := drawType(t, 3)
		v := drawValue(t, typ)
		b, err := AppendBinaryWithin([]byte("x"), v, typ, math.MaxInt)
		if err != nil {
			t.Fatalf("%s as %s: %v", AppendJSON(nil, v), typ, err)
		}
		b = b[1:]
		got, err := DecodeBinary(b, typ)
		if err != nil || !identical(got, v) {
			t.Fatalf("%s as %s was read as %s, %v", AppendJSON(nil, v), typ, AppendJSON(nil, got), err)
		}
		if _, err := DecodeBinary(append(b[:len(b):len(b)], isNull), typ); err == nil {
			t.Fatal("more was read than a value")
		}
		if _, err := DecodeBinary(b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")], typ); err == nil {
			t.Fatal("less was read than a value")
		}
	})
}

// TestBinaryForms: the forms that drawn values do not have, and unions, whose records are told apart by their types.
func TestBinaryForms(t *testing.T) {
	huge, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	card := schema.RecordType(schema.Field{Name: "number", Type: schema.TypeText})
	cash := schema.RecordType(schema.Field{Name: "number", Type: schema.TypeText})
	either := &schema.Type{Kind: schema.KindUnion, Variants: []*schema.Type{
		card, cash, schema.ListOf(cash), schema.TypeDecimal,
		schema.TypeDate,
	}}
	paid := schema.RecordOf(cash, schema.Text("7"))
	for _, c := range []struct {
		v  schema.Value
		of *schema.Type
	}{
		{schema.DecimalBig(huge, 7), schema.TypeDecimal},
		{schema.DecimalBig(new(big.Int).Neg(huge), -7), schema.TypeDecimal},
		{schema.DecimalText("10.50"), schema.TypeDecimal},
		{schema.DecimalText("1E3"), schema.TypeAny},
		{schema.Int(3), schema.TypeDecimal},
		{schema.BytesBase64("AAE="), schema.TypeBytes},
		{schema.Bytes(nil), schema.TypeBytes},
		{schema.Text(""), schema.TypeText},
		{schema.TextOf(schema.KindDate, "2026-01-31"), schema.TypeText},
		{schema.TextOf(schema.KindTime, "09:00:00.5"), schema.TypeTime},
		{schema.TextOf(schema.KindDuration, "-P1DT2.5S"), schema.TypeDuration},
		{schema.TextOf(schema.KindDateTime, "2026-01-31T24:00:00"), nil},
		{schema.Value{}, schema.TypeText},
		{schema.Null, schema.TypeText},
		{schema.List(nil), schema.ListOf(schema.TypeInt)},
		{paid, either},
		{schema.List([]schema.Value{paid, paid}), either},
		{schema.DecimalCoef(-105, 1), either},
		{schema.TextOf(schema.KindDate, "2026-01-31"), either},
		{schema.MapOf(&schema.Map{Keys: []string{"a", "a/b"}, Values: []schema.Value{schema.Int(1), schema.Null}}), schema.TypeAny},
		{paid, card}, // of another type with the same names: what is read is laid out by the type asked for
		{paid, nil},
		{schema.Int(1), nil},
		{schema.Text("x"), nil},
	} {
		of := c.of
		if of == nil { // it cannot be written, or not be read
			of = schema.ListOf(schema.TypeDateTime)
			c.v = schema.List([]schema.Value{c.v})
		}
		b, err := AppendBinaryWithin(nil, c.v, of, math.MaxInt)
		if err == nil {
			var got schema.Value
			if got, err = DecodeBinary(b, of); err == nil && !identical(got, c.v) &&
				(of != card || got.Type() != card || got.Get("number").Str() != "7") {
				t.Errorf("%s as %s was read as %s", AppendJSON(nil, c.v), of, AppendJSON(nil, got))
			}
		}
		if (err != nil) != (c.of == nil) {
			t.Errorf("%s as %s: %v", AppendJSON(nil, c.v), of, err)
		}
	}
	if b, err := AppendBinaryWithin([]byte("x"), paid, schema.TypeAny, math.MaxInt); err == nil || string(b) != "x" {
		t.Errorf("a record, whose names would be lost: %q, %v", b, err)
	}
}

// FuzzBinary: of any bytes nothing is read but values of the type; they are written and read again the same.
func FuzzBinary(f *testing.F) {
	typ := everything()
	d := CompileJSON(typ, JSONOptions{Unknown: Ignore, NullAbsent: true})
	for _, s := range []string{
		`{"amount":1,"either":[{"amount":2}],"tagged":{"kind":"cash","desk":3}}`,
		`{"amount":1,"map":{"a":{"amount":2.50}},"moment":"2026-01-15T09:00:00Z"}`,
		`{"amount":1,"either":{"kind":"card","number":"7"},"note":null,"count":null,"pdf":"AAE="}`,
	} {
		v, err := d.Decode([]byte(s))
		if err != nil {
			f.Fatal(err)
		}
		b, err := AppendBinaryWithin(nil, v, typ, math.MaxInt)
		if err != nil {
			f.Fatal(err)
		}
		if got, err := DecodeBinary(b, typ); err != nil || !identical(got, v) {
			f.Fatalf("%s was read as %s, %v", s, AppendJSON(nil, got), err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := DecodeBinary(data, typ)
		if err != nil {
			return
		}
		b, err := AppendBinaryWithin(nil, v, typ, math.MaxInt)
		if err != nil {
			t.Fatalf("%q was read as %s, which cannot be written: %v", data, AppendJSON(nil, v), err)
		}
		again, err := DecodeBinary(b, typ)
		if err != nil || !identical(again, v) {
			t.Fatalf("%q was read as %s, then as %s, %v", data, AppendJSON(nil, v), AppendJSON(nil, again), err)
		}
	})
}

// BenchmarkBinary measures a list of records both ways.
func BenchmarkBinary(b *testing.B) {
	typ := listType()
	v, err := CompileJSON(typ, JSONOptions{}).Decode(list())
	if err != nil {
		b.Fatal(err)
	}
	data, err := AppendBinaryWithin(nil, v, typ, math.MaxInt)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		buf := make([]byte, 0, len(data))
		for b.Loop() {
			_, _ = AppendBinaryWithin(buf, v, typ, math.MaxInt)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			_, _ = DecodeBinary(data, typ)
		}
	})
}
