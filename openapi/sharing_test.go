package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"fondaco/schema"
)

// doubling is a type whose fields double: each step has the next one twice, once with null, and ten fields of its own.
func doubling(steps int) *schema.Type {
	t := schema.RecordType(schema.Field{Name: "z", Type: schema.TypeText})
	for i := range steps {
		fields := []schema.Field{{Name: "a", Type: t, Required: true}, {Name: "b", Type: t.OrNull()}, {Name: "c", Type: schema.ListOf(t)}}
		for j := range 10 {
			fields = append(fields, schema.Field{Name: fmt.Sprintf("f%d_%d", i, j), Type: schema.TypeText})
		}
		t = schema.RecordType(fields...)
	}
	return t
}

// TestWritingIsLinear: what is written of a type grows as the type does, however often its parts are used, and every
// reference leads somewhere.
func TestWritingIsLinear(t *testing.T) {
	op := Operation{ID: "x", Method: "GET", Path: "/x", Summary: "x", Responses: []Response{{Status: 200, Doc: "x", Body: doubling(28)}}}
	for _, version := range Versions {
		doc, err := Write(Info{Title: "t"}, []Operation{op}, version)
		if err != nil {
			t.Fatal(err)
		}
		linear(t, version, doc)
	}
	linear(t, "JSON Schema", JSONSchema(doubling(28)))
	s := NewSchemas()
	s.Expect(doubling(28))
	all := bytes.Clone(s.Of(doubling(28)))
	s.Components(func(_ string, body json.RawMessage) { all = append(all, body...) })
	if len(all) > 200_000 {
		t.Errorf("schemas: %d bytes", len(all))
	}
	same := doubling(28)
	types := []*schema.Type{schema.RecordType(schema.Field{Name: "p", Type: same}), schema.RecordType(schema.Field{Name: "q", Type: same})}
	each, shared := JSONSchemas(types, "types.json")
	for i, b := range each {
		if !strings.Contains(string(b), `"$ref": "types.json#/$defs/`) || len(b) > 1000 {
			t.Errorf("schema %d: %s", i, b[:min(len(b), 1000)])
		}
	}
	linear(t, "shared", shared)
}

func linear(t *testing.T, what string, doc []byte) {
	t.Helper()
	if len(doc) > 200_000 {
		t.Fatalf("%s: %d bytes for 28 types of 13 fields", what, len(doc))
	}
	var root map[string]any
	if err := json.Unmarshal(doc, &root); err != nil {
		t.Fatal(what, err)
	}
	for _, piece := range strings.Split(string(doc), `"$ref": "`)[1:] {
		to, _, _ := strings.Cut(piece, `"`)
		var at any = root
		for _, name := range strings.Split(strings.TrimPrefix(to, "#/"), "/") {
			m, _ := at.(map[string]any)
			at = m[name]
		}
		if at == nil {
			t.Fatalf("%s: %s leads nowhere", what, to)
		}
	}
}

// TestWritingInPlace: what is small, or used once, stands where it is used; deep types do not nest without an end.
func TestWritingInPlace(t *testing.T) {
	small := schema.RecordType(schema.Field{Name: "lat", Type: schema.TypeDecimal}, schema.Field{Name: "lon", Type: schema.TypeDecimal})
	twice := schema.RecordType(schema.Field{Name: "da", Type: small}, schema.Field{Name: "a", Type: small})
	if b := JSONSchema(twice); bytes.Contains(b, []byte("$ref")) {
		t.Errorf("a small type is no component: %s", b)
	}
	deep := schema.TypeText
	for range 5000 {
		deep = schema.RecordType(schema.Field{Name: "x", Type: deep})
	}
	if b := JSONSchema(deep); len(b) > 5_000_000 {
		t.Errorf("5000 types within types take %d bytes", len(b))
	}
}
