package typing

import (
	"strings"
	"testing"
)

// TestPresence: anyOf and oneOf over required, and not over it, are conditions of the object, as they are in documents.
func TestPresence(t *testing.T) {
	const abc = "properties: { a: { type: string }, b: { type: string }, c: { type: string } }"
	for _, c := range []struct{ src, want, problems string }{
		{"{ " + abc + ", anyOf: [{ required: [a] }, { required: [b, c] }] }", "at least one of a, b + c", ""},
		{"{ type: object, " + abc + ", oneOf: [{ required: [a] }, { required: [b], title: B, not: { required: [c] } }] }", "exactly one of a, b without c", ""},
		{"{ " + abc + ", anyOf: [{ required: [a] }, { required: [b] }], oneOf: [{ required: [b] }, { required: [c] }] }", "at least one of a, b; exactly one of b, c", ""},
		{"{ " + abc + ", not: { required: [a, b] } }", "not all of a, b", ""},
		{"{ " + abc + ", not: { anyOf: [{ required: [a] }, { required: [b] }] } }", "without a; without b", ""},
		{"{ " + abc + ", oneOf: [{ required: [a] }, { not: { anyOf: [{ required: [a] }, { required: [b] }] } }] }", "exactly one of a, without a or b", ""},
		{"{ allOf: [{ " + abc + " }, { anyOf: [{ required: [a] }, { required: [b] }] }], not: { required: [c] } }", "at least one of a, b; without c", ""},
		{"{ allOf: [{ " + abc + ", anyOf: [{ required: [a] }, { required: [b] }] }, { properties: { d: { type: string } } }] }", "at least one of a, b", ""},
		{"{ type: object, anyOf: [{ required: [a] }, { required: [b] }] }", "at least one of a, b", ""},
		{"{ anyOf: [{ required: [a] }, { required: [b] }] }", "at least one of a, b", ""},
		{"{ " + abc + ", anyOf: [{ required: [a] }, { required: [bb] }] }", "", `E304 required names "bb", and there is no such property; did you mean "b"?`},
		{"{ " + abc + ", not: { minProperties: 1 } }", "", "E304 not of this kind is not supported; found not, expected { required: [a] }"},
		{"{ " + abc + ", anyOf: [{ required: [a] }, { not: { required: [a, b] } }] }", "", "E304 not rules out several fields together within anyOf, which is not supported"},
		{"{ type: string, anyOf: [{ required: [a] }] }", "", "E304 required within anyOf or oneOf is about the fields of an object, and the schema is of a single value"},
		{"{ type: string, not: { const: a } }", "", `E101 unknown word "not" in a schema of type string`},
		{"{ oneOf: [{ type: string }, { type: integer }], anyOf: [{ required: [a] }] }", "", "E304 oneOf and anyOf beside each other are not supported"},
	} {
		typ, problems := read(c.src, nil)
		var words []string
		for i := range typ.Present {
			words = append(words, typ.Present[i].String())
		}
		got := strings.Join(words, "; ")
		if c.problems == "" && (got != c.want || problems != "") || c.problems != "" && (!strings.Contains(problems, c.problems) || strings.Contains(problems, "\n")) {
			t.Errorf("%s\nfound    %s %s\nexpected %s %s", c.src, got, problems, c.want, c.problems)
		}
	}
}
