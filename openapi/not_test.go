package openapi

import (
	"fmt"
	"strings"
	"testing"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// TestReadNot: what "not" rules out is no value of the type; what types cannot say is kept as not checked, and told.
func TestReadNot(t *testing.T) {
	ab := "type: object, properties: {a: {type: string}, b: {type: string}}"
	for _, c := range []struct{ src, fits, breaks string }{
		{"{" + ab + ", not: {required: [a]}}", `{} {"b":"1"}`, `{"a":"1"} {"a":null}`},
		{"{" + ab + ", not: {required: [a, b]}}", `{} {"a":"1"} {"b":"1"}`, `{"a":"1","b":"1"}`},
		{"{" + ab + ", not: {anyOf: [{required: [a]}, {required: [b]}]}}", `{}`, `{"a":"1"} {"b":"1"}`},
		{"{" + ab + ", not: {required: [c]}}", `{}`, `{"c":1}`},
		{"{" + ab + ", additionalProperties: false, not: {required: [c]}}", `{} {"a":"1"}`, ``},
		{"{not: {required: [a]}}", `{} {"b":1}`, `{"a":1} 7 "a"`},
		{"{allOf: [{" + ab + "}, {not: {required: [a]}}]}", `{}`, `{"a":"1"}`},
		{"{oneOf: [{type: string}, {" + ab + "}], not: {required: [a]}}", `{}`, `{"a":"1"}`},
		{"{not: {type: string}}", `1 true null {} []`, `"a"`},
		{"{not: {type: [string, 'null'], title: T}}", `1 true {} []`, `"a" null`},
		{"{not: {type: number}}", `"a" true null`, `1 1.5`},
		{"{type: [string, integer], not: {type: integer}}", `"a"`, `1`},
		{"{type: string, nullable: true, not: {type: 'null'}}", `"a"`, `null`},
		{"{not: {type: [string, number, boolean, object, array]}}", `null`, `1 "a" {} []`},
		{"{type: string, enum: [a, b, c], not: {enum: [b, d, 1]}}", `"a" "c"`, `"b" "d"`},
		{"{type: string, enum: [a], not: {const: a}}", ``, `"a"`},
		{"{type: string, not: {const: ''}}", `"a"`, `""`},
		{"{type: string, minLength: 3, not: {enum: ['', null]}}", `"abc"`, `"" "ab" null`},
		{"{type: boolean, not: {const: true}}", `false`, `true`},
		{"{type: integer, not: {enum: [a]}}", `1`, `"a"`},
		{"{type: [string, integer], not: {const: ''}}", `"a" 1`, `""`},
		{"{not: {const: null}}", `1 "a" {}`, `null`},
		{"{not: {}}", ``, `1 null {}`},
		{"{not: false}", `1 null {}`, ``},
	} {
		typ, said := bodyOf(t, c.src, "")
		if said != "" || schema.UncheckedIn(typ) != "" {
			t.Errorf("%s: told %q, not checked %q", c.src, said, schema.UncheckedIn(typ))
		}
		d := codec.CompileJSON(typ, codec.JSONOptions{Unknown: codec.Ignore})
		for _, v := range strings.Fields(c.fits) {
			if _, err := d.Decode([]byte(v)); err != nil {
				t.Errorf("%s: %s does not fit %s: %v", c.src, v, typ, err)
			}
		}
		for _, v := range strings.Fields(c.breaks) {
			if got, err := d.Decode([]byte(v)); err == nil {
				t.Errorf("%s: %s fits %s: %s", c.src, v, typ, codec.AppendJSON(nil, got))
			}
		}
	}
}

// TestReadNotUnsupported: of what types cannot say the document tells, and the type keeps it.
func TestReadNotUnsupported(t *testing.T) {
	for _, src := range []string{
		"{type: string, not: {pattern: '^a'}}",
		"{type: string, not: {enum: [root, admin]}}",
		"{type: number, not: {type: integer}}",
		"{type: integer, not: {const: 0}}",
		"{type: object, properties: {a: {type: string}}, not: {properties: {a: {const: x}}}}",
		"{type: object, properties: {a: {type: string}}, not: {required: [a], minProperties: 2}}",
		"{type: array, items: {type: string}, not: {const: []}}",
		"{type: string, format: date, not: {const: '2026-01-01'}, enum: []}",
		"{type: object, properties: {a: {type: array, items: {type: string, not: {minLength: 3}}}}}",
		"{oneOf: [{type: string}, {type: integer}], not: {minLength: 3}}",
		"{type: object, properties: {a: {type: string}}, anyOf: [{required: [a]}, {not: {minProperties: 1}}]}",
	} {
		typ, said := bodyOf(t, src, "")
		if what := schema.UncheckedIn(typ); !strings.Contains(what, `"not" of this kind`) || !strings.Contains(said, what+" is not supported") {
			t.Errorf("%s: not checked %q, told %q", src, what, said)
		}
	}
}

// TestNotRoundTrip: what "not" rules out is written in our document, and read from it as the same type.
func TestNotRoundTrip(t *testing.T) {
	ab := "{type: object, properties: {a: {type: string}, b: {type: string}}, "
	for _, src := range []string{
		ab + "not: {required: [a]}}", ab + "not: {required: [a, b]}}", "{type: string, not: {const: ''}}", "{not: {type: [string, 'null']}}",
		"{type: boolean, not: {const: true}}",
	} {
		typ, _ := bodyOf(t, src, "")
		for _, version := range []string{"3.0.3", "3.1.0"} {
			b, err := Write(Info{Title: "t", Version: "1.0.0"}, []Operation{{ID: "a", Method: "POST", Path: "/a", Body: typ, Responses: []Response{{Status: 204}}}}, version)
			if err != nil {
				t.Fatal(err)
			}
			doc, said := told(t, string(b))
			if doc == nil || said != "" || fmt.Sprint(doc.Operation("a").Body) != fmt.Sprint(typ) {
				t.Errorf("%s in %s: read %s, written of %s; told %q", src, version, doc.Operation("a").Body, typ, said)
			}
		}
	}
}
