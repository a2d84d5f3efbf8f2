package transform

import (
	"strconv"
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

var rowType = schema.RecordType(required("numero", schema.TypeText), required("importo", schema.TypeDecimal),
	required("attivo", schema.TypeBool),
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
	return fromNode(n, &out), &out
}

func TestMappings(t *testing.T) {
	for _, c := range []struct{ name, in, typ, want string }{
		{"expression", "${righe[0]?.importo}", "decimal or null", `87.00`},
		{"text", "Verbale ${righe[0]?.numero ?? \"\"}, $${x}", "text", `"Verbale V1, ${x}"`},
		{"literals", "a: 1\nb: 1.50\nc: yes\nd: null\ne: true\nf: [1, x]", "", `{"a":1,"b":1.50,"c":"yes","d":null,"e":true,"f":[1,"x"]}`},
		{
			"loop", "$for: r in righe\n$if: r.attivo\nnumero: ${r.numero}\niuv: ${r.iuv}", "list of {numero: text, iuv: text or null}",
			`[{"numero":"V1","iuv":"02"}]`,
		},
		{"item", "$for: r in righe\n$item: ${r.importo}", "list of decimal", `[87.00,42.10]`},
		{
			"nested", "$for: r in righe\n$item:\n  $for: q in righe\n  $item: ${q.numero + r.numero}", "list of list of text",
			`[["V1V1","V2V1"],["V1V2","V2V2"]]`,
		},
		{"condition", "a: 1\nb:\n  $if: forse != nil\n  x: ${forse.importo}", "{a: integer, b?: {x: decimal}}", `{"a":1}`},
		{"merge", "$merge: [{a: 1, b: 2}, {b: x}]\nc: 3", `{a: integer, b: "x", c: integer}`, `{"a":1,"b":"x","c":3}`},
		{"condition of the whole", "$if: forse != nil\na: ${forse.numero}", "{a: text} or null", `null`},
		{"condition of an item", "$for: r in righe\n$item:\n  $if: r.iuv != nil\n  n: ${upper(r.iuv)}", "list of {n: text}", `[{"n":"02"}]`},
		{
			"both conditions", "$for: r in righe\n$if: r.numero == \"V1\"\n$item:\n  $if: not r.attivo\n  n: ${r.numero}", "list of {n: text}",
			`[]`,
		},
		{
			"condition of a loop in a loop", "$for: r in righe\n$item:\n  $for: q in righe\n  $if: q.numero != r.numero\n  n: ${q.numero}",
			"list of list of record", `[[{"n":"V2"}],[{"n":"V1"}]]`,
		},
		{"condition in a list", "- $if: forse != nil\n  a: 1\n- b: 2", "list of {a?: integer, b?: integer}", `[{"b":2}]`},
		{"condition of a part", "$merge: [{a: 1}, {$if: forse != nil, a: x, b: 2}]", `{a: integer or "x", b?: integer}`, `{"a":1}`},
		{
			"parts of other layouts", "$merge: ['${righe[0] == nil ? {a: 1, b: 2} : {b: 3, a: 4}}', {c: 5}]", `{a: integer, b: integer, c: integer}`,
			`{"a":4,"b":3,"c":5}`,
		},
		{"arms of other layouts", "x: '${righe[0] == nil ? {a: 1} : {b: 3}}'", `{x: {a?: integer, b?: integer}}`, `{"x":{"b":3}}`},
		{"absent is null", "- ${righe[1]?.iuv}", "list of text or null", `[null]`},
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
	to := schema.RecordType(required("numero", schema.TypeText), schema.Field{Name: "importo", Type: schema.TypeDecimal},
		schema.Field{Name: "nota", Type: &schema.Type{Kind: schema.KindText, MaxLength: &three}})
	for _, c := range []struct{ in, want string }{
		{"numero: ${user.cf}\nimporto: 1", ""},
		{"numero: ${righe[0]?.numero ?? \"x\"}\nnota: ${forse?.numero}", ""},
		{"nmero: x", `m.yaml:1:1: E407 with has no field "nmero" | did you mean "numero"?; m.yaml:1:1: E407 with: field "numero" is missing | it is text`},
		{"numero: ${righe}", `m.yaml:1:11: E407 with.numero: found list of {numero: text, importo: decimal, attivo: boolean, iuv?: text}, expected text | `},
		{"numero: ${forse?.numero}", `m.yaml:1:11: E407 with.numero: found text or null, expected text | give a value for the case that it is nil: forse?.numero ?? …`},
		{"$if: forse == nil\nnumero: x", `m.yaml:1:6: E407 with: the whole may be left out by its $if, and is needed | `},
		{"$merge: [{$if: forse == nil, numero: x}]", `m.yaml:1:1: E407 with: numero: field "numero" may be absent, and is required | `},
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
		{"$fro: x in y", `"$fro" is not a word of the mapping language | did you mean "$for"?`},
		{"$for: righe", `$for: found "righe", expected a name and a list, as v in verbali.verbale | `},
		{"$for: r in forse\na: 1", `$for: expected a list, found {numero: text, importo: decimal, attivo: boolean, iuv?: text} or null | `},
		{"a: ${righe", `the hole ${ is not closed | close it with }, or write $${ for the characters themselves`},
		{"a: x${forse?.numero}", `forse?.numero may be nil, and stands in a text | give a value for that case: ${forse?.numero ?? ""}`},
		{"$if: user.cf\na: 1", `$if: expected a condition, found text | `},
		{"$for: r in righe", `nothing says what each r becomes | write its fields beside $for, or one value under $item`},
		{"$if: 1\na: 1", `$if: expected a condition, found integer | `},
		{"$merge: {a: 1}", `$merge: found an object, expected a list of mappings | `},
		{"$merge: [1]", `$merge: expected records, found integer | `},
		{"a: 99999999999999999999", `the number does not fit 64 bits | `},
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

// TestIncludes: what is included stays under the condition of whoever includes it, and under its own.
func TestIncludes(t *testing.T) {
	files := map[string]string{
		"riga.yaml":  "numero: ${r.numero}",
		"righe.yaml": "$for: r in righe\n$if: r.attivo\n$ref: riga.yaml",
		"forse.yaml": "$if: forse != nil\na: ${forse.numero}",
		"via.yaml":   "$ref: righe.yaml",
		"2.yaml":     "a: {$ref: 4.yaml}\nb: {$ref: 4.yaml}\nc: {$ref: 4.yaml}\nd: {$ref: 4.yaml}",
		"4.yaml":     "a: {$ref: 6.yaml}\nb: {$ref: 6.yaml}\nc: {$ref: 6.yaml}\nd: {$ref: 6.yaml}",
		"6.yaml":     "a: {$ref: 8.yaml}\nb: {$ref: 8.yaml}\nc: {$ref: 8.yaml}\nd: {$ref: 8.yaml}",
		"8.yaml":     "a: {$ref: 0.yaml}\nb: {$ref: 0.yaml}\nc: {$ref: 0.yaml}\nd: {$ref: 0.yaml}",
		"0.yaml":     "a: {$ref: riga.yaml}\nb: {$ref: riga.yaml}\nc: {$ref: riga.yaml}\nd: {$ref: riga.yaml}",
		"se.yaml":    "$ref: se.yaml",
	}
	for _, c := range []struct{ in, want string }{
		{"$ref: righe.yaml", `[{"numero":"V1"}]`},
		{"x: {$ref: righe.yaml, $if: forse == nil}", `{"x":[{"numero":"V1"}]}`},
		{"x: {$ref: righe.yaml, $if: forse != nil}", `{}`},
		{"x: {$ref: forse.yaml, $if: forse == nil}", `{}`},
		{"$merge: [{$ref: forse.yaml}, {b: 1}]", `{"b":1}`},
		{"$for: r in righe\n$item: {$ref: riga.yaml}", `[{"numero":"V1"},{"numero":"V2"}]`},
		{"x: {$ref: via.yaml}", `{"x":[{"numero":"V1"}]}`},
		{"$ref: 2.yaml", "m.yaml: the mapping includes more than 500 files"},
		{"$ref: se.yaml", `m.yaml: "se.yaml" includes itself`},
	} {
		m, out := parse(t, c.in)
		m.Include(func(name config.Text) *config.Node { return config.Parse(name.Value, []byte(files[name.Value]), out) }, out)
		s, f := scene()
		typed := m.Check(s, out)
		if problems := out.Sorted(); len(problems) > 0 {
			if "m.yaml: "+problems[0].Message != c.want {
				t.Errorf("%s: %s", c.in, problems[0].Message)
			}
			continue
		}
		b, err := typed.CompileJSON()(f, nil)
		if err != nil || string(b) != c.want {
			t.Errorf("%s is written %s, %v; expected %s", c.in, b, err, c.want)
		}
	}
}

// TestFailures: they tell the place in the file and the cause, and never a value.
func TestFailures(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"a:\n  - ${int(user.cf)}", "m.yaml:2:7: int: the text holds no number"},
		{"a: 'x ${libero}'", "m.yaml:1:9: expected text, a number or a date in a text with holes, found map"},
		{"a: 'x ${libero.b}'", "m.yaml:1:9: expected text, a number or a date in a text with holes, found absent"},
		{"a: 'x ${libero.a}'", ""},
		{"a: ${date(user.cf + \"-01-01\")}", "m.yaml:1:6: date: expected a date, as 2026-01-31"},
		{"$for: r in righe\nx: ${1 / (r.importo - 42.10)}", "m.yaml:2:8: division by zero"},
		{"$for: i in 1..90000\n$item: {$for: j in 1..90000, n: 1}", "m.yaml:2:20: the expressions of this exchange took too many steps"},
		{"a: ${len(1..200000)}", "m.yaml:1:11: the expressions of this exchange took too many steps"},
	} {
		m, out := parse(t, c.in)
		s, f := scene()
		s.Declare("libero", schema.TypeAny)
		f.Slots[3] = schema.MapOf(&schema.Map{Keys: []string{"a"}, Values: []schema.Value{schema.Int(1)}})
		f.Budget = 500_000
		typed := m.Check(s, out)
		if out.Failed() {
			t.Errorf("%s: %v", c.in, out.Sorted())
			continue
		}
		for _, compute := range []func() error{
			func() error { _, err := typed.Compile(nil)(f); return err },
			func() error { _, err := typed.CompileJSON()(f, nil); return err },
		} {
			got := ""
			if err := compute(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%s: found %q, expected %q", c.in, got, c.want)
			}
			f.Budget = 500_000
		}
	}
}

// FuzzMapping: whatever YAML says, a valid mapping returns values of its type, and writes the same as it returns.
func FuzzMapping(f *testing.F) {
	for _, s := range []string{
		"a: ${righe[0]?.importo}", "$for: r in righe\n$if: r.attivo\n$item: {$if: r.iuv != nil, x: '${r.iuv}!'}",
		"$merge: [{a: 1}, {$if: forse != nil, a: x}]\nb: [1, {$if: false, c: 1}]",
		"x: {$if: forse != nil, y: ${forse.numero}}", "$$for: {$for: r in filter(righe, .attivo), a: ${user.cf}}", "[1, x, [2.50], {a: null}]",
		"'${righe | map({{n: .numero}})}'",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer time.AfterFunc(10*time.Second, func() { panic("runs on: " + strconv.Quote(text)) }).Stop()
		var out diag.List
		n := config.Parse("m.yaml", []byte(text), &out)
		if n == nil {
			return
		}
		m := fromNode(n, &out)
		s, frame := scene()
		frame.Slots = append(frame.Slots, make([]schema.Value, 100)...)
		typed := m.Check(s, &out)
		if out.Failed() || s.Size() > 100 {
			return
		}
		frame.Budget = 20_000
		v, err := typed.Compile(nil)(frame)
		frame.Budget = 20_000
		b, err2 := typed.CompileJSON()(frame, nil)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("%q: one way returns %v, the other %v", text, err, err2)
		}
		if err != nil {
			return
		}
		if v.IsAbsent() {
			v = schema.Null
		}
		if wrong := schema.Check(v, typed.Type); len(wrong) > 0 {
			t.Errorf("%q returns %s, which is not %s: %v", text, codec.AppendJSON(nil, v), typed.Type, wrong)
		}
		if got := string(codec.AppendJSON(nil, v)); got != string(b) {
			t.Errorf("%q returns %s and writes %s", text, got, b)
		}
	})
}
