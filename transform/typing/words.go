package typing

import "slices"

// Word is a row of the table of words of schemas: the reader takes from it which words there are and of which types, the reference page
// how they are used.
type Word struct {
	Name  string
	Of    []string // the types that it is for, as string; none is any
	Doc   string
	Shown []Shown
}

// Shown is an example: a schema in YAML, and either values, as JSON, that it admits and refuses, with what a caller is then told, or the
// problem that the schema itself has, as CODE message = hint. A test evaluates all of them.
type Shown struct {
	Schema          string
	Admits, Refuses string
	Told            string // of what is refused
	Problem         string
}

// types are the types that a schema may name, with what they are.
var types = []Word{
	{
		Name: "string", Doc: "Text. With a [format](#formats) it may be a day, a moment and the like.",
		Shown: []Shown{
			{Schema: `{ type: string }`, Admits: `"a"`, Refuses: `1`, Told: `expected text, found a number`},
			{
				Schema:  `{ type: strng }`,
				Problem: `E104 found type "strng", expected string, integer, number, boolean, object, array or null = did you mean "string"?`,
			},
		},
	},
	{
		Name:  "integer",
		Doc:   "A whole number of 64 bits.",
		Shown: []Shown{{Schema: `{ type: integer }`, Admits: `12`, Refuses: `1.5`, Told: `expected an integer, found a decimal`}},
	},
	{
		Name: "number", Doc: "An exact decimal of up to 1,000 digits: 0.10 stays 0.10.",
		Shown: []Shown{{Schema: `{ type: number }`, Admits: `0.10`, Refuses: `"0.10"`, Told: `expected a decimal, found text`}},
	},
	{
		Name:  "boolean",
		Doc:   "true or false.",
		Shown: []Shown{{Schema: `{ type: boolean }`, Admits: `true`, Refuses: `"true"`, Told: `expected a boolean, found text`}},
	},
	{
		Name: "object", Doc: "A record with `properties`, or a map of names to values of one type.",
		Shown: []Shown{
			{
				Schema: `{ type: object, properties: { a: { type: integer } } }`,
				Admits: `{"a": 1}`, Refuses: `{"b": 1}`, Told: `/b: expected no such field`,
			},
			{
				Schema: `{ type: object, additionalProperties: { type: integer } }`,
				Admits: `{"a": 1, "b": 2}`, Refuses: `{"a": "x"}`, Told: `/a: expected an integer, found text`,
			},
		},
	},
	{
		Name: "array", Doc: "A list of `items`.",
		Shown: []Shown{
			{
				Schema: `{ type: array, items: { type: integer } }`,
				Admits: `[1, 2]`, Refuses: `[1, "x"]`, Told: `/1: expected an integer, found text`,
			},
		},
	},
	{
		Name: "null", Doc: "Nothing but null; beside another type, as in `type: [integer, \"null\"]`, it is the same as `nullable`.",
		Shown: []Shown{
			{Schema: `{ type: [integer, "null"] }`, Admits: `null`, Refuses: `"x"`, Told: `expected an integer, found text`},
			{Schema: `{ type: [integer, string] }`, Problem: `E104 found several types, expected one and perhaps null = write oneOf for a choice`},
		},
	},
}

var (
	ofText   = []string{"string"}
	ofNumber = []string{"number", "integer"}
	ofObject = []string{"object"}
	ofArray  = []string{"array"}
)

