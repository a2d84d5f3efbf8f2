package openapi

import (
	"bytes"

	"fondaco/schema"
)

// JSONSchema gives a type as a JSON Schema of draft 2020-12, indented: named types stand under $defs.
func JSONSchema(t *schema.Type) []byte {
	c := newComponents(dialect{lists: true})
	doc := object{{"$schema", "https://json-schema.org/draft/2020-12/schema"}}
	doc = append(doc, c.ref(t)...)
	if len(c.bodies) > 0 {
		doc = append(doc, member{"$defs", c.bodies})
	}
	b := append(appendTree(nil, doc, 0), '\n')
	return bytes.ReplaceAll(b, []byte(`"#/components/schemas/`), []byte(`"#/$defs/`))
}
