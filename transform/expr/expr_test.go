package expr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/codec"
)

func required(name string, t *schema.Type) schema.Field {
	return schema.Field{Name: name, Type: t, Required: true}
}

// scene is a scope with names of many types, and a frame with their values.
func scene() (*Scope, func() *Frame) {
	state := &schema.Type{Kind: schema.KindText, Enum: []schema.Value{schema.Text("aperto"), schema.Text("pagato")}}
	row := schema.RecordType(required("numero", schema.TypeText), required("importo", schema.TypeDecimal), required("stato", state),
		schema.Field{Name: "iuv", Type: schema.TypeText}, schema.Field{Name: "giorni", Type: schema.TypeInt})
	rows := schema.ListOf(row)
	person := schema.RecordType(required("cf", schema.TypeText.AsPersonal()), schema.Field{Name: "email", Type: schema.TypeText.AsPersonal()})
	s := NewScope()
	values := []schema.Value{}
	declare := func(name string, t *schema.Type, v schema.Value) {
		s.Declare(name, t)
		values = append(values, v)
	}
	one := schema.RecordOf(row, schema.Text("V1"), schema.DecimalText("87.00"), schema.Text("aperto"), schema.Text("0200"), schema.Int(3))
	two := schema.RecordOf(row, schema.Text("V2"), schema.DecimalText("42.10"), schema.Text("pagato"), schema.Value{}, schema.Value{})
	declare("verbali", rows, schema.List([]schema.Value{one, two}))
	declare("v", row, two)
	declare("user", person, schema.RecordOf(person, schema.Text("RSSMRA80A01L736U"), schema.Null))
	declare("forse", row.OrNull(), schema.Null)
	declare("n", schema.TypeInt, schema.Int(7))
	declare("d", schema.TypeDecimal, schema.DecimalText("12.50"))
	declare("giorno", schema.TypeDate, schema.TextOf(schema.KindDate, "2026-01-31"))
	declare("libero", schema.TypeAny, schema.MapOf(&schema.Map{Keys: []string{"a"}, Values: []schema.Value{schema.Int(1)}}))
	declare("soglia", schema.TypeInt.OrNull(), schema.Null)
	declare("parola", schema.TypeText, schema.Text("ciao"))
	s, drawing := s.Drawing([]string{"anpr", "protocollo"})
	s.Enter(&Place{Path: "step"})
	s.Moving()
	s.Schemas(func(config.Text, *diag.List) Schema {
		return Schema{Read: schema.ListOf(schema.TypeInt), Type: schema.ListOf(schema.TypeInt)}
	})
	return s, func() *Frame {
		f := &Frame{
			Slots: make([]schema.Value, s.Size()), Budget: 100_000, Origin: origin{},
			Now:   func() time.Time { return time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC) },
			Clock: func() time.Time { return time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC) },
		}
		copy(f.Slots, values)
		for i, d := range drawing.Draws {
			f.Slots[d.Slot] = schema.Int(int64(i) + 1)
		}
		return f
	}
}

// origin is an exchange whose UUIDs show their place.
type origin struct{}

func (origin) RequestID(context.Context) string { return "r-1" }

