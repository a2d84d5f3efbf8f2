package schema

import (
	"strings"
	"testing"
)

// TestSample: what is made up fits its type, whatever the type asks for.
func TestSample(t *testing.T) {
	n := func(i int) *int { return &i }
	limit := func(v Value) *Value { return &v }
	tree := &Type{Kind: KindRecord}
	tree.Fields = []Field{
		{Name: "nome", Type: TypeText, Required: true},
		{Name: "figli", Type: ListOf(tree), Required: true},
		{Name: "padre", Type: tree},
	}
	tree.Seal()
	endless := &Type{Kind: KindRecord}
	endless.Fields = []Field{{Name: "altro", Type: endless, Required: true}}
	for _, c := range []struct {
		name string
		t    *Type
		want string // a part of the value's text, or of the error
	}{
		{"text", TypeText, "parola"},
		{"short", &Type{Kind: KindText, MaxLength: n(3)}, "par"},
		{"long", &Type{Kind: KindText, MinLength: n(10), MaxLength: n(10)}, "parolaxxxx"},
		{"enum", &Type{Kind: KindText, Enum: []Value{Text("APERTO"), Text("CHIUSO")}}, "APERTO"},
		{"example first", &Type{Kind: KindText, Example: Text("Venezia")}, "Venezia"},
		{"an example that does not fit", &Type{Kind: KindText, Example: Text("Venezia"), MaxLength: n(2)}, "te"},
		{"pattern", &Type{Kind: KindText, Pattern: `^[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]$`}, "AAAAAA11A11A111A"},
		{"pattern of a length", &Type{Kind: KindText, Pattern: `^\d+$`, MinLength: n(11), MaxLength: n(11)}, "11111111111"},
		{"alternatives", &Type{Kind: KindText, Pattern: `^(SI|NO)$`}, "SI"},
		{"format", &Type{Kind: KindText, Format: "codice-fiscale"}, "RSSMRA80A01L736U"},
		{"iban", &Type{Kind: KindText, Format: "iban"}, "IT60"},
		{"vat", &Type{Kind: KindText, Format: "partita-iva"}, "12345678903"},
		{"between", &Type{Kind: KindInt, Minimum: limit(Int(17)), Maximum: limit(Int(18))}, "17"},
		{"above", &Type{Kind: KindInt, Minimum: limit(Int(17)), ExclMin: true, Maximum: limit(Int(20))}, "18"},
		{"negative", &Type{Kind: KindDecimal, Maximum: limit(Int(-5)), ExclMax: true}, "-"},
		{"digits", &Type{Kind: KindDecimal, Digits: n(2), Fraction: n(0)}, "1"},
		{"bytes", &Type{Kind: KindBytes, MinLength: n(8), MaxLength: n(8)}, ""},
		{"date", TypeDate, "2026-01-31"},
		{"moment", TypeDateTime, "2026"},
		{"two of them", &Type{Kind: KindList, Elem: TypeText, MinLength: n(2)}, ""},
		{"map", MapTo(TypeInt), ""},
		{"union", &Type{Kind: KindUnion, Variants: []*Type{TypeNever, TypeInt}}, "1"},
		{"tree", tree, ""},
		{"endless", endless, "no sample of /altro: the type holds itself"},
		{"contradiction", &Type{Kind: KindText, Pattern: `^a$`, MinLength: n(2)}, "no sample: no text fits"},
		{"an address", &Type{Kind: KindText, Pattern: `^\w+@\w+$`}, "@"},
	} {
		v, err := Sample(c.t, Every)
		if err == nil && c.t.Kind == KindText && c.t.Pattern == "" && c.t.Format == "" && len(c.t.Enum) == 0 && c.t.Example.IsAbsent() {
			v, err = Sample(RecordType(Field{Name: "parola", Type: c.t, Required: true}), nil)
			v = v.Field(0)
		}
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case Check(v, c.t) != nil:
			t.Errorf("%s: %v", c.name, Check(v, c.t))
		case v.HasText():
			got = v.Str()
		case v.Kind().Number():
			got = string(AppendNumber(nil, v))
		}
		if !strings.Contains(got, c.want) || err != nil && !strings.HasPrefix(c.want, "no sample") {
			t.Errorf("%s: found %q, expected %q", c.name, got, c.want)
		}
	}
	named := RecordType(Field{Name: "Codice_Fiscale", Type: &Type{Kind: KindText, MaxLength: n(16)}, Required: true},
		Field{Name: "provincia", Type: &Type{Kind: KindText, MinLength: n(3)}, Required: true})
	if v, err := Sample(named, nil); err != nil || v.Field(0).Str() != "RSSMRA80A01L736U" || v.Field(1).Str() != "provincia" {
		t.Errorf("by their names: %v %v", v, err)
	}
	v, _ := Sample(tree, Every)
	if v.Get("figli").Len() != 0 || !v.Get("padre").IsAbsent() {
		t.Error("a type that holds itself does so in its sample")
	}
}

// TestSampleKeeps: fields that may be left out are there if it is asked for, by their path.
func TestSampleKeeps(t *testing.T) {
	inner := RecordType(Field{Name: "a", Type: TypeText}, Field{Name: "b", Type: TypeText})
	typ := RecordType(Field{Name: "x", Type: inner, Required: true}, Field{Name: "y", Type: TypeText})
	v, err := Sample(typ, func(path string, f *Field) (bool, Value) {
		if path == "/y" {
			return false, Text("dato")
		}
		return path == "/x/b" && f.Name == "b", Value{}
	})
	if err != nil || v.Get("y").Str() != "dato" || !v.Get("x").Get("a").IsAbsent() || v.Get("x").Get("b").Str() != "b" {
		t.Errorf("%v %v", v, err)
	}
}
