package transform

import (
	"strings"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

func required(name string, t *schema.Type) schema.Field {
	return schema.Field{Name: name, Type: t, Required: true}
}

var rowType = schema.RecordType(required("numero", schema.TypeText), required("importo", schema.TypeDecimal), required("attivo", schema.TypeBool),
	schema.Field{Name: "iuv", Type: schema.TypeText})

func scene() (*expr.Scope, *expr.Frame) {
	s := expr.NewScope()
	s.Declare("righe", schema.ListOf(rowType))
	s.Declare("user", schema.RecordType(required("cf", schema.TypeText.AsPersonal())))
	s.Declare("forse", rowType.OrNull())
	f := &expr.Frame{Slots: make([]schema.Value, 20), Budget: 10_000, Now: time.Now}
	f.Slots[0] = schema.List([]schema.Value{
		schema.RecordOf(rowType, schema.Text("V1"), schema.DecimalText("87.00"), schema.Bool(true), schema.Text("02")),
		schema.RecordOf(rowType, schema.Text("V2"), schema.DecimalText("42.10"), schema.Bool(false), schema.Value{}),
	})
	f.Slots[1] = schema.RecordOf(s.Lookup("user").Type, schema.Text("RSS"))
	f.Slots[2] = schema.Null
	return s, f
}

func parse(t *testing.T, yaml string) (Mapping, *diag.List) {
	t.Helper()
	var out diag.List
	n := config.Parse("m.yaml", []byte(yaml), &out)
	if n == nil {
		t.Fatal(out.Sorted())
	}
	return FromNode(n, &out), &out
}

func TestMappings(t *testing.T) {
	for _, c := range []struct{ name, in, typ, want string }{
		{"expression", "${righe[0]?.importo}", "decimal or null", `87.00`},
		{"text", "Verbale ${righe[0]?.numero ?? \"\"}, $${x}", "text", `"Verbale V1, ${x}"`},
		{"literals", "a: 1\nb: 1.50\nc: yes\nd: null\ne: true\nf: [1, x]", "", `{"a":1,"b":1.50,"c":"yes","d":null,"e":true,"f":[1,"x"]}`},
		{"loop", "$for: r in righe\n$if: r.attivo\nnumero: ${r.numero}\niuv: ${r.iuv}", "list of {numero: text, iuv: text or null}", `[{"numero":"V1","iuv":"02"}]`},
		{"item", "$for: r in righe\n$item: ${r.importo}", "list of decimal", `[87.00,42.10]`},
		{"nested", "$for: r in righe\n$item:\n  $for: q in righe\n  $item: ${q.numero + r.numero}", "list of list of text", `[["V1V1","V2V1"],["V1V2","V2V2"]]`},
		{"condition", "a: 1\nb:\n  $if: forse != nil\n  x: ${forse.importo}", "{a: integer, b?: {x: decimal}}", `{"a":1}`},
		{"merge", "$merge: [{a: 1, b: 2}, {b: x}]\nc: 3", `{a: integer, b: "x", c: integer}`, `{"a":1,"b":"x","c":3}`},
		{"escape", "$$for: 1", "{$for: integer}", `{"$for":1}`},
		{"nil in a list of parts", "[1, 2]", "list of integer", `[1,2]`},
		{"braces in a hole", `'${ {a: {b: "}"}}.a.b }x'`, "text", `"}x"`},
	} {
		m, out := parse(t, c.in)
		s, f := scene()
		typed := m.Check(s, out)
		if problems := out.Sorted(); len(problems) > 0 {
			t.Errorf("%s: %s", c.name, problems[0].Message)
			continue
		}
		if got := typed.Type.String(); c.typ != "" && got != c.typ {
			t.Errorf("%s is %s, expected %s", c.name, got, c.typ)
		}
		v, err := typed.Compile(nil)(f)
		if got := string(codec.AppendJSON(nil, v)); err != nil || got != c.want {
			t.Errorf("%s = %s, %v; expected %s", c.name, got, err, c.want)
		}
		b, err := typed.CompileJSON()(f, nil)
		if err != nil || string(b) != c.want {
			t.Errorf("%s is written %s, %v; expected %s", c.name, b, err, c.want)
		}
	}
}

func TestFit(t *testing.T) {
	three := 3
	to := schema.RecordType(required("numero", schema.TypeText), schema.Field{Name: "importo", Type: schema.TypeDecimal}, schema.Field{Name: "nota", Type: &schema.Type{Kind: schema.KindText, MaxLength: &three}})
	for _, c := range []struct{ in, want string }{
		{"numero: ${user.cf}\nimporto: 1", ""},
		{"numero: ${righe[0]?.numero ?? \"x\"}\nnota: ${forse?.numero}", ""},
		{"nmero: x", `m.yaml:1:1: E407 with has no field "nmero" | did you mean "numero"?; m.yaml:1:1: E407 with: field "numero" is missing | it is text`},
		{"numero: ${righe}", `m.yaml:1:11: E407 with.numero: found list of {numero: text, importo: decimal, attivo: boolean, iuv?: text}, expected text | `},
		{"numero: ${forse?.numero}", `m.yaml:1:11: E407 with.numero: found text or null, expected text | give a value for the case that it is nil: forse?.numero ?? …`},
		{"numero: x\nimporto: x", `m.yaml:2:10: E407 with.importo: found "x", expected decimal or null | `},
	} {
		m, out := parse(t, c.in)
		s, f := scene()
		typed := m.Check(s, out)
		typed.Fit(to, "with", out)
		var lines []string
		for _, p := range out.Sorted() {
			lines = append(lines, p.Pos.String()+": "+string(p.Code)+" "+p.Message+" | "+p.Hint)
		}
		if got := strings.Join(lines, "; "); got != c.want {
			t.Errorf("%s\nfound    %s\nexpected %s", c.in, got, c.want)
			continue
		}
		if c.want == "" {
			v, err := typed.Compile(to)(f)
			if err != nil || v.Type() != to || len(schema.Check(v, to)) > 0 {
				t.Errorf("%s: laid out as %v, %v", c.in, v.Type(), err)
			}
		}
	}
}

func TestProblemsOfMappings(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"$fro: x in y", `"$fro" is no word of the mapping language | did you mean "$for"?`},
		{"$for: righe", `$for: found "righe", expected a name and a list, as v in verbali.verbale | `},
		{"$for: r in forse\na: 1", `$for: expected a list, found {numero: text, importo: decimal, attivo: boolean, iuv?: text} or null | `},
		{"a: ${righe", `the hole ${ is not closed | close it with }, or write $${ for the characters themselves`},
		{"a: x${forse?.numero}", `forse?.numero may be nil, and stands in a text | give a value for that case: ${forse?.numero ?? ""}`},
		{"$if: user.cf\na: 1", `$if: expected a condition, found text | `},
		{"$item: 1", "$item stands without $for | write $for: x in list beside it"},
	} {
		m, out := parse(t, c.in)
		s, _ := scene()
		m.Check(s, out)
		problems := out.Sorted()
		if len(problems) != 1 || problems[0].Message+" | "+problems[0].Hint != c.want {
			t.Errorf("%s\nfound    %v\nexpected %s", c.in, problems, c.want)
		}
	}
}

func TestMarksAndUse(t *testing.T) {
	m, out := parse(t, "cf: Sig. ${user.cf}\nrighe:\n  $for: r in righe\n  n: ${r.numero}")
	s, _ := scene()
	typed := m.Check(s, out)
	if !typed.Type.Fields[0].Type.Personal {
		t.Error("the personal mark got lost in a text with holes")
	}
	v := s.Lookup("righe")
	if got := schema.Prune(v.Type, v.Use).String(); got != "list of {numero: text}" {
		t.Errorf("righe is pruned to %s", got)
	}
}

func BenchmarkReshape(b *testing.B) {
	var out diag.List
	n := config.Parse("m.yaml", []byte("voci:\n  $for: r in righe\n  $if: r.attivo\n  number: ${r.numero}\n  amount: ${r.importo}\ntotal: ${sum(righe, .importo)}"), &out)
	m := FromNode(n, &out)
	s, f := scene()
	var rows []schema.Value
	for range 93 {
		rows = append(rows, f.Slots[0].Items()[0])
	}
	f.Slots[0] = schema.List(rows)
	write := m.Check(s, &out).CompileJSON()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		f.Budget = 1_000_000
		buf, _ = write(f, buf[:0])
	}
}