func (origin) UUID(_ context.Context, place string) string {
	sum := sha256.Sum256([]byte(place))
	text := hex.EncodeToString(sum[:16])
	return text[:8] + "-" + text[8:12] + "-8" + text[13:16] + "-8" + text[17:20] + "-" + text[20:]
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ in, typ, want string }{
		{`1 + 2 * 3`, "integer", "7"},
		{`0.1 + 0.2`, "decimal", "0.3"},
		{`10 / 4`, "decimal", "2.5"},
		{`n % 4`, "integer", "3"},
		{`-d`, "decimal", "-12.50"},
		{`1_000_000.50`, "decimal", "1000000.50"},
		{`9007199254740993.01 + 0`, "decimal", "9007199254740993.01"},
		{`"a" + parola`, "text", `"aciao"`},
		{`v.importo > 40 && v.stato == "pagato"`, "boolean", "true"},
		{`v.iuv == nil`, "boolean", "true"},
		{`v.iuv ?? "nessuno"`, "text", `"nessuno"`},
		{`v.iuv != nil ? v.iuv : "x"`, "text", `"x"`},
		{`v.iuv != nil && v.iuv startsWith "0"`, "boolean", "false"},
		{`forse?.numero`, "text or null", "null"},
		{`forse == nil || forse.importo > 0`, "boolean", "true"},
		{`len(filter(verbali, .stato == "aperto"))`, "integer", "1"},
		{`sum(verbali, .importo)`, "decimal", "129.10"},
		{`map(verbali, .numero)`, "list of text", `["V1","V2"]`},
		{`any(verbali, .iuv != nil && .iuv == "0200")`, "boolean", "true"},
		{`find(verbali, .numero == "V2")?.importo`, "decimal or null", "42.10"},
		{`count(verbali)`, "integer", "2"},
		{`verbali[0]?.numero`, "text or null", `"V1"`},
		{`verbali[-1]?.numero`, "text or null", `"V2"`},
		{`parola[1:3]`, "text", `"ia"`},
		{`n in [1, 7]`, "boolean", "true"},
		{`"x" not in ["y"]`, "boolean", "true"},
		{`giorno >= "2026-01-01"`, "boolean", "true"},
		{`{a: n, b: [1, 2]}.b`, "list of integer", "[1,2]"},
		{`libero.a`, "any", "1"},
		{`let x = n * 2; x + x`, "integer", "28"},
		{`parola matches "^c.*o$"`, "boolean", "true"},
		{`1..3`, "list of integer", "[1,2,3]"},
		{`soglia == nil ? 110 : soglia`, "integer", "110"},
		{`verbali | filter(.importo > 50) | map(.numero) | join(",")`, "text", `"V1"`},
		{`now("Europe/Rome")`, "datetime", `"2026-03-29T01:30:00+01:00"`},
		{`addSeconds(inZone(now(), "Europe/Rome"), 3600)`, "datetime", `"2026-03-29T02:30:00+01:00"`},
		{`today("Europe/Rome")`, "date", `"2026-03-29"`},
		{`n > 5 ? "molti" : "pochi"`, `"molti" or "pochi"`, `"molti"`},
		{`cents(d)`, "integer", "1250"},
		{`number("1.234,50 euro")`, "decimal", "1234.50"},
	} {
		s, frame := scene()
		var out diag.List
		e := Check(config.Text{Value: c.in}, s, &out)
		if problems := out.Sorted(); len(problems) > 0 {
			t.Errorf("%s: %s", c.in, problems[0].Message)
			continue
		}
		if got := e.Type().String(); got != c.typ {
			t.Errorf("%s is %s, expected %s", c.in, got, c.typ)
		}
		v, err := e.Compile()(frame())
		if got := string(codec.AppendJSON(nil, v)); err != nil || got != c.want {
			t.Errorf("%s = %s, %v; expected %s", c.in, got, err, c.want)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`v.nmero`, `:1:12: E203 v has no field "nmero" | did you mean "numero"?`},
		{`verbale`, `:1:10: E202 nothing here is called "verbale" | did you mean "verbali"?`},
		{`v.importo + "x"`, `:1:12: E204 expected text for +, found decimal | write text(v.importo), or a text with holes`},
		{`v.iuv + "x"`, `:1:12: E205 v.iuv may be nil, and is needed for + | give a value for that case: (v.iuv ?? "")`},
		{`forse.numero`, `:1:10: E205 forse may be nil, and a field of it is read | write forse?.…, or make sure before: forse != nil`},
		{`v.stato == "apreto"`, `:1:21: E204 it is never "apreto", only "aperto" or "pagato" | did you mean "aperto"?`},
		{`v.numero > 3`, `:1:19: E204 > cannot be ordered: v.numero is text, the value is integer | number(v.numero) reads a number from text`},
		{`n == "7"`, `:1:12: E204 n is integer and the value is "7": they are never equal | `},
		{`uper(parola)`, `:1:10: E206 there is no function "uper" | did you mean "upper"?`},
		{`float(n)`, `:1:10: E206 there is no function "float" | write decimal(x)`},
		{`upper(n)`, `:1:16: E204 expected text as s of upper, found integer | it is upper(s text) text`},
		{`verbali.numero`, `:1:18: E203 verbali is a list and has no field "numero" | for that field of every item write map(verbali, .numero)`},
		{`n = 3`, `:1:12: E201 did not expect "=" here | to compare, write ==`},
		{`map(verbali, {n: .numero})`, `:1:25: E201 did not expect ":" here | inside map, filter and the like a record has two braces: {{a: .b}}`},
		{`9223372036854775808`, `:1:10: E201 the number does not fit 64 bits | whole numbers go to 9223372036854775807; write larger ones as decimal("...")`},
		{`v.iuv[0:2]`, `:1:12: E205 v.iuv may be nil, and is cut | give a value for that case: (v.iuv ?? …)`},
		{`max([{a: 1}])`, `:1:10: E204 max: records have no order | `},
		{`min("a", 1)`, `:1:10: E204 min: values of type "a" or integer cannot be compared | `},
		{`sortBy(verbali, #)`, `:1:26: E204 values of type {numero: text, importo: decimal, stato: "aperto" or "pagato", iuv?: text, giorni?: integer} have no order | for example sortBy([{n: 2}, {n: 1}], .n)`},
		{`"è" + nope`, `:1:16: E202 nothing here is called "nope" | in scope: verbali, v, user, forse, n, d, giorno, libero, soglia, parola`},
		{`n +`, `:1:12: E201 the expression ends too early | `},
		{`giorno == "31/01/2026"`, `:1:20: E204 expected a date, as 2026-01-31, found "31/01/2026" | `},
		{`parola matches "["`, "E201 missing closing ]: `[` | patterns are RE2: https://github.com/google/re2/wiki/Syntax"},
		{`filter(verbali, .importo)`, `:1:27: E204 expected a condition for filter, found decimal | for example filter([1, 2, 3], # > 1)`},
		{`today("Roma")`, `:1:10: E204 today: there is no zone "Roma"; expected one as "Europe/Rome" or "+01:00" | `},
		{`upper`, `:1:10: E202 nothing here is called "upper" | upper is a function: write upper(...)`},
		{
			strings.Repeat("(", 300) + "1" + strings.Repeat("+1)", 300),
			`E207 the expression is nested deeper than 60 | give names to its parts with the step set`,
		},
		{``, `:1:10: E201 found nothing, expected an expression | `},
	} {
		s, _ := scene()
		var out diag.List
		Check(config.Text{Value: c.in, Pos: diag.Pos{File: "r", Line: 1, Col: 10}}, s, &out)
		problems := out.Sorted()
		if len(problems) != 1 {
			t.Errorf("%.40s: %d problems, expected one: %v", c.in, len(problems), problems)
			continue
		}
		p := problems[0]
		got := p.Pos.String()[1:] + ": " + string(p.Code) + " " + p.Message + " | " + p.Hint
		if got != c.want && !(c.want[0] == 'E' && strings.HasSuffix(got, c.want)) {
			t.Errorf("%.40s\nfound    %s\nexpected %s", c.in, got, c.want)
		}
	}
}

