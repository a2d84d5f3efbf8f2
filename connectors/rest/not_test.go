package rest

import (
	"strings"
	"testing"

	"fondaco/config/diag"
	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// TestNot: what "not" rules out is no value of the type.
func TestNot(t *testing.T) {
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
		var out diag.List
		doc := openapi.Read([]byte("openapi: 3.0.3\ninfo: {title: x, version: 1.0.0}\npaths: {/a: {post: {requestBody: {content: {application/json: {schema: "+
			c.src+"}}}, responses: {204: {description: ok}}}}}\n"), "api.yaml", &out, diag.Pos{})
		if doc == nil {
			t.Fatal(c.src, problems(&out))
		}
		typ := doc.Operations[0].Body
		if said := problems(&out); said != "" || schema.UncheckedIn(typ) != "" {
			t.Errorf("%s: reported %q, not checked %q", c.src, said, schema.UncheckedIn(typ))
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
