package compare

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

// TestCompare: each kind of change, on the side where it breaks somebody and on the one where it does not.
func TestCompare(t *testing.T) {
	n := func(i int) *int { return &i }
	field := func(name string, typ *schema.Type, required bool) schema.Field {
		return schema.Field{Name: name, Type: typ, Required: required}
	}
	words := func(list ...string) *schema.Type {
		typ := &schema.Type{Kind: schema.KindText}
		for _, w := range list {
			typ.Enum = append(typ.Enum, schema.Text(w))
		}
		return typ
	}
	either := func(one bool, names ...string) *schema.Type {
		typ := schema.RecordType(field("a", schema.TypeText, false), field("b", schema.TypeText, false), field("c", schema.TypeText, false))
		p := schema.Presence{One: one}
		for _, name := range names {
			p.Sets = append(p.Sets, schema.Together{Fields: []string{name}})
		}
		typ.Present = []schema.Presence{p}
		return typ
	}
	limited := func(most int) *schema.Type { return &schema.Type{Kind: schema.KindText, MaxLength: n(most)} }
	least := func(i int64) *schema.Type {
		v := schema.Int(i)
		return &schema.Type{Kind: schema.KindInt, Minimum: &v}
	}
	for _, c := range []struct {
		name          string
		was, is       *schema.Type
		input, output string // the changes; ! breaks
	}{
		{"nothing", words("A"), words("A"), "", ""},
		{
			"a field goes", schema.RecordType(field("a", schema.TypeInt, true), field("b", schema.TypeText, false)),
			schema.RecordType(field("a", schema.TypeInt, true)),
			"!/b removed text>", "!/b removed text>",
		},
		{
			"a field is renamed", schema.RecordType(field("numero", schema.TypeInt, true)), schema.RecordType(field("number", schema.TypeInt, true)),
			"!/numero removed integer> it may be called number now; !/number needed >integer",
			"!/numero removed integer> it may be called number now; /number added >integer",
		},
		{
			"fields that repeat together", schema.RecordType(field("k", schema.ListOf(schema.TypeText), false)),
			schema.RecordType(field("items", schema.ListOf(schema.RecordType(field("k", schema.TypeText, true))), false)),
			"!/k removed list of text> it stands in the records of items now, beside what came with it; /items added >list of {k: text}",
			"!/k removed list of text> it stands in the records of items now, beside what came with it; /items added >list of {k: text}",
		},
		{"a field comes", schema.RecordType(), schema.RecordType(field("b", schema.TypeText, false)), "/b added >text", "/b added >text"},
		{
			"must be given", schema.RecordType(field("a", schema.TypeInt, false)), schema.RecordType(field("a", schema.TypeInt, true)),
			"!/a needed integer or nothing>integer", "/a certain integer or nothing>integer",
		},
		{
			"may be left out", schema.RecordType(field("a", schema.TypeInt, true)), schema.RecordType(field("a", schema.TypeInt, false)),
			"/a loosened integer>integer or nothing", "!/a optional integer>integer or nothing",
		},
		{"may be null", schema.TypeInt, schema.TypeInt.OrNull(), " loosened integer>integer or null", "! optional integer>integer or null"},
		{"never null", schema.TypeInt.OrNull(), schema.TypeInt, "! narrowed integer or null>integer", " certain integer or null>integer"},
		{"another kind", schema.TypeText, schema.TypeBool, "! retyped text>boolean", "! retyped text>boolean"},
		{"integer to decimal", schema.TypeInt, schema.TypeDecimal, " widened integer>decimal", "! retyped integer>decimal"},
		{"decimal to integer", schema.TypeDecimal, schema.TypeInt, "! retyped decimal>integer", " narrowed decimal>integer"},
		{"date to text", schema.TypeDate, schema.TypeText, " widened date>text", "! retyped date>text"},
		{"one to many", schema.TypeText, schema.ListOf(schema.TypeText), "! retyped text>list of text", "! retyped text>list of text"},
		{
			"fields are needed together", either(false, "a", "b"), either(true, "a", "b"), "! narrowed >exactly one of a, b",
			" narrowed >exactly one of a, b",
		},
		{"fewer ways", either(false, "a", "b", "c"), either(false, "a", "b"), "! narrowed >at least one of a, b", " narrowed >at least one of a, b"},
		{
			"more ways", either(false, "a", "b"), either(false, "a", "b", "c"), " widened >no longer at least one of a, b",
			" widened >no longer at least one of a, b",
		},
		{"words go", words("A", "B"), words("A"), "! narrowed >without \"B\"", " narrowed >without \"B\""},
		{"words come", words("A"), words("A", "C"), " widened >also \"C\"", "! widened >also \"C\""},
		{"only words", schema.TypeText, words("A"), "! narrowed text>\"A\"", " narrowed text>\"A\""},
		{"shorter", limited(10), limited(5), "! narrowed >at most 10 to 5", " narrowed >at most 10 to 5"},
		{"longer", limited(5), limited(10), " widened >at most 5 to 10", " widened >at most 5 to 10"},
		{"a pattern", schema.TypeText, &schema.Type{Kind: schema.KindText, Pattern: "^a"}, "! narrowed >pattern ^a", " narrowed >pattern ^a"},
		{"a higher least", least(0), least(1), "! narrowed >minimum 0 to 1", " narrowed >minimum 0 to 1"},
		{
			"within lists", schema.ListOf(schema.RecordType(field("a/b", schema.TypeInt, true))),
			schema.ListOf(schema.RecordType(field("a/b", schema.TypeBool, true))),
			"!/*/a~1b retyped integer>boolean", "!/*/a~1b retyped integer>boolean",
		},
		{
			"a variant comes", &schema.Type{Kind: schema.KindUnion, Variants: []*schema.Type{schema.TypeInt}},
			&schema.Type{Kind: schema.KindUnion, Variants: []*schema.Type{schema.TypeInt, schema.TypeBool}},
			" widened integer>integer or boolean", "! widened integer>integer or boolean",
		},
	} {
		plain := schema.RecordType()
		for side, want := range map[Side]string{InInput: c.input, InOutput: c.output} {
			was, is := &connectors.Operation{Name: "x", Input: plain, Output: plain}, &connectors.Operation{Name: "x", Input: plain, Output: plain}
			if side == InInput {
				was.Input, is.Input = c.was, c.is
			} else {
				was.Output, is.Output = c.was, c.is
			}
			var got []string
			for _, x := range Connectors(&connectors.Connector{Operations: []*connectors.Operation{was}},
				&connectors.Connector{Operations: []*connectors.Operation{is}}) {
				if x.Side != side || x.Operation != "x" {
					t.Errorf("%s: %+v", c.name, x)
				}
				text := fmt.Sprintf("%s %s %s>%s", x.Path, x.Kind, x.Old, x.New)
				if x.Breaks {
					text = "!" + text
				}
				if x.Hint != "" {
					text += " " + x.Hint
				}
				got = append(got, text)
			}
			if strings.Join(got, "; ") != want {
				t.Errorf("%s, %s: found\n%s\nexpected\n%s", c.name, side, strings.Join(got, "; "), want)
			}
		}
	}
}

