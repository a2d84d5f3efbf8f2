package records

import (
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/spec"
)

// TestProblems: each mistake of a declaration is one problem, at its place.
func TestProblems(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"fields: { a: {} }", `x.yaml:1:1: E104 prova: found none of csv, fixed and json_lines, expected one; write csv: {} for values with separators, fixed: {} for fields at fixed places, json_lines: {} for JSON`},
		{"csv: {}\nfixed: {}\nfields: { a: { length: 1 } }", `x.yaml:1:1: E104 prova: found several of csv, fixed and json_lines, expected one; write csv: {} for values with separators, fixed: {} for fields at fixed places, json_lines: {} for JSON`},
		{"csv: {}", `x.yaml:1:1: E104 prova: the format has no fields; write them under fields:, as codice: { type: string }`},
		{"csv: { seperator: ';' }\nfields: { a: {} }", `x.yaml:1:8: E101 unknown key "seperator" in "csv"; did you mean "separator"?`},
		{"csv: { separator: ';;' }\nfields: { a: {} }", `x.yaml:1:20: E104 separator: found ";;", expected one ASCII character; for example ";", or "\t" for a tab`},
		{"csv: { encoding: latin1 }\nfields: { a: {} }", `x.yaml:1:18: E104 encoding: found "latin1", expected one of utf-8, windows-1252, iso-8859-1, iso-8859-15, cp850, cp858, cp437`},
		{"csv: { decimal: ',', grouping: ',' }\nfields: { a: {} }", `x.yaml:1:1: E104 prova: found "," as grouping and as decimal, expected them to differ`},
		{"csv: {}\nfields: { a: { colum: A } }", `x.yaml:2:16: E101 unknown word "colum" in a schema of type string; did you mean "column"?`},
		{"csv: {}\nfields: { a: { type: array, items: {} } }", `x.yaml:2:11: E104 a: found list of any, expected a text, a number, a date, a time or a boolean; a field of such a file is a single value`},
		{"csv: {}\nfields: { a: {}, b: { column: a } }", `x.yaml:2:18: E104 b: the column "a" is that of a already`},
		{"csv: {}\nfields: { a: text }", `x.yaml:2:14: E103 a: found "text", expected the field's schema; for example { type: string }`},
		{"csv: { header: false }\nfields: { a: { required: false } }", `x.yaml:2:11: E104 a: required: false belongs to files with a header, which may lack the column`},
		{"csv: {}\nfields: { a: { date: gg/MM/yyyy } }", `x.yaml:2:22: E104 a: the form "gg/MM/yyyy" has no part gg; write dd`},
		{"csv: {}\nfields: { a: { date: dd/MM/yyyy HH:mm, type: string, format: date } }", `x.yaml:2:22: E104 a: the form "dd/MM/yyyy HH:mm" has a time of day, and a date has none; leave out type, or write { type: string, format: date-time-local }`},
		{"csv: {}\nfields: { a: { date: dd/MM/yyyy HH:mm, zone: Europa/Roma } }", `x.yaml:2:46: E104 a: there is no zone "Europa/Roma"; expected one as "Europe/Rome" or "+01:00"`},
		{"csv: {}\nfields: { a: { date: dd/MM/yyyy, zone: Europe/Rome } }", `x.yaml:2:40: E104 a: zone belongs to moments, and the form "dd/MM/yyyy" has no time of day`},
		{"csv: {}\nfields: { a: { date: dd/MM/yyyy HH:mmXXX } }", `x.yaml:2:22: E104 a: the form "dd/MM/yyyy HH:mmXXX" has an offset (XXX), and no moment is read by it`},
		{"csv: {}\nfields: { a: { date: dd MMMM yyyy } }", `x.yaml:2:22: E104 a: the form "dd MMMM yyyy" has the name of a month (MMMM): say its language as the last argument, "it" or "en"`},
		{"csv: {}\nfields: { a: { type: string, decimals: 2 } }", `x.yaml:2:40: E104 a: decimals belongs to numbers, and the field is text; write type: number`},
		{"csv: {}\nfields: { a: { type: boolean, 'yes': S, 'no': S } }", `x.yaml:2:38: E104 a: found "S" as yes and as no, expected them to differ`},
		{"csv: {}\nrecords: { a: { fields: { b: {} } } }", `x.yaml:2:12: E104 prova: records are kinds of a fixed-width file; write fields:`},
		{"fixed: {}\nfields: { a: {} }", `x.yaml:2:14: E102 missing "length"; Of fixed width: how many bytes the field has.`},
		{"fixed: {}\nfields: { a: { length: 3 }, b: { at: 3, length: 2 } }", `x.yaml:2:29: E104 b: bytes 3 to 4 overlap a, which has 1 to 3`},
		{"fixed: { length: 4 }\nfields: { a: { length: 5 } }", `x.yaml:1:1: E104 prova: the fields reach to byte 5, and a record has 4`},
		{"fixed: { encoding: ebcdic-280, ends: lf }\nfields: { a: { length: 5 } }", `x.yaml:1:1: E104 prova: found ends: lf, and files in EBCDIC have no lines; write ends: none`},
		{"fixed: {}\nfields: { a: { length: 5, packed: true, sign: trailing } }", `x.yaml:2:47: E104 a: found a sign of a packed number, which has its sign in its last half byte; leave out sign`},
		{"fixed: {}\nfields: { a: { length: 5, type: integer, align: left, fill: '0' } }", `x.yaml:2:62: E104 a: found the fill "0", which changes the number; a number is filled with zeros before it, or with blanks`},
		{"fixed: {}\nfields: { a: { length: 5, fill: '->' } }", `x.yaml:2:34: E104 a: found the fill "->", expected one character of one byte`},
		{"fixed: {}\nrecords:\n  a: { fields: { x: { length: 1 } } }\n  b: { fields: { x: { length: 1 } } }", `x.yaml:4:3: E104 b: a has no when either, and the two cannot be told apart; write when: { at: 1, is: "H" } with what stands in its records and in no others`},
		{"fixed: {}\nrecords:\n  a: { when: { at: 1, is: H } }\n  b: { when: { at: 1, is: [T, H] } }", `x.yaml:4:3: E104 b: a has the same mark, and the two cannot be told apart`},
		{"fixed: {}\nrecords:\n  a: { when: { at: 1, is: [H, HH] } }", `x.yaml:3:31: E104 a: is: found "HH", expected a mark in utf-8, all of the same length`},
		{"fixed: {}\nrecords:\n  a: { when: { at: 1, is: H }, many: true, fields: { x: { at: 2, length: 2 }, n: { length: 2, type: integer } } }\n" +
			"  b: { when: { at: 1, is: T }, fields: { n: { at: 2, length: 2, type: integer } }, check: { n: count(c) } }", `x.yaml:4:96: E104 b: check: there is no kind "c" beside or below it; did you mean "a"?`},
		{"fixed: {}\nrecords:\n  a: { when: { at: 1, is: H }, many: true, fields: { x: { at: 2, length: 2 } } }\n" +
			"  b: { when: { at: 1, is: T }, fields: { n: { at: 2, length: 2, type: integer } }, check: { n: sum(a.x) } }", `x.yaml:4:96: E104 b: check: a.x is text, expected a number`},
		{"fixed: {}\nrecords:\n  a: { when: { at: 1, is: H }, many: true, fields: { x: { at: 2, length: 2 } } }\n" +
			"  b: { when: { at: 1, is: T }, fields: { n: { at: 2, length: 2, type: integer } }, check: { n: total(a) } }", `x.yaml:4:96: E104 b: check: found "total(a)", expected count(KIND) or sum(KIND.FIELD), or several joined by + and -`},
	} {
		if _, got := load(c.src); got != c.want {
			t.Errorf("%s\nfound    %s\nexpected %s", c.src, got, c.want)
		}
	}
}

