package openapi

import (
	"slices"
	"strings"
	"testing"

	"fondaco/schema"
)

// words are the keywords of the published vocabularies: JSON Schema draft 4, 2019-09 and 2020-12 (core, applicator, unevaluated, validation,
// format, content, metadata), and the Schema Object of OpenAPI 3.0 and 3.1.
var words = strings.Fields(`
	$schema id $ref definitions
	$id $anchor $recursiveRef $recursiveAnchor $vocabulary $comment $defs
	$dynamicRef $dynamicAnchor
	multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern additionalItems items maxItems minItems
	uniqueItems maxProperties minProperties required additionalProperties properties patternProperties dependencies enum type
	allOf anyOf oneOf not
	contains propertyNames if then else dependentSchemas prefixItems unevaluatedItems unevaluatedProperties
	const maxContains minContains dependentRequired
	format contentEncoding contentMediaType contentSchema
	title description default deprecated readOnly writeOnly examples
	nullable discriminator xml externalDocs example`)

const others = `
components: {schemas: {
  A: {type: object, required: [k], properties: {k: {const: a}}},
  B: {type: object, required: [k], properties: {k: {const: b}}},
  C: {$anchor: c, type: integer},
  D: {$dynamicAnchor: d, type: integer},
  E: {$dynamicAnchor: e, type: integer}, F: {$dynamicAnchor: e, type: string}}}
`

