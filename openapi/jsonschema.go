package openapi

import (
	"bytes"

	"fondaco/schema"
)

const draft = "https://json-schema.org/draft/2020-12/schema"

// JSONSchema returns a type as a JSON Schema of draft 2020-12, indented: named types stand under $defs, and so do types
// that are large and used more than once, or that hold themselves.
func JSONSchema(t *schema.Type) []byte {
	c := newComponents(dialect{lists: true})
	c.survey(t)
	doc := object{{"$schema", draft}}
	doc = append(doc, c.ref(t)...)
	if len(c.bodies) > 0 {
		doc = append(doc, member{"$defs", c.bodies})
	}
	return pointed(doc, "")
}

// JSONSchemas returns types as JSON Schemas that keep what they share in one more, whose file is called file: large types
// are written once for all of them.
func JSONSchemas(types []*schema.Type, file string) (each [][]byte, shared []byte) {
	c := newComponents(dialect{lists: true})
	c.survey(types...)
	for _, t := range types {
		each = append(each, pointed(append(object{{"$schema", draft}}, c.ref(t)...), file))
	}
	return each, pointed(object{{"$schema", draft}, {"$defs", c.bodies}}, "")
}

// pointed writes a schema whose named types stand under $defs of a file, "" for its own.
func pointed(doc object, file string) []byte {
	b := append(appendTree(nil, doc, 0), '\n')
	return bytes.ReplaceAll(b, []byte(`"#/components/schemas/`), []byte(`"`+file+`#/$defs/`))
}