// TestCompareOperations: operations and parameters come, go, and change what they do.
func TestCompareOperations(t *testing.T) {
	op := func(name string, e connectors.Effect, out *schema.Type) *connectors.Operation {
		return &connectors.Operation{Name: name, Effect: e, Input: schema.RecordType(), Output: out}
	}
	param := func(name string, required bool) *connectors.Param {
		return &connectors.Param{Name: name, Type: schema.TypeText, Required: required}
	}
	old := &connectors.Connector{
		Operations: []*connectors.Operation{
			op("leggi", connectors.Read, schema.TypeInt), op("scrivi", connectors.Idempotent, schema.TypeNull),
			op("tace", connectors.Once, schema.TypeInt),
		},
		Params: []*connectors.Param{param("endpoint", true), param("utente", false)},
	}
	now := &connectors.Connector{
		Operations: []*connectors.Operation{
			op("leggiDato", connectors.Read, schema.TypeInt), op("scrivi", connectors.Once, schema.TypeNull),
			op("tace", connectors.Read, schema.TypeNull),
		},
		Params: []*connectors.Param{param("endpoint", true), param("utente", true), param("ente", true), param("porta", false)},
	}
	var got []string
	for _, x := range Connectors(old, now) {
		got = append(got, fmt.Sprintf("%v %s %s", x.Breaks, x.Operation, x))
	}
	want := []string{
		"true  /params/utente: needed, is text", "true  /params/ente: needed, is text", "false  /params/porta: added, is text",
		"true leggi the operation: removed; leggiDato takes and returns the same",
		"true scrivi the operation: effect, was idempotent, is once",
		"false tace the operation: effect, was once, is read", "true tace output: silenced, was integer",
		"false leggiDato the operation: added",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("found\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestCompareLarge: types that hold themselves come to an end, and what stands at many places costs no more than it says.
func TestCompareLarge(t *testing.T) {
	tree := func(leaf *schema.Type) *schema.Type {
		typ := &schema.Type{Kind: schema.KindRecord}
		typ.Fields = []schema.Field{{Name: "figli", Type: schema.ListOf(typ)}, {Name: "valore", Type: leaf}}
		return typ.Seal()
	}
	deep := func(leaf *schema.Type) *schema.Type {
		typ := leaf
		for range 40 { // 2 to the 40th places
			typ = schema.RecordType(schema.Field{Name: "a", Type: typ}, schema.Field{Name: "b", Type: typ})
		}
		return typ
	}
	began := time.Now()
	compare := func(was, is *schema.Type) int {
		in := schema.RecordType()
		return len(Connectors(&connectors.Connector{Operations: []*connectors.Operation{{Name: "x", Input: in, Output: was}}},
			&connectors.Connector{Operations: []*connectors.Operation{{Name: "x", Input: in, Output: is}}}))
	}
	if n := compare(tree(schema.TypeInt), tree(schema.TypeBool)); n != 1 {
		t.Errorf("a tree: %d changes", n)
	}
	if n := compare(deep(schema.TypeInt), deep(&schema.Type{Kind: schema.KindInt, Doc: "another"})); n != 0 {
		t.Errorf("alike: %d changes", n)
	}
	if n := compare(deep(schema.TypeInt), deep(schema.TypeBool)); n != maxChanges {
		t.Errorf("everywhere: %d changes", n)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %s", took)
	}
}