// TestVocabulary adds each word to a schema: what is checked changes the type, an annotation changes nothing, and of all else a warning says
// that it is not checked.
func TestVocabulary(t *testing.T) {
	ab := "type: object, additionalProperties: false, properties: {a: {type: string}, b: {type: string}}"
	refs := "[{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]"
	cases := map[string]struct{ base, word string }{
		"$schema":         {"type: string", "'https://json-schema.org/draft/2020-12/schema'"},
		"id":              {"type: string", "'#x'"},
		"$id":             {"type: string", "'https://comune.example/a'"},
		"$vocabulary":     {"type: string", "{}"},
		"$comment":        {"type: string", "nota"},
		"$defs":           {"type: string", "{a: {type: string}}"},
		"definitions":     {"type: string", "{a: {type: string}}"},
		"$ref":            {"description: x", "'#/components/schemas/C'"},
		"$anchor":         {"type: object, properties: {a: {$ref: '#c'}}", "q"},
		"$dynamicAnchor":  {"type: object, properties: {a: {$ref: '#d'}}", "q"},
		"$dynamicRef":     {"description: x", "'#e'"},
		"$recursiveRef":   {"description: x", "'#'"},
		"additionalItems": {"type: array, items: [{type: string}]", "false"},

		"$recursiveAnchor": {"type: string", "true"},

		"allOf": {"type: object", refs}, "anyOf": {"description: x", refs}, "oneOf": {"description: x", refs},
		"not":        {"type: object, properties: {a: {type: string}}", "{required: [a]}"},
		"properties": {"type: object", "{a: {type: string}}"}, "additionalProperties": {"type: object", "{type: integer}"},
		"patternProperties": {"type: object", "{'.*': {type: integer}}"}, "items": {"type: array", "{type: integer}"},
		"prefixItems":      {"type: array, items: false", "[{type: integer}]"},
		"dependentSchemas": {ab, "{a: {required: [b]}}"}, "dependencies": {ab, "{a: [b]}"}, "dependentRequired": {ab, "{a: [b]}"},
		"if": {ab, "{required: [a]}"}, "then": {ab, "{required: [b]}"}, "else": {ab, "{required: [b]}"},
		"contains": {"type: array", "{const: 1}"}, "minContains": {"type: array", "2"}, "maxContains": {"type: array", "2"},
		"propertyNames":    {"type: object", "{pattern: '^a'}"},
		"unevaluatedItems": {"type: array", "{type: string}"}, "unevaluatedProperties": {"type: object, properties: {a: {}}", "false"},

		"type": {"description: x", "string"}, "enum": {"type: string", "[a, b]"}, "const": {"type: string", "a"},
		"multipleOf": {"type: number", "0.01"}, "maximum": {"type: number", "3"}, "minimum": {"type: number", "3"},
		"exclusiveMaximum": {"type: number", "3"}, "exclusiveMinimum": {"type: number", "3"},
		"maxLength": {"type: string", "3"}, "minLength": {"type: string", "3"}, "pattern": {"type: string", "'^a$'"},
		"maxItems": {"type: array", "3"}, "minItems": {"type: array", "3"}, "uniqueItems": {"type: array", "true"},
		"maxProperties": {ab, "1"}, "minProperties": {ab, "1"}, "required": {ab, "[a]"},

		"format": {"type: string", "date"}, "contentEncoding": {"type: string", "base64"}, "contentMediaType": {"type: string", "application/pdf"},
		"contentSchema": {"type: string, contentMediaType: application/json", "{type: object}"},

		"title": {"type: string", "Nome"}, "description": {"type: string", "Nome"}, "default": {"type: string", "x"},
		"deprecated": {"type: string", "true"}, "readOnly": {"type: string", "true"}, "writeOnly": {"type: string", "true"},
		"examples": {"type: string", "[x]"}, "example": {"type: string", "x"}, "nullable": {"type: string", "true"},
		"discriminator": {"oneOf: " + refs, "{propertyName: k}"}, "externalDocs": {"type: string", "{url: 'https://comune.example'}"},
		"xml": {"type: string", "{name: nome}"},
	}
	// What these say does not stand in a type: TestAnchors, TestReadContentMediaType and the tests of XML see it.
	elsewhere := []string{"$anchor", "$dynamicAnchor", "contentMediaType", "xml"}
	if len(cases) != len(words) || len(vocabulary) != len(words) {
		t.Errorf("%d words, %d tried, %d in the vocabulary", len(words), len(cases), len(vocabulary))
	}
	for _, word := range words {
		c, tried := cases[word]
		known := vocabulary[word]
		if !tried || known.outcome == 0 {
			t.Errorf("%s: not tried, or not in the vocabulary", word)
			continue
		}
		for _, version := range []string{"3.0.3", "3.1.0"} {
			before, said := written(t, version, c.base)
			after, told := written(t, version, c.base+", "+word+": "+c.word)
			warned := strings.Contains(told, word+" is not checked: "+known.why)
			switch {
			case known.outcome == unchecked && (!warned || before != after):
				t.Errorf("%s in %s: not checked, and told %q; the type is %s, before %s", word, version, told, after, before)
			case known.outcome == annotation && (told != said || before != after):
				t.Errorf("%s in %s: asks nothing, and told %q; the type is %s, before %s", word, version, told, after, before)
			case known.outcome == checked && !slices.Contains(elsewhere, word) && before == after:
				t.Errorf("%s in %s: checked, and the type is %s", word, version, after)
			case known.outcome == checked && word != "prefixItems" && told != said:
				t.Errorf("%s in %s: checked, and told %q", word, version, told)
			}
		}
	}
}

// written reads a schema as that of a field, and returns how its type is written again, with what was told without its place.
func written(t *testing.T, version, words string) (text, told string) {
	t.Helper()
	typ, said := typeIn(t, version, "{type: object, properties: {campo: {"+words+"}}}", others)
	var lines []string
	for _, line := range strings.Split(said, "\n") {
		_, line, _ = strings.Cut(line, " ")
		lines = append(lines, line)
	}
	return string(JSONSchema(typ)), strings.Join(lines, "\n")
}

// typeIn reads the schema of a request's body in a version of OpenAPI.
func typeIn(t *testing.T, version, body, rest string) (*schema.Type, string) {
	t.Helper()
	doc, said := toldTo(t, "openapi: "+version+"\ninfo: {title: t, version: 1.0.0}\npaths: {/a: {post: {requestBody: {content: "+
		"{application/json: {schema: "+body+"}}}, responses: {204: {description: ok}}}}}\n"+rest)
	if doc == nil || len(doc.Operations) != 1 {
		t.Fatalf("no operation: %s", said)
	}
	return doc.Operations[0].Body, said
}

