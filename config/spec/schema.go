package spec

import "maps"

// Schema is a JSON Schema as JSON's objects: draft 2020-12 in words that draft-07 has too, for editors.
type Schema map[string]any

// Ref refers to a definition that Define adds to the root: for what contains itself, as steps do.
func Ref(name string) Schema { return Schema{"$ref": "#/$defs/" + name} }

// Define adds a definition to a root schema and returns it.
func (s Schema) Define(name string, definition Schema) Schema {
	definitions, _ := s["$defs"].(map[string]any)
	if definitions == nil {
		definitions = map[string]any{}
		s["$defs"] = definitions
	}
	definitions[name] = definition
	return s
}

// JSONSchema returns editors the schema of a file whose root is what declare declares.
func JSONSchema(title string, declare func(*Object)) Schema {
	s := objectSchema(declare)
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = title
	return s
}

// ObjectSchema returns the schema of an object alone, for a Value that has objects in it.
func ObjectSchema(declare func(*Object)) Schema { return objectSchema(declare) }

// SchemaOf returns the schema of a choice alone.
func SchemaOf(c Choice) Schema { return c.schema() }

func objectSchema(declare func(*Object)) Schema {
	var o Object
	declare(&o)
	properties, required := map[string]any{}, []any{}
	for _, f := range o.fields {
		if f.hidden {
			continue
		}
		s := maps.Clone(f.choice.schema())
		if s == nil {
			s = Schema{}
		}
		if f.doc != "" {
			s["description"] = f.doc
		}
		if f.def != "" && s["type"] == "string" {
			s["default"] = f.def
		}
		if len(f.examples) > 0 && s["type"] == "string" {
			s["examples"] = f.examples
		}
		properties[f.Name] = s
		if f.required && f.unless == nil {
			required = append(required, f.Name)
		}
	}
	s := Schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}
