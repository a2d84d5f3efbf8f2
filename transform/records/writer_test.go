package records

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// value reads a record from JSON, as an expression would return it.
func value(t testing.TB, typ *schema.Type, json string) schema.Value {
	t.Helper()
	v, err := codec.CompileJSON(typ, codec.JSONOptions{}).Decode([]byte(json))
	if err != nil {
		t.Fatalf("%s: %v", json, err)
	}
	return v
}

// copyOf reads a file and writes what it holds.
func copyOf(t testing.TB, f *Format, file string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	w := f.Write(&out)
	for r := f.Read(strings.NewReader(file), Position{}); ; {
		record, err := r.Next()
		if err != nil {
			if err := w.Close(); err != nil {
				return "", err
			}
			return out.String(), nil
		}
		if err := w.Put(record.Kind, record.Value); err != nil {
			return "", err
		}
	}
}

// TestCopy: a file that is read and written again is the same file.
func TestCopy(t *testing.T) {
	school := must(t, strings.Replace(school, `grouping: "."`, "quoting: needed", 1))
	header := "COD_ISCR;CF_MINORE;SERVIZIO;PLESSO;DAL;RESID;RETTA\r\n"
	for _, c := range []struct {
		f    *Format
		file string
	}{
		{school, header + "1;RSSMRA80A01H501U;MENSA;perch\xe9 \x96;01/09/2025;S;1234,50\r\n1;RSSMRA80A01H501U;MENSA;\"a;\"\"b\r\nc\";00/00/0000;N;-3,00\r\n"},
		{must(t, roll), pad(rollHead, rollPerson, rollPlus, "I"+rollMinus[1:], rollFirm, "T00000200000000008895+")},
		{must(t, roll), pad(rollHead, "T00000000000000000000+")},
		{must(t, "csv: { header: false, ends: lf, separator: '\\t', quoting: all }\nfields: { a: {}, b: { nullable: true } }"), "\"x\"\t\"\"\n"},
		{must(t, "json_lines: {}\nfields: { a: { type: number }, b: { type: string, required: false } }"), "{\"a\":1.50}\n{\"a\":2,\"b\":\"x\\ny\"}\n"},
		{
			must(t, "fixed: { encoding: ebcdic-1144 }\nfields: { a: { length: 3 }, b: { length: 3, packed: true, decimals: 2 }, c: { length: 2, sign: overpunch } }"),
			"\xC1\xC2\x9F\x12\x34\x5D\xF1\xC0\xC1\x40\x40\x00\x00\x0C\xF0\xD1",
		},
	} {
		if got, err := copyOf(t, c.f, c.file); err != nil || got != c.file {
			t.Errorf("found    %q %v\nexpected %q", got, err, c.file)
		}
	}
}

