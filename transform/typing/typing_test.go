package typing

import (
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

// read returns the type of a schema in YAML, and the problems, one a line.
func read(src string, files map[string]string) (*schema.Type, string) {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	var out diag.List
	r := NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(fsys, file, &out, at) }, &out)
	t := r.Read(config.Parse("x.yaml", []byte(src), &out))
	var lines []string
	for _, p := range out.Sorted() {
		line := p.Pos.String() + ": " + string(p.Code) + " " + p.Message
		if p.Hint != "" {
			line += "; " + p.Hint
		}
		lines = append(lines, line)
	}
	return t, strings.Join(lines, "\n")
}

func TestTypes(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{`type: string`, "text"},
		{`{ type: string, format: date }`, "date"},
		{`{ type: string, format: date-time }`, "datetime"},
		{`{ type: string, format: byte }`, "bytes"},
		{`{ type: string, enum: [aperta, pagata] }`, `"aperta" or "pagata"`},
		{`{ const: "si" }`, `"si"`},
		{`{ enum: [1, 2] }`, "integer"},
		{`{ enum: [1, 2.5] }`, "decimal"},
		{`{ const: true }`, "boolean"},
		{`{ type: [integer, "null"] }`, "integer or null"},
		{`{ type: number, nullable: true }`, "decimal or null"},
		{`{ type: array, items: { type: string } }`, "list of text"},
		{`{ type: object }`, "map to any"},
		{`{ type: object, additionalProperties: { type: integer } }`, "map to integer"},
		{`{ properties: { a: { type: string }, b: { type: integer } }, required: [b] }`, "{a?: text, b: integer}"},
		{`{ oneOf: [{ type: string }, { type: integer }] }`, "text or integer"},
		{`{ anyOf: [{ type: string }, { type: "null" }] }`, "text or null"},
		{
			`{ allOf: [{ properties: { a: { type: string } } }, { properties: { b: { type: integer } }, required: [b] }, { required: [a] }] }`,
			"{a: text, b: integer}",
		},
		{`{}`, "any"},
	} {
		got, problems := read(c.src, nil)
		if got.String() != c.want || problems != "" {
			t.Errorf("%s\nfound    %s %s\nexpected %s", c.src, got, problems, c.want)
		}
	}
}

