package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
	"fondaco/transform/typing"
)

// specimen is what the examples of docs/reference/language.md are evaluated over.
type specimen struct {
	typ   *schema.Type
	value schema.Value
}

func newSpecimen(t *testing.T) specimen {
	t.Helper()
	typ, out := schemaOf(specimenSchema)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	v, err := codec.CompileJSON(typ, codec.JSONOptions{}).Decode([]byte(specimenValue))
	if err != nil {
		t.Fatal(err)
	}
	return specimen{typ, v}
}

// schemaOf reads a schema in YAML.
func schemaOf(text string) (*schema.Type, *diag.List) {
	out := &diag.List{}
	files := fstest.MapFS{"schemas/line.yaml": &fstest.MapFile{Data: []byte(specimenLine)}}
	r := typing.NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(files, file, out, at) }, out)
	return r.Read(config.Parse("example.yaml", []byte(text), out)), out
}

func (s specimen) scope() *expr.Scope {
	names := expr.NewScope()
	names.Declare("p", s.typ)
	names.Declare("n", schema.TypeInt)
	return names
}

func (s specimen) frame(names *expr.Scope) *expr.Frame {
	f := &expr.Frame{Slots: make([]schema.Value, names.Size()), Budget: 1_000_000, Now: time.Now}
	f.Slots[0], f.Slots[1] = s.value, schema.Int(2)
	return f
}

// expression evaluates an expression: what it returns, as JSON, or what is wrong.
func (s specimen) expression(text string) (result, problem string) {
	var out diag.List
	names := s.scope()
	e := expr.Check(config.Text{Value: text, Pos: diag.Pos{File: "example.yaml", Line: 1, Col: 1}}, names, &out)
	if problem = said(&out); out.Failed() {
		return "", problem
	}
	return evaluated(e.Compile(), s.frame(names), problem)
}

// mapping evaluates a mapping.
func (s specimen) mapping(text string) (result, problem string) {
	var out diag.List
	var m transform.Mapping
	names := s.scope()
	m.Decode(config.Parse("example.yaml", []byte(text), &out), &out)
	files := fstest.MapFS{"mappings/owner.yaml": &fstest.MapFile{Data: []byte(specimenFile)}}
	m.Include(func(name config.Text) *config.Node { return config.ReadFile(files, name.Value, &out, name.Pos) }, &out)
	typed := m.Check(names, &out)
	if problem = said(&out); out.Failed() {
		return "", problem
	}
	return evaluated(typed.Compile(nil), s.frame(names), problem)
}

func evaluated(e expr.Eval, f *expr.Frame, warning string) (result, problem string) {
	v, err := e(f)
	if err != nil {
		_, message, _ := strings.Cut(err.Error(), ": ")
		return "", "fails: " + message
	}
	if warning != "" {
		return "", warning
	}
	return string(codec.AppendJSON(nil, v)), ""
}

// said returns what is wrong, as the reference page writes it.
func said(out *diag.List) string {
	var all []string
	for _, p := range out.Sorted() {
		text := string(p.Code) + " " + p.Message
		if p.Hint != "" {
			text += " = " + p.Hint
		}
		if p.Warning {
			text = "warning " + text
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// proveExample compares one example of the page with what it comes to.
func proveExample(t *testing.T, text, wantResult, wantProblem string, evaluate func(string) (string, string)) {
	t.Helper()
	result, problem := evaluate(text)
	if result != wantResult || problem != wantProblem {
		t.Errorf("%s\nfound    %s%s\nexpected %s%s", text, result, problem, wantResult, wantProblem)
	}
}

// TestLanguageExamples evaluates every example of docs/reference/language.md, and compares results and problems word for word.
func TestLanguageExamples(t *testing.T) {
	s := newSpecimen(t)
	for _, o := range expr.Operators() {
		for _, e := range o.Shown {
			proveExample(t, e.Text, e.Result, e.Problem, s.expression)
		}
	}
	for _, f := range expr.Forms() {
		for _, e := range f.Shown {
			proveExample(t, e.Text, e.Result, e.Problem, s.expression)
		}
	}
	for _, w := range transform.Words() {
		for _, e := range w.Shown {
			proveExample(t, e.Text, e.Result, e.Problem, s.mapping)
		}
	}
}

// TestLanguageSchemas reads every schema of docs/reference/language.md: its values are admitted and refused, and told, as the page says.
func TestLanguageSchemas(t *testing.T) {
	for _, w := range slices.Concat(typing.Types(), typing.Words()) {
		for _, e := range w.Shown {
			typ, out := schemaOf(e.Schema)
			if got := said(out); got != e.Problem {
				t.Errorf("%s\nfound    %s\nexpected %s", e.Schema, got, e.Problem)
			}
			if out.Failed() {
				continue
			}
			decoder := codec.CompileJSON(typ, codec.JSONOptions{})
			if _, err := decoder.Decode([]byte(e.Admits)); err != nil {
				t.Errorf("%s refuses %s: %v", e.Schema, e.Admits, err)
			}
			if e.Refuses == "" {
				continue
			}
			if _, err := decoder.Decode([]byte(e.Refuses)); err == nil || err.Error() != e.Told {
				t.Errorf("%s, %s\nfound    %v\nexpected %s", e.Schema, e.Refuses, err, e.Told)
			}
		}
	}
	for _, f := range schema.FormatTable() {
		typ, out := schemaOf("{ type: string, format: " + f.Name + " }")
		decoder := codec.CompileJSON(typ, codec.JSONOptions{})
		_, admitted := decoder.Decode([]byte(strconv.Quote(f.Admits)))
		_, refused := decoder.Decode([]byte(strconv.Quote(f.Refuses)))
		if out.Failed() || admitted != nil || refused == nil || refused.Error() != f.Told {
			t.Errorf("%s: %v, %v\nfound    %v\nexpected %s", f.Name, said(out), admitted, refused, f.Told)
		}
	}
}