// TestVocabularyPartly: words that types carry in part say what of them is not.
func TestVocabularyPartly(t *testing.T) {
	open := "type: object, properties: {a: {type: string}, b: {type: string}, c: {type: string}}"
	closed := open + ", additionalProperties: false"
	for src, want := range map[string]string{
		"{type: integer, multipleOf: 5}":                                       "multipleOf 5 is not checked",
		"{type: number, multipleOf: 0.25}":                                     "multipleOf 0.25 is not checked",
		"{type: number, minimum: 1e3}":                                         "minimum 1e3 is not checked",
		"{" + open + ", minProperties: 1}":                                     "minProperties beside properties is not checked",
		"{" + closed + ", minProperties: 2}":                                   "minProperties beside properties is not checked",
		"{" + closed + ", maxProperties: 2}":                                   "maxProperties beside properties is not checked",
		"{" + closed + ", dependentSchemas: {a: {properties: {b: {}}}}}":       "dependentSchemas with a schema is not checked",
		"{" + closed + ", dependencies: {a: {minProperties: 2}}}":              "dependencies with a schema is not checked",
		"{" + open + ", additionalProperties: {type: integer}}":                "what stands beside properties under additionalProperties",
		"{" + open + ", patternProperties: {'^x': {type: integer}}}":           "what stands beside properties under additionalProperties",
		"{type: object, patternProperties: {'^x': {type: integer}, '^y': {}}}": "which value stands under which name",
		"{type: array, prefixItems: [{type: integer}, {type: string}]}":        "which item stands at which place",
		"{enum: [{a: 1}, b]}":                                                  "a list or an object under enum or const is not checked",
		"{type: object, const: {a: 1}}":                                        "a list or an object under enum or const is not checked",
		"{type: string, contentEncoding: base32}":                              "contentEncoding base32 is not read",
		"{type: string, contentEncoding: base64url}":                           "contentEncoding base64url is not read",
		"{type: string, format: byte, maxLength: 10}":                          "maxLength of octets is not checked",
		"{type: string, maxlength: 10}":                                        `"maxlength" is not a word of JSON Schema or OpenAPI, and nothing is made of it`,
		"{type: object, properties: {a: {type: string, required: true}}}":      "required: true says nothing of a schema",

		"{" + closed + ", minProperties: 0, maxProperties: 3}": "", "{" + open + ", required: [a], minProperties: 1}": "",
		"{type: string, x-nota: 1}": "", "{type: object, propertyNames: {type: string}}": "", "{type: integer, multipleOf: 1}": "",
		"{" + open + ", additionalProperties: true}": "", "{" + open + ", additionalProperties: {}}": "",
	} {
		_, said := typeIn(t, "3.1.0", src, "")
		if want == "" && said != "" || !strings.Contains(said, want) {
			t.Errorf("%s: told %q, expected %q", src, said, want)
		}
	}
}

// TestVocabularyOnce: a word is told once for a document, where it stands first.
func TestVocabularyOnce(t *testing.T) {
	_, said := typeIn(t, "3.1.0", "{type: object, properties: {a: {type: array, contains: {const: 1}}, b: {type: array, contains: {const: 2}}}}", "")
	if strings.Count(said, "contains is not checked") != 1 || strings.Count(said, "\n") != 0 {
		t.Errorf("told %q", said)
	}
}