// TestConstraints: what is written holds for values.
func TestConstraints(t *testing.T) {
	for _, c := range []struct {
		src, text, want string
	}{
		{`{ type: string, maxLength: 3 }`, "abcd", "expected at most 3 characters"},
		{`{ type: string, pattern: "^[a-z]+$" }`, "A", "expected text of the form ^[a-z]+$"},
		{`{ type: string, format: codice-fiscale }`, "X", "expected text of the format codice-fiscale"},
		{`{ type: integer, format: int32 }`, "2147483648", "expected at most 2147483647"},
		{`{ type: integer, minimum: 1 }`, "0", "expected at least 1"},
		{`{ type: number, exclusiveMinimum: 0 }`, "0.00", "expected more than 0"},
		{`{ type: number, multipleOf: 0.01 }`, "1.005", "expected at most 2 digits after the point"},
		{`{ type: number, multipleOf: 1 }`, "1.5", "expected a whole number"},
		{`{ type: number, maximum: 99.99 }`, "100", "expected at most 99.99"},
	} {
		typ, problems := read(c.src, nil)
		v, err := schema.ParseText(c.text, typ)
		if err != nil || problems != "" {
			t.Fatalf("%s: %v %s", c.src, err, problems)
		}
		if got := schema.Check(v, typ).Error(); got != c.want {
			t.Errorf("%s of %s\nfound    %s\nexpected %s", c.src, c.text, got, c.want)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{`type: text`, `x.yaml:1:7: E104 found type "text", expected string, integer, number, boolean, object, array or null; write type: string`},
		{`{ type: string, maxLenght: 3 }`, `x.yaml:1:17: E101 unknown word "maxLenght" in a schema of type string; did you mean "maxLength"?`},
		{`{ type: integer, maxLength: 3 }`, `x.yaml:1:18: E101 unknown word "maxLength" in a schema of type integer`},
		{`{ type: string, format: codicefiscale }`, `x.yaml:1:25: E104 unknown format "codicefiscale"; did you mean "codice-fiscale"?`},
		{`{ type: string, pattern: "(?=a)" }`, `x.yaml:1:27: E304 the pattern uses look-ahead, which linear matching has not`},
		{`{ type: string, enum: [1] }`, `x.yaml:1:24: E103 enum: found 1, expected text; write "1" in quotes`},
		{`{ type: integer, enum: [a] }`, `x.yaml:1:25: E103 enum: found "a", expected an integer`},
		{`{ type: integer, minimum: a }`, `x.yaml:1:27: E103 minimum: found "a", expected a number`},
		{`{ type: string, enum: [a], default: b }`, `x.yaml:1:37: E104 default: found "b", expected "a"`},
		{`{ type: integer, maximum: 9, default: 10 }`, `x.yaml:1:39: E104 default: found 10, expected at most 9`},
		{`{ type: array, items: { type: string }, default: [a] }`, `x.yaml:1:50: E103 default: found a list, expected a single value`},
		{`{ type: string, personal: yes }`, `x.yaml:1:27: E103 personal: found "yes", expected true or false`},
		{`{ properties: { a: { type: string } }, required: [zona] }`, `x.yaml:1:51: E304 required names "zona", and there is no such property`},
		{`{ properties: [a] }`, `x.yaml:1:15: E103 properties: found a list, expected an object`},
		{
			`{ properties: { a: {} }, additionalProperties: { type: string } }`,
			`x.yaml:1:48: E304 additionalProperties: found a schema beside properties, expected true or false`,
		},
		{`{ type: number, multipleOf: 5 }`, `x.yaml:1:29: E104 multipleOf: found "5", expected 1, 0.1, 0.01 and so on`},
		{`{ type: [string, integer] }`, `x.yaml:1:18: E104 found several types, expected one and perhaps null; write oneOf for a choice`},
		{`{ oneOf: a }`, `x.yaml:1:10: E103 found "a", expected a list of schemas`},
		{`{ allOf: [{ type: string }] }`, `x.yaml:1:11: E304 allOf: found text, expected records`},
		{`{ $ref: https://example.org/x.yaml }`, `x.yaml:1:9: E105 found "https://example.org/x.yaml", expected a file of the project; for example schemas/segnalazione.yaml`},
		{`{ $ref: "#/a" }`, `x.yaml:1:10: E105 found "#/a", expected a file of the project; for example schemas/segnalazione.yaml`},
		{`[a]`, `x.yaml:1:1: E103 found a list, expected a schema; for example { type: string }`},
	} {
		if _, got := read(c.src, nil); got != c.want {
			t.Errorf("%s\nfound    %s\nexpected %s", c.src, got, c.want)
		}
	}
}

func TestReferences(t *testing.T) {
	files := map[string]string{
		"schemas/via.yaml": `{ properties: { nome: { type: string } } }`,
		"schemas/albero.yaml": `properties:
  nome: { type: string, personal: true }
  padre: { oneOf: [{ $ref: "#" }, { type: "null" }] }
  figli: { type: array, items: { $ref: schemas/albero.yaml } }
  via: { $ref: "#/$defs/via", nullable: true }
$defs:
  via: { $ref: schemas/via.yaml, description: Dove abita. }
`,
		"schemas/giro.yaml":  `{ $ref: schemas/giro2.yaml }`,
		"schemas/giro2.yaml": `{ $ref: schemas/giro.yaml }`,
		"schemas/rotto.yaml": `{ type: sting }`,
	}
	got, problems := read(`{ $ref: schemas/albero.yaml }`, files)
	if problems != "" || got.Name != "albero" {
		t.Fatalf("%s: %s", got.Name, problems)
	}
	padre := got.Fields[1].Type
	if padre.Kind != schema.KindRecord || !padre.Nullable || padre.Fields[1].Type != padre {
		t.Errorf("padre is %s", padre)
	}
	if got.Fields[2].Type.Elem != got {
		t.Errorf("figli are %s", got.Fields[2].Type)
	}
	if via := got.Fields[3].Type; via.String() != "{nome?: text} or null" || via.Doc != "Dove abita." || via.Name != "via" {
		t.Errorf("via is %s, %q", via, via.Doc)
	}
	for src, want := range map[string]string{
		`{ $ref: schemas/via.yaml#/properties/nome }`: "",
		`{ $ref: schemas/via.yaml#/properties/cap }`:  `x.yaml:1:9: E105 schemas/via.yaml has nothing at "/properties/cap"`,
		`{ $ref: schemas/giro.yaml }`:                 `schemas/giro.yaml:1:9: E105 "schemas/giro2.yaml" refers to itself alone`,
		`{ $ref: schemas/rotto.yaml, nullabel: true }`: `schemas/rotto.yaml:1:9: E104 found type "sting", expected string, integer, number, boolean, object, array or null; did you mean "string"?
x.yaml:1:29: E101 unknown word "nullabel" in a schema; did you mean "nullable"?`,
	} {
		if _, got := read(src, files); got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", src, got, want)
		}
	}
}

// FuzzRead: no schema makes the reader fail otherwise than by problems.
func FuzzRead(f *testing.F) {
	f.Add(`{ type: string, enum: [a, 1, null], default: [] }`)
	f.Add(`{ oneOf: [{ $ref: "#" }], allOf: 3, discriminator: x, properties: { a: null } }`)
	f.Add(`{ allOf: [null, { required: a }], required: [[a]], nullable: maybe }`)
	f.Add(`{ $ref: f.yaml#/a/0 }`)
	f.Fuzz(func(t *testing.T, src string) {
		typ, problems := read(src, map[string]string{"f.yaml": src})
		if typ == nil {
			t.Fatalf("%q has no type", src)
		}
		again, same := read(src, map[string]string{"f.yaml": src})
		if again.String() != typ.String() || same != problems {
			t.Fatalf("%q is %s and %s, with the problems\n%s\n%s", src, typ, again, problems, same)
		}
		schema.NewChecker(typ)
	})
}
