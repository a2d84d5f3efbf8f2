package schema

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// tree returns a type that refers to itself through a union, a new one at each call.
func tree(leaf *Type) *Type {
	union := &Type{Kind: KindUnion}
	for _, name := range []string{"a", "b", "c"} {
		union.Variants = append(union.Variants, RecordType(Field{Name: name, Type: ListOf(union), Required: true},
			Field{Name: "leaf", Type: leaf}))
	}
	return union
}

// TestTypesThatReferToThemselves: every question about them has an end.
func TestTypesThatReferToThemselves(t *testing.T) {
	a, b, c := tree(TypeInt), tree(TypeInt), tree(TypeText)
	if !Same(a, b) || Same(a, c) {
		t.Error("Same is wrong of trees")
	}
	if got := Fits(a, b); got != nil {
		t.Errorf("Fits(a, b) = %v", got)
	}
	if got := Fits(a, c); len(got) != 1 || got[0].Path != "" {
		t.Errorf("Fits(a, c) = %v", got)
	}
	NeedsCheck(a, c)
	if got := Join(a.Variants[0], c.Variants[0]).String(); got != "{a: list of union, leaf?: text or integer}" &&
		got != "{a: list of union, leaf?: integer or text}" {
		t.Errorf("Join returns %s", got)
	}
	list := func(leaf *Type) *Type {
		r := &Type{Kind: KindRecord}
		r.Fields = []Field{{Name: "next", Type: r}, {Name: "other", Type: ListOf(r)}, {Name: "third", Type: MapTo(r)}, {Name: "leaf", Type: leaf}}
		return r
	}
	joined := Join(list(TypeInt), list(TypeDecimal))
	if joined.Fields[0].Type != joined || joined.Fields[3].Type.Kind != KindDecimal {
		t.Errorf("Join returns %s", joined)
	}
}

// TestCheckOfUnionsWithinUnions: the work grows with the value, not with the variants to the power of its depth.
func TestCheckOfUnionsWithinUnions(t *testing.T) {
	typ := tree(TypeInt)
	v := List(nil)
	for i := range 200 {
		of := typ.Variants[i%3]
		v = List([]Value{RecordOf(of, v, Int(1))})
	}
	if wrong := Check(v.Items()[0], typ); wrong != nil {
		t.Errorf("a tree is refused: %v", wrong)
	}
}

func drawScalar(t *rapid.T) Value {
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0:
		return Null
	case 1:
		return Bool(rapid.Bool().Draw(t, "bool"))
	case 2:
		return Int(rapid.Int64Range(-3, 3).Draw(t, "int"))
	case 3:
		return DecimalCoef(rapid.Int64Range(-300, 300).Draw(t, "coef"), rapid.Int16Range(0, 3).Draw(t, "scale"))
	case 4:
		return DecimalText(rapid.SampledFrom([]string{"1.0", "1", "-0", "0.00", "2.50", "2.5", "1e1"}).Draw(t, "literal"))
	case 5:
		return TextOf(KindDateTime, rapid.SampledFrom([]string{"2026-01-15T09:00:00+01:00", "2026-01-15T08:00:00Z", "2026-01-15T08:00:00.0Z"}).
			Draw(t, "moment"))
	}
	return Text(rapid.SampledFrom([]string{"", "a", "b", "1:a", "]"}).Draw(t, "text"))
}

// TestRepeated: what is found through identities is what comparing each with each finds.
func TestRepeated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wrap := func(v Value) Value {
			switch rapid.IntRange(0, 2).Draw(t, "wrap") {
			case 0:
				return List([]Value{v, Int(1)})
			case 1:
				return MapOf(&Map{Keys: []string{"k"}, Values: []Value{v}})
			}
			return v
		}
		a, b := wrap(drawScalar(t)), wrap(drawScalar(t))
		x, y := string(appendIdentity(nil, a)), string(appendIdentity(nil, b))
		if Equal(a, b) != (x == y) {
			t.Fatalf("Equal returns %v of %s and %s", Equal(a, b), x, y)
		}
	})
	items := make([]Value, 50_000)
	for i := range items {
		items[i] = Text(fmt.Sprint(i))
	}
	if Repeated(items) {
		t.Error("items that differ are said to be repeated")
	}
	if items[49_999] = Text("7"); !Repeated(items) {
		t.Error("a repeated item is not found")
	}
}

