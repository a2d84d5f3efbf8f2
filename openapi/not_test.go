package openapi

import (
	"fmt"
	"strings"
	"testing"

	"fondaco/schema"
)

// TestReadNotUnsupported: what types cannot say is reported, and the type keeps it.
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