func TestMarksFlow(t *testing.T) {
	for in, want := range map[string]bool{
		`user.cf`: true, `user.cf + "x"`: true, `upper(user.cf)`: true, `[user.cf]`: true, `fiscalCodeValid(user.cf)`: false,
		`user.email == nil`: false, `n`: false,
		`{a: user.cf}.a`: true, `user.email ?? "x"`: true, `[user.cf][0] ?? ""`: true,
	} {
		s, _ := scene()
		var out diag.List
		e := Check(config.Text{Value: in}, s, &out)
		if out.Failed() || e.Type().Personal != want {
			t.Errorf("%s: personal %v, expected %v; %v", in, e.Type().Personal, want, out.Sorted())
		}
	}
}

func TestUse(t *testing.T) {
	s, _ := scene()
	var out diag.List
	Check(config.Text{Value: `len(filter(verbali, .stato == "aperto" && .iuv != nil)) > 0 ? sum(verbali, .importo) : v.importo`}, s, &out)
	list := s.Lookup("v")
	if got := schema.Prune(list.Type, list.Use).String(); got != "{importo: decimal}" {
		t.Errorf("v is pruned to %s", got)
	}
	s, _ = scene()
	Check(config.Text{Value: `any(verbali, .stato == "aperto") && sum(verbali, .importo) > 0`}, s, &out)
	list = s.Lookup("verbali")
	if got := schema.Prune(list.Type, list.Use).String(); got != `list of {importo: decimal, stato: "aperto" or "pagato"}` {
		t.Errorf("verbali is pruned to %s", got)
	}
}