// TestTypes: the type of a record follows from its fields.
func TestTypes(t *testing.T) {
	f := must(t, roll)
	for kind, want := range map[string]string{
		"testata": "{creato: date, ente: text}",
		"importo": `{tributo: "3912" or "3918", anno: integer, importo: decimal, quota: decimal or null}`,
		"coda":    "{persone: integer, totale: decimal}",
	} {
		if got := f.Type(kind).String(); got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", kind, got, want)
		}
	}
	if f.Type("altro") != nil || !f.Type("persona").Fields[0].Type.Personal {
		t.Error("the types do not hold what is declared")
	}
	if got := must(t, "csv: {}\nfields: { a: { required: false }, b: { empty: x } }").Type("").String(); got != "{a?: text, b: text or null}" {
		t.Error(got)
	}
}

// TestReference: the reference page tells the words of fields and of kinds.
func TestReference(t *testing.T) {
	page := spec.Markdown(NewDeclaration(config.Text{Value: "prova"}).Spec)
	for _, word := range []string{"`csv`", "  - `separator`", "  - `column`", "  - `packed`", "  - `zone`", "  - `when`", "    - `is`", "  - `check`"} {
		if !strings.Contains(page, word) {
			t.Errorf("the page lacks %s:\n%s", word, page)
		}
	}
}