// TestOrderOfNumbers: Compare, Add and Sub agree, exactly.
func TestOrderOfNumbers(t *testing.T) {
	number := func(t *rapid.T, name string) Value {
		return DecimalText(rapid.StringMatching(`-?[0-9]{1,25}(\.[0-9]{1,25})?`).Draw(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := number(t, "a"), number(t, "b")
		d, err := Sub(a, b)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Compare(a, b)
		if err != nil || c != Sign(d) {
			t.Fatalf("Compare returns %d, the difference is %s", c, AppendNumber(nil, d))
		}
		sum, err := Add(d, b)
		if err != nil || !Equal(sum, a) {
			t.Fatalf("a - b + b = %s", AppendNumber(nil, sum))
		}
		written, err := ParseDecimal(string(AppendNumber(nil, a)))
		if err != nil || !Equal(written, a) {
			t.Fatalf("%s is read back as %s", a.Str(), AppendNumber(nil, written))
		}
	})
}

// TestJoinTakesBoth: what Join returns, both fit, and their values convert into it and fit.
func TestJoinTakesBoth(t *testing.T) {
	one := 1
	types := []*Type{
		TypeBool, TypeInt, TypeDecimal, TypeText, TypeDate, TypeNull, words("a", "b"), words("c"),
		{Kind: KindDecimal, Fraction: &one},
	}
	var draw func(t *rapid.T, depth int) *Type
	draw = func(t *rapid.T, depth int) *Type {
		out := rapid.SampledFrom(types).Draw(t, "scalar")
		if depth > 0 {
			switch rapid.IntRange(0, 3).Draw(t, "shape") {
			case 0:
				out = ListOf(draw(t, depth-1))
			case 1:
				out = &Type{Kind: KindRecord}
				for _, name := range []string{"x", "y", "z"} {
					if rapid.Bool().Draw(t, name) {
						out.Fields = append(out.Fields, Field{Name: name, Type: draw(t, depth-1), Required: rapid.Bool().Draw(t, "required")})
					}
				}
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "nullable") == 0 {
			out = out.OrNull()
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, 2), draw(t, 2)
		joined := Join(a, b)
		for _, from := range []*Type{a, b} {
			if m := Fits(from, joined); m != nil {
				t.Fatalf("%s does not fit %s, joined of %s and %s: %v", from, joined, a, b, m[0])
			}
			v := sample(from)
			got, err := Convert(v, joined)
			if err != nil {
				t.Fatalf("a value of %s does not convert to %s: %v", from, joined, err)
			}
			if wrong := Check(got, joined); wrong != nil {
				t.Fatalf("a value of %s does not fit %s: %v", from, joined, wrong)
			}
		}
	})
}

// sample returns a value of the type with everything present.
func sample(t *Type) Value {
	switch t.Kind {
	case KindBool:
		return Bool(true)
	case KindInt:
		return Int(1)
	case KindDecimal:
		return DecimalText("1.5")
	case KindText:
		if len(t.Enum) > 0 {
			return t.Enum[0]
		}
		return Text("x")
	case KindDate:
		return TextOf(KindDate, "2026-01-15")
	case KindList:
		return List([]Value{sample(t.Elem)})
	case KindRecord:
		slots := Slots(t)
		for i, f := range t.Fields {
			slots[i+1] = sample(f.Type)
		}
		return Record(t, slots)
	}
	return Null
}

func TestRoundToTens(t *testing.T) {
	for _, c := range []struct {
		in     Value
		digits int
		want   string
	}{
		{Int(1250), -2, "1300"},
		{Int(1249), -2, "1200"},
		{DecimalText("1250.01"), -1, "1250"},
		{DecimalText("-5.5"), -1, "-10"},
		{Int(4), -3, "0"},
		{DecimalText("4.4"), -3, "0"},
	} {
		got, err := Round(c.in, c.digits, HalfUp)
		if s := string(AppendNumber(nil, got)); err != nil || s != c.want || got.Kind() != c.in.Kind() {
			t.Errorf("Round(%s, %d) = %s, %v; expected %s", AppendNumber(nil, c.in), c.digits, s, err, c.want)
		}
	}
}

// TestProductsAreBounded: multiplying again and again ends with an error, not with the memory.
func TestProductsAreBounded(t *testing.T) {
	v := DecimalText(strings.Repeat("9", 900))
	var err error
	for range 20 {
		if v, err = Mul(v, v); err != nil {
			break
		}
	}
	if err == nil || err.Error() != "the product has too many digits" {
		t.Errorf("found %v", err)
	}
}
