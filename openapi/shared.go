package openapi

import (
	"encoding/json"

	"fondaco/schema"
)

// Schemas writes types as JSON Schemas for one document that is not OpenAPI and keeps its named types in the same place,
// as AsyncAPI does: each named type stands once under components/schemas. Only words that draft-07 and 2020-12 have in
// common are written. Not safe for concurrent use.
type Schemas struct{ components *components }

// NewSchemas begins a document. reserved are names of components that no type gets.
func NewSchemas(reserved ...string) *Schemas {
	c := newComponents(dialect{lists: true, bare: true})
	delete(c.taken, problemName) // a name of OpenAPI documents
	for _, name := range reserved {
		c.taken[name] = nil
	}
	return &Schemas{c}
}

// Expect announces types before Of is asked for any of them: what they share is then written once.
func (s *Schemas) Expect(types ...*schema.Type) { s.components.survey(types...) }

// Of returns the schema of a type where one is used, as JSON: a reference for a named type, otherwise the schema in place.
func (s *Schemas) Of(t *schema.Type) json.RawMessage { return appendTree(nil, s.components.ref(t), 0) }

// Components calls each with the name and the schema, as JSON, of every named type that Of has met, in the order of
// first use.
func (s *Schemas) Components(each func(name string, body json.RawMessage)) {
	for _, m := range s.components.bodies {
		each(m.name, appendTree(nil, m.value, 0))
	}
}

// Name returns the name that a component of this name is written under: letters and digits, each word with a capital.
func Name(name string) string { return componentName(name) }

// JSON writes a value as JSON; numbers keep every digit. Nil for an absent one.
func JSON(v schema.Value) json.RawMessage { return appendValue(nil, v) }