// table is all words but for the types.
var table = []Word{
	{
		Name: "type",
		Doc:  "One of the types above; where it is left out, `properties`, `items`, `enum` and `format` say it, and else it is anything.",
	},
	{Name: "title", Doc: "A name of the type, for people and documents."},
	{Name: "description", Doc: "What it is, for people and documents."},
	{
		Name: "nullable", Doc: "It may be null.",
		Shown: []Shown{
			{Schema: `{ type: integer, nullable: true }`, Admits: `null`, Refuses: `"x"`, Told: `expected an integer, found text`},
			{Schema: `{ type: integer, nullable: perhaps }`, Problem: `E103 nullable: found "perhaps", expected true or false`},
		},
	},
	{
		Name: "personal",
		Doc: "It is about a person: the mark passes to all that is made of the value, logs and the console mask it, " +
			"`fondaco privacy` lists where " +
			"it goes ([privacy](../guide/privacy.md)).",
		Shown: []Shown{{Schema: `{ type: string, personal: true }`, Admits: `"Ada"`, Refuses: `1`, Told: `expected text, found a number`}},
	},
	{
		Name: "default", Doc: "What a field is where a request leaves it out.",
		Shown: []Shown{
			{Schema: `{ type: integer, default: 10 }`, Admits: `3`},
			{Schema: `{ type: integer, default: ten }`, Problem: `E103 default: found "ten", expected an integer`},
		},
	},
	{
		Name:  "example",
		Doc:   "A value for documents and simulators.",
		Shown: []Shown{{Schema: `{ type: string, example: open }`, Admits: `"x"`}},
	},
	{Name: "examples", Doc: "The same as a list; the first one is taken."},
	{
		Name: "enum", Doc: "The values that there are. A comparison with another one is a problem at load.",
		Shown: []Shown{
			{Schema: `{ type: string, enum: [open, paid] }`, Admits: `"open"`, Refuses: `"shut"`, Told: `expected "open" or "paid"`},
			{Schema: `{ type: string, enum: open }`, Problem: `E103 enum: found "open", expected a list of values`},
			{Schema: `{ type: string, enum: [1] }`, Problem: `E103 enum: found 1, expected text = write "1" in quotes`},
		},
	},
	{
		Name:  "const",
		Doc:   "The one value that there is.",
		Shown: []Shown{{Schema: `{ const: "yes" }`, Admits: `"yes"`, Refuses: `"no"`, Told: `expected "yes"`}},
	},
	{
		Name: "oneOf", Doc: "A union: the value is of one of the types. A field that only some of them have may be nil.",
		Shown: []Shown{
			{
				Schema: `{ oneOf: [{ type: string }, { type: integer }] }`,
				Admits: `1`, Refuses: `true`, Told: `expected one of several types, found none of them`,
			},
			{Schema: `{ oneOf: { type: string } }`, Problem: `E103 found an object, expected a list of schemas`},
		},
	},
	{
		Name: "anyOf",
		Doc:  "Read as `oneOf`.",
		Shown: []Shown{
			{Schema: `{ anyOf: [{ type: string }, { type: "null" }] }`, Admits: `null`, Refuses: `1`, Told: `expected text, found a number`},
		},
	},
	{
		Name: "allOf", Doc: "One record with the fields of all.",
		Shown: []Shown{
			{
				Schema: `{ allOf: [{ properties: { a: { type: string } } }, { properties: { b: { type: integer } } }] }`,
				Admits: `{"a": "x", "b": 1}`, Refuses: `{"a": 1}`, Told: `/a: expected text, found a number`,
			},
			{Schema: `{ allOf: [{ type: string }] }`, Problem: `E304 allOf: found text, expected records`},
		},
	},
	{
		Name: "$ref", Doc: "The schema of a file of the project, from the project's folder, or of a place in one: `schemas/x.yaml#/$defs/y`.",
		Shown: []Shown{
			{
				Schema: `{ $ref: schemas/line.yaml }`,
				Admits: `{"code": "A"}`, Refuses: `{"cod": "A"}`, Told: `/cod: expected no such field; /code: expected text, found nothing`,
			},
			{Schema: `{ $ref: schemas/lines.yaml }`, Problem: `E003 the file schemas/lines.yaml is not there = did you mean schemas/line.yaml?`},
		},
	},
	{Name: "$defs", Doc: "Schemas that others refer to."},
	{Name: "definitions", Doc: "The older name of `$defs`."},
	{Name: "$schema", Doc: "Read over."},
	{Name: "$id", Doc: "Read over."},
	{Name: "readOnly", Doc: "A field that only answers have."},
	{Name: "writeOnly", Doc: "A field that only requests have."},
	{Name: "deprecated", Doc: "Read over."},
	{Name: "discriminator", Doc: "`propertyName` is the field whose value says which type of a union it is."},
	{
		Name: "format", Of: slices.Concat(ofText, ofNumber),
		Doc: "One of the [formats](#formats); of numbers `int32`, `int64`, `float`, `double`, `decimal`.",
		Shown: []Shown{
			{Schema: `{ type: string, format: date }`, Admits: `"2026-01-31"`, Refuses: `"31/01/2026"`, Told: `expected a date, found text`},
			{Schema: `{ type: string, format: dat }`, Problem: `E104 unknown format "dat" = did you mean "date"?`},
			{Schema: `{ type: integer, format: int32 }`, Admits: `7`, Refuses: `3000000000`, Told: `expected at most 2147483647`},
			{Schema: `{ type: number, format: money }`, Problem: `E104 unknown format "money" of a number`},
		},
	},
	{
		Name: "pattern", Of: ofText, Doc: "A regular expression (RE2) that is found in the text; `^` and `$` hold it to the whole.",
		Shown: []Shown{
			{Schema: `{ type: string, pattern: "^[A-Z]{2}$" }`, Admits: `"IT"`, Refuses: `"Italy"`, Told: `expected text of the form ^[A-Z]{2}$`},
			{Schema: `{ type: string, pattern: "[" }`, Problem: "E304 the pattern is not a regular expression: missing closing ]: `[`"},
		},
	},
	{
		Name: "allow", Of: ofText, Doc: "With `format: uri`: addresses that it may be, each with what lies below it.",
		Shown: []Shown{
			{
				Schema: `{ type: string, format: uri, allow: ["https://a.example/x/"] }`, Admits: `"https://a.example/x/y"`,
			},
			{
				Schema:  `{ type: string, allow: ["https://a.example/"] }`,
				Problem: `E104 allow: lists addresses, and the text is none = write format: uri beside it`,
			},
		},
	},
	{
		Name: "minLength", Of: ofText, Doc: "How many characters a text has at least.",
		Shown: []Shown{
			{Schema: `{ type: string, minLength: 2 }`, Admits: `"ab"`, Refuses: `"a"`, Told: `expected at least 2 characters`},
			{Schema: `{ type: integer, minLength: 2 }`, Problem: `E101 unknown word "minLength" in a schema of type integer`},
		},
	},
	{
		Name: "maxLength", Of: ofText, Doc: "How many characters a text has at most.",
		Shown: []Shown{
			{Schema: `{ type: string, maxLength: 2 }`, Admits: `"ab"`, Refuses: `"abc"`, Told: `expected at most 2 characters`},
			{Schema: `{ type: string, maxLength: few }`, Problem: `E103 maxLength: found "few", expected a whole number that is not negative`},
		},
	},
	{
		Name: "minimum", Of: ofNumber, Doc: "The least number.",
		Shown: []Shown{
			{Schema: `{ type: integer, minimum: 1 }`, Admits: `1`, Refuses: `0`, Told: `expected at least 1`},
			{Schema: `{ type: integer, minimum: one }`, Problem: `E103 minimum: found "one", expected a number`},
		},
	},
	{
		Name: "maximum", Of: ofNumber,
		Doc:   "The greatest number.",
		Shown: []Shown{{Schema: `{ type: integer, maximum: 9 }`, Admits: `9`, Refuses: `10`, Told: `expected at most 9`}},
	},
	{
		Name: "exclusiveMinimum", Of: ofNumber, Doc: "A number that it is greater than.",
		Shown: []Shown{{Schema: `{ type: number, exclusiveMinimum: 0 }`, Admits: `0.01`, Refuses: `0`, Told: `expected more than 0`}},
	},
	{
		Name: "exclusiveMaximum", Of: ofNumber, Doc: "A number that it is less than.",
		Shown: []Shown{{Schema: `{ type: number, exclusiveMaximum: 1 }`, Admits: `0.99`, Refuses: `1`, Told: `expected less than 1`}},
	},
	{
		Name: "multipleOf", Of: ofNumber, Doc: "1, 0.1, 0.01 and so on: how many digits there are after the point.",
		Shown: []Shown{
			{Schema: `{ type: number, multipleOf: 0.01 }`, Admits: `12.50`, Refuses: `12.505`, Told: `expected at most 2 digits after the point`},
			{Schema: `{ type: number, multipleOf: 5 }`, Problem: `E104 multipleOf: found "5", expected 1, 0.1, 0.01 and so on`},
		},
	},
	{
		Name: "properties", Of: ofObject, Doc: "The fields of a record. Others are refused, unless `additionalProperties: true`.",
		Shown: []Shown{
			{
				Schema: `{ type: object, properties: { a: { type: integer } } }`,
				Admits: `{}`, Refuses: `{"b": 1}`, Told: `/b: expected no such field`,
			},
			{Schema: `{ type: object, properties: [a] }`, Problem: `E103 properties: found a list, expected an object`},
			{
				Schema:  `{ type: object, property: { a: {} } }`,
				Problem: `E101 unknown word "property" in a schema of type object = did you mean "properties"?`,
			},
		},
	},
	{
		Name: "required", Of: ofObject, Doc: "The fields that are always there. The others may be nil to an expression.",
		Shown: []Shown{
			{
				Schema: `{ type: object, required: [a], properties: { a: { type: integer } } }`,
				Admits: `{"a": 1}`, Refuses: `{}`, Told: `/a: expected an integer, found nothing`,
			},
			{
				Schema:  `{ type: object, required: [b], properties: { a: { type: integer } } }`,
				Problem: `E304 required names "b", and there is no such property = did you mean "a"?`,
			},
			{
				Schema:  `{ type: object, required: true, properties: { a: { type: integer } } }`,
				Problem: `E103 required: found true, expected a list of fields`,
			},
		},
	},
	{
		Name: "additionalProperties", Of: ofObject,
		Doc: "Without `properties` the type of a map's values; beside them `true` lets other fields pass, unread.",
		Shown: []Shown{
			{
				Schema: `{ type: object, properties: { a: { type: integer } }, additionalProperties: true }`,
				Admits: `{"b": 1}`, Refuses: `{"a": "x"}`, Told: `/a: expected an integer, found text`,
			},
			{
				Schema:  `{ type: object, properties: { a: { type: integer } }, additionalProperties: { type: string } }`,
				Problem: `E304 additionalProperties: found a schema beside properties, expected true or false`,
			},
		},
	},
	{
		Name: "not", Of: ofObject, Doc: "Over `required`: these fields are not there together, or one is not there at all. `anyOf` and " +
			"`oneOf` over `required` say that at least, or exactly, one of these sets of fields is there.",
		Shown: []Shown{
			{
				Schema: `{ properties: { a: { type: integer }, b: { type: integer } }, not: { required: [a, b] } }`,
				Admits: `{"a": 1}`, Refuses: `{"a": 1, "b": 2}`, Told: `expected not all of a, b, found all`,
			},
			{
				Schema: `{ properties: { a: { type: integer }, b: { type: integer } }, oneOf: [{ required: [a] }, { required: [b] }] }`,
				Admits: `{"b": 1}`, Refuses: `{}`, Told: `expected exactly one of a, b, found none`,
			},
		},
	},
	{
		Name: "minProperties", Of: ofObject, Doc: "How many entries a map has at least.",
		Shown: []Shown{{
			Schema: `{ type: object, additionalProperties: { type: integer }, minProperties: 1 }`, Admits: `{"a": 1}`,
			Refuses: `{}`, Told: `expected at least 1 entry`,
		}},
	},
	{
		Name: "maxProperties", Of: ofObject, Doc: "How many entries a map has at most.",
		Shown: []Shown{{
			Schema: `{ type: object, additionalProperties: { type: integer }, maxProperties: 1 }`, Admits: `{"a": 1}`,
			Refuses: `{"a": 1, "b": 2}`, Told: `expected at most 1 entry`,
		}},
	},
	{
		Name: "items", Of: ofArray, Doc: "The type of a list's items.",
		Shown: []Shown{
			{Schema: `{ type: array, items: { type: string } }`, Admits: `["a"]`, Refuses: `[1]`, Told: `/0: expected text, found a number`},
			{Schema: `{ type: array, items: string }`, Problem: `E103 found "string", expected a schema = for example { type: string }`},
		},
	},
	{
		Name: "minItems", Of: ofArray, Doc: "How many items there are at least.",
		Shown: []Shown{
			{Schema: `{ type: array, items: { type: string }, minItems: 1 }`, Admits: `["a"]`, Refuses: `[]`, Told: `expected at least 1 item`},
		},
	},
	{
		Name: "maxItems", Of: ofArray, Doc: "How many items there are at most.",
		Shown: []Shown{
			{
				Schema: `{ type: array, items: { type: string }, maxItems: 1 }`,
				Admits: `["a"]`, Refuses: `["a", "b"]`, Told: `expected at most 1 item`,
			},
		},
	},
	{
		Name: "uniqueItems", Of: ofArray, Doc: "No item comes twice.",
		Shown: []Shown{
			{
				Schema: `{ type: array, items: { type: string }, uniqueItems: true }`,
				Admits: `["a", "b"]`, Refuses: `["a", "a"]`, Told: `expected items that differ`,
			},
		},
	},
}

// Types lists the types that a schema may name.
func Types() []Word { return types }

// Words lists the words of schemas.
func Words() []Word { return table }

// words are the names of the words, by the type that they are for; "" for those of every type.
var words = func() map[string][]string {
	all := map[string][]string{"": {}}
	for _, t := range types {
		all[t.Name] = []string{}
	}
	for _, w := range table {
		if w.Of == nil {
			all[""] = append(all[""], w.Name)
		}
		for _, t := range w.Of {
			all[t] = append(all[t], w.Name)
		}
	}
	return all
}()