// TestVocabularyTypes: what lists by place, names by pattern and fields by number become.
func TestVocabularyTypes(t *testing.T) {
	closed := "type: object, additionalProperties: false, properties: {a: {type: string}, b: {type: string}}"
	for src, same := range map[string]string{
		"{type: array, prefixItems: [{type: integer}, {type: string}], items: false}":             "{type: array, maxItems: 2, items: {anyOf: [{type: integer}, {type: string}]}}",
		"{type: array, prefixItems: [{type: integer}], items: {type: string}}":                    "{type: array, items: {anyOf: [{type: integer}, {type: string}]}}",
		"{type: array, prefixItems: [{type: integer}]}":                                           "{type: array, items: {}}",
		"{type: array, prefixItems: [{type: integer}], maxItems: 1}":                              "{type: array, maxItems: 1, items: {type: integer}}",
		"{type: array, items: [{type: integer}, {type: integer}], additionalItems: false}":        "{type: array, maxItems: 2, items: {anyOf: [{type: integer}, {type: integer}]}}",
		"{type: object, patternProperties: {'^x': {type: integer}}, additionalProperties: false}": "{type: object, additionalProperties: {type: integer}}",
		"{type: object, patternProperties: {'^x': {type: integer}}}":                              "{type: object}",
		"{minItems: 2}": "{type: array, minItems: 2}", "{minProperties: 2}": "{type: object, minProperties: 2}",
		"{" + closed + ", minProperties: 1}":                    "{" + closed + ", anyOf: [{required: [a]}, {required: [b]}]}",
		"{" + closed + ", maxProperties: 1}":                    "{" + closed + ", oneOf: [{required: [a]}, {required: [b]}, {not: {anyOf: [{required: [a]}, {required: [b]}]}}]}",
		"{" + closed + ", dependentRequired: {a: [b], c: [a]}}": "{" + closed + ", anyOf: [{not: {required: [a]}}, {required: [b]}]}",
		"{" + closed + ", dependentRequired: {a: [c]}}":         "{" + closed + ", anyOf: [{not: {required: [a]}}]}",
		"{$ref: '#/components/schemas/C', maximum: 3}":          "{type: integer, maximum: 3}",
		"{$ref: '#/components/schemas/A', required: [z]}":       "{type: object, required: [k, z], properties: {k: {const: a}, z: {}}}",
		"{$dynamicRef: '#d'}":                                   "{type: integer}",
	} {
		got, _ := typeIn(t, "3.1.0", src, others)
		want, _ := typeIn(t, "3.1.0", same, others)
		plain := *got
		plain.Name = ""
		if !schema.Same(&plain, want) {
			t.Errorf("%s: found %s, expected %s", src, JSONSchema(got), JSONSchema(want))
		}
	}
}

// TestRefBeside: before OpenAPI 3.1 nothing stands beside a reference; what was meant to is told.
func TestRefBeside(t *testing.T) {
	typ, said := typeIn(t, "3.0.3", "{$ref: '#/components/schemas/C', maximum: 3, description: x}", others)
	if typ.Maximum != nil || !strings.Contains(said, `"maximum" beside $ref says nothing in OpenAPI 3.0, and is passed over`) {
		t.Errorf("found %s, told %q", JSONSchema(typ), said)
	}
	if _, said = typeIn(t, "3.0.3", "{$ref: '#/components/schemas/C', description: x}", others); said != "" {
		t.Errorf("told %q", said)
	}
	loop := "components: {schemas: {G: {$ref: '#/components/schemas/G', minLength: 1}, H: {type: object, properties: {h: {$ref: '#/components/schemas/H', required: [h]}}}}}"
	if _, said = typeIn(t, "3.1.0", "{$ref: '#/components/schemas/G'}", loop); !strings.Contains(said, "contains the schema itself") {
		t.Errorf("told %q", said)
	}
	if typ, said = typeIn(t, "3.1.0", "{$ref: '#/components/schemas/H'}", loop); said != "" || !typ.Fields[0].Type.Fields[0].Required {
		t.Errorf("found %s, told %q", typ, said)
	}
}

func TestAnchors(t *testing.T) {
	typ, said := typeIn(t, "3.1.0", "{type: object, properties: {c: {$ref: '#c'}, d: {$ref: '#d'}}}", others)
	if said != "" || typ.Fields[0].Type.Kind != schema.KindInt || typ.Fields[1].Type.Kind != schema.KindInt {
		t.Errorf("found %s, told %q", typ, said)
	}
	if _, said = typeIn(t, "3.1.0", "{$ref: '#zz'}", others); !strings.Contains(said, `$ref "#zz" leads nowhere`) {
		t.Errorf("told %q", said)
	}
}