func TestBudget(t *testing.T) {
	s, frame := scene()
	var out diag.List
	e := Check(config.Text{Value: `sum(1..1000, sum(1..1000, sum(1..1000, 1)))`}, s, &out)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	_, err := e.Compile()(frame())
	if !errors.Is(err, ErrBudget) {
		t.Fatalf("found %v, expected ErrBudget", err)
	}
}

func TestFailuresTellThePlace(t *testing.T) {
	s, frame := scene()
	var out diag.List
	e := Check(config.Text{Value: `1 / (n - 7)`, Pos: diag.Pos{File: "routes/x.yaml", Line: 3, Col: 5}}, s, &out)
	_, err := e.Compile()(frame())
	if err == nil || err.Error() != "routes/x.yaml:3:7: division by zero" {
		t.Fatal(err)
	}
}

// TestExamples runs the example of every function.
func TestExamples(t *testing.T) {
	for _, b := range Builtins() {
		s, frame := scene()
		var out diag.List
		e := Check(config.Text{Value: b.Example}, s, &out)
		if out.Failed() {
			t.Errorf("%s: %s: %s", b.Name, b.Example, out.Sorted()[0].Message)
			continue
		}
		v, err := e.Compile()(frame())
		if got := string(codec.AppendJSON(nil, v)); err != nil || got != b.Result {
			t.Errorf("%s: %s = %s, %v; expected %s", b.Name, b.Example, got, err, b.Result)
		}
		if b.Doc == "" || !strings.HasSuffix(b.Doc, ".") {
			t.Errorf("%s has no sentence of documentation", b.Name)
		}
	}
}

// FuzzExpr: no text makes checking or computing panic or run on, and what comes out is of the type that was said.
func FuzzExpr(f *testing.F) {
	for _, b := range Builtins() {
		f.Add(b.Example)
	}
	for _, s := range []string{`v.iuv ?? (1..9)[2]`, `{a: {b: 1}}.a.b`, `let x = 1; x`, `"é" + #`, `not (a and b)`, `verbali[1:][0]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer time.AfterFunc(10*time.Second, func() { panic("runs on: " + strconv.Quote(text)) }).Stop()
		s, frame := scene()
		var out diag.List
		e := Check(config.Text{Value: text}, s, &out)
		if out.Failed() {
			return
		}
		fr := frame()
		fr.Budget = 10_000
		v, err := e.Compile()(fr)
		if err != nil {
			return
		}
		if v.IsAbsent() {
			v = schema.Null // nil, for an expression
		}
		if wrong := schema.Check(v, e.Type()); len(wrong) > 0 {
			t.Errorf("%s returns %s, which is not %s: %v", text, codec.AppendJSON(nil, v), e.Type(), wrong)
		}
	})
}