// TestComputed: the figures of a trailer are computed, and the trailer itself is written when it is missing.
func TestComputed(t *testing.T) {
	f := must(t, roll)
	var out bytes.Buffer
	w := f.Write(&out)
	for _, line := range strings.Split(strings.TrimSpace(rollHeadJSON+rollPersonJSON+rollPlusJSON+rollMinusJSON+rollFirmJSON), "\n") {
		kind, json, _ := strings.Cut(line, " ")
		if err := w.Put(kind, value(t, f.Takes(kind), json)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if want := pad(rollHead, rollPerson, rollPlus, "I"+rollMinus[1:], rollFirm, "T00000200000000008895+"); out.String() != want {
		t.Errorf("found\n%s\nexpected\n%s", out.String(), want)
	}
	if f.Takes("coda").Fields[0].Required || !f.Type("coda").Fields[0].Required {
		t.Error("the figures of coda are computed, and read")
	}
}

// TestRefused: what does not fit is not cut, and what is written around it is whole.
func TestRefused(t *testing.T) {
	roll := must(t, roll)
	csv := must(t, "csv: { encoding: iso-8859-1, quote: none, formulas: refuse }\nfields: { a: {}, b: { decimals: 2, nullable: true, empty: '0.00' } }\nmax_record: 30B")
	for _, c := range []struct {
		f                *Format
		kind, json, want string
	}{
		{roll, "persona", `{"codice":"RSSMRA80A01H501UX","nome":"x","nato":null}`, "record 2, persona.codice: expected at most 16 bytes, found 17 bytes"},
		{roll, "persona", `{"codice":"x","nome":"日","nato":null}`, "record 2, persona.nome: expected characters of cp858"},
		{roll, "persona", `{"codice":"x","nome":"a\nb","nato":null}`, "record 2, persona: expected no line end within a record"},
		{roll, "importo", `{"tributo":"3912","anno":2025,"importo":1.00,"quota":null}`, "record 2, importo: found a record of the kind importo, where none may stand"},
		{roll, "testata", `{"creato":"2026-11-30","ente":"0027"}`, "record 2, testata: found a record of the kind testata, where none may stand"},
		{roll, "coda", `{"persone":1}`, "record 2, coda: coda.persone says 1, and the records make 0"},
		{roll, "cauda", `{}`, "record 2, cauda: expected a record of the kind testata, persona, importo, coda"},
		{csv, "", `{"a":"日","b":1}`, "record 2, a: expected characters of iso-8859-1"},
		{csv, "", `{"a":"x,y","b":1}`, "record 2, a: expected a text without separators and line ends: the format has no quotes"},
		{csv, "", `{"a":"=1+1","b":1}`, "record 2, a: expected a text that a spreadsheet does not take for a formula"},
		{csv, "", `{"a":"x","b":0}`, "record 2, b: expected another value: what is written would be read as nothing"},
		{csv, "", `{"a":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","b":1}`, "record 2: expected at most 30 bytes"},
	} {
		var out bytes.Buffer
		w := c.f.Write(&out)
		first, json := "", `{"a":"x","b":1}`
		if c.f == roll {
			first, json = "testata", `{"creato":"2026-11-30","ente":"0027"}`
		}
		if err := w.Put(first, value(t, c.f.Takes(first), json)); err != nil {
			t.Fatal(err)
		}
		typ := c.f.Takes(c.kind)
		if typ == nil {
			typ = schema.RecordType()
		}
		err := w.Put(c.kind, value(t, typ, c.json))
		var refused *Refused
		if !errors.As(err, &refused) || err.Error() != c.want {
			t.Errorf("%s\nfound    %v\nexpected %s", c.json, err, c.want)
		}
		if err := w.Close(); err != nil {
			t.Errorf("%s: %v", c.json, err)
		}
		want := "a,b\r\nx,1.00\r\n"
		if c.f == roll {
			want = pad(rollHead, "T00000000000000000000+")
		}
		if out.String() != want {
			t.Errorf("%s\nfound    %q\nexpected %q", c.json, out.String(), want)
		}
	}
	// Figures of numbers
	for _, c := range []struct{ field, json, want string }{
		{"length: 3, decimals: 2", "9.99", "999"},
		{"length: 3, decimals: 2", "10", "record 1, n: expected at most 3 bytes, found 4 bytes"},
		{"length: 3, decimals: 2", "1.005", "record 1, n: expected at most 2 digits after the point"},
		{"length: 3, decimals: 2", "1.000", "100"},
		{"length: 3, decimals: 2", "-1", "record 1, n: expected a number that is not negative: the field has no sign"},
		{"length: 5, decimals: 2, sign: leading", "-1", "-0100"},
		{"length: 5, type: number, fill: ' '", "-1.5", " -1.5"},
		{"length: 5, type: number", "-1.5", "-01.5"},
		{"length: 2, packed: true", "1000", "record 1, n: expected a number of at most 3 digits"},
		{"length: 2, packed: true, minimum: 0", "12", "\x01\x2F"},
	} {
		f := must(t, "fixed: { ends: none }\nfields: { n: { "+c.field+" } }")
		var out bytes.Buffer
		w := f.Write(&out)
		found := ""
		if err := w.Put("", value(t, schema.RecordType(schema.Field{Name: "n", Type: schema.TypeDecimal}), `{"n":`+c.json+`}`)); err != nil {
			found = err.Error()
		} else if err := w.Close(); err != nil {
			t.Error(err)
		} else {
			found = out.String()
		}
		if found != c.want {
			t.Errorf("%s of %s\nfound    %q\nexpected %q", c.field, c.json, found, c.want)
		}
	}
}

// TestFormulas: a text that a spreadsheet would compute is guarded where nothing else is declared; a number is not.
func TestFormulas(t *testing.T) {
	for format, want := range map[string]string{
		"csv: {}":                   "a,n\r\n'=cmd|' /C calc'!A0,-1\r\n'@x,2\r\n",
		"csv: { formulas: keep }":   "a,n\r\n=cmd|' /C calc'!A0,-1\r\n@x,2\r\n",
		"csv: { formulas: refuse }": "a,n\r\n",
	} {
		f := must(t, format+"\nfields: { a: {}, n: { type: integer } }")
		var out bytes.Buffer
		w := f.Write(&out)
		for _, json := range []string{`{"a":"=cmd|' /C calc'!A0","n":-1}`, `{"a":"@x","n":2}`} {
			if err := w.Put("", value(t, f.Takes(""), json)); (err != nil) != strings.Contains(format, "refuse") {
				t.Errorf("%s: %v", format, err)
			}
		}
		if err := w.Close(); err != nil || out.String() != want {
			t.Errorf("%s\nfound    %q %v\nexpected %q", format, out.String(), err, want)
		}
	}
}
