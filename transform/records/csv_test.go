package records

import (
	"errors"
	"strings"
	"testing"
)

// school is the file that a municipality's schools send each night.
const school = `
csv: { separator: ";", encoding: windows-1252, decimal: ",", grouping: "." }
fields:
  iscrizione: { type: integer, column: COD_ISCR }
  minore: { type: string, column: CF_MINORE, personal: true, pattern: "^[A-Z0-9]{16}$" }
  servizio: { column: SERVIZIO, enum: [MENSA, NIDO, TRASPORTO] }
  plesso: { column: PLESSO, nullable: true }
  dal: { column: DAL, date: dd/MM/yyyy, empty: "00/00/0000" }
  residente: { type: boolean, column: RESID, "yes": S, "no": N }
  retta: { column: RETTA, decimals: 2 }
`

const schoolHeader = "SERVIZIO;COD_ISCR;CF_MINORE;PLESSO;DAL;RESID;RETTA\r\n"

func TestCSV(t *testing.T) {
	f := must(t, school)
	same(t, f, schoolHeader+
		"MENSA;1;RSSMRA80A01H501U;Diaz \x96 Sant'Alvise, perch\xe9;01/09/2025;S;1.234,50\r\n"+
		"NIDO;2;VRDLGI80A01H501U;;00/00/0000;N;-3,00\n"+
		"\r\n"+
		"\"NIDO\";\"2\";\"VRDLGI80A01H501U\";\"a;\"\"b\"\"\r\nc\";;N;3", `
{"iscrizione":1,"minore":"RSSMRA80A01H501U","servizio":"MENSA","plesso":"Diaz – Sant'Alvise, perché","dal":"2025-09-01","residente":true,"retta":1234.50}
{"iscrizione":2,"minore":"VRDLGI80A01H501U","servizio":"NIDO","plesso":null,"dal":null,"residente":false,"retta":-3.00}
{"iscrizione":2,"minore":"VRDLGI80A01H501U","servizio":"NIDO","plesso":"a;\"b\"\r\nc","dal":null,"residente":false,"retta":3}
`)
}

// TestBadRows: each bad row is reported with its place and without a value of it, and the rows around it are read.
func TestBadRows(t *testing.T) {
	f := must(t, school)
	good, json := "MENSA;1;RSSMRA80A01H501U;;;S;1\r\n",
		`{"iscrizione":1,"minore":"RSSMRA80A01H501U","servizio":"MENSA","plesso":null,"dal":null,"residente":true,"retta":1}`+"\n"
	for _, c := range []struct{ row, want string }{
		{"MENSA;1;RSSMRA80A01H501U;;;S", "expected 7 columns, found 6"},
		{"MENSA;1;RSSMRA80A01H501U;;;S;1;", "expected 7 columns, found 8"},
		{"MENSA;uno;RSSMRA80A01H501U;;;S;1", "column 2 (iscrizione): expected a whole number"},
		{"MENSA;9223372036854775808;RSSMRA80A01H501U;;;S;1", "column 2 (iscrizione): expected an integer of 64 bits"},
		{"MENSA;;RSSMRA80A01H501U;;;S;1", "column 2 (iscrizione): expected an integer, found nothing"},
		{"MENSA;1;ROSSI;;;S;1", "column 3 (minore): expected text of the form ^[A-Z0-9]{16}$"},
		{"mensa;1;RSSMRA80A01H501U;;;S;1", `column 1 (servizio): expected "MENSA" or "NIDO" or "TRASPORTO"`},
		{"MENSA;1;RSSMRA80A01H501U;\x81;;S;1", "column 4 (plesso): expected text in windows-1252"},
		{"MENSA;1;RSSMRA80A01H501U;a\x00;;S;1", "column 4 (plesso): expected text in windows-1252"},
		{"MENSA;1;RSSMRA80A01H501U;;31/02/2025;S;1", "column 5 (dal): expected a date, as 31/01/2026"},
		{"MENSA;1;RSSMRA80A01H501U;;1/2/2025;S;1", "column 5 (dal): expected a date, as 31/01/2026"},
		{"MENSA;1;RSSMRA80A01H501U;;;s;1", "column 6 (residente): expected S or N"},
		{"MENSA;1;RSSMRA80A01H501U;;;S;1.5", "column 7 (retta): expected a number, as 12,50"},
		{"MENSA;1;RSSMRA80A01H501U;;;S;1,005", "column 7 (retta): expected at most 2 digits after the point"},
		{"MENSA;1;RSSMRA80A01H501U;;;S;1.23.456", "column 7 (retta): expected a number, as 12,50"},
		{"MENSA;1;RSSMRA80A01H501U;a\"b;;S;1", "column 4: expected no quote within a value that does not begin with one"},
		{"MENSA;1;RSSMRA80A01H501U;\"a\" ;;S;1", "column 5: expected a separator after the closing quote"},
		{"MENSA;1;RSSMRA80A01H501U;;;S;\x1a", "column 7 (retta): expected a number, as 12,50"},
	} {
		place := "bad line 3, "
		if strings.HasPrefix(c.want, "expected") {
			place = "bad line 3: "
		}
		same(t, f, schoolHeader+good+c.row+"\r\n"+good, json+place+c.want+"\n"+json)
	}
}

// TestHeader: a file whose header has other columns is refused, and what may be a record is not shown.
func TestHeader(t *testing.T) {
	f := must(t, school)
	for _, c := range []struct{ header, want string }{
		{"", `refused line 1: the file is empty, expected a header with the columns COD_ISCR, CF_MINORE, SERVIZIO, PLESSO, DAL, RESID, RETTA`},
		{"SERVIZIO;COD_ISC;CF_MINORE;PLESSO;DAL;RESID;RETTA\n", `refused line 1: the header has no column "COD_ISCR"; did you mean "COD_ISC"?`},
		{"SERVIZIO;COD_ISCR;CF_MINORE;PLESSO;DAL;RESID;RETTA;NOTE\n", `refused line 1: the header has the column "NOTE", and no field is of it`},
		{"SERVIZIO;COD_ISCR;CF_MINORE;PLESSO;DAL;RESID;RETTA;DAL\n", `refused line 1: the header has the column "DAL" twice`},
		{"MENSA;1;RSSMRA80A01H501U;;;S;1\n", `refused line 1: the header has no column "COD_ISCR"`},
		{"\xEF\xBB\xBF" + schoolHeader, `refused line 1: the file begins with a byte order mark of UTF-8, and its charset is said to be windows-1252`},
	} {
		same(t, f, c.header, c.want+"\n")
	}
}

// TestDialects: the other dialects of CSV.
func TestDialects(t *testing.T) {
	for _, c := range []struct{ format, file, want string }{
		{"csv: { header: false }\nfields: { a: {}, b: { type: integer } }", "\xEF\xBB\xBFè,1\nx,2", "{\"a\":\"è\",\"b\":1}\n{\"a\":\"x\",\"b\":2}\n"},
		{"csv: { separator: '\\t', quote: none }\nfields: { a: {}, b: {} }", "b\ta\n\"1\t'2\n", "{\"a\":\"'2\",\"b\":\"\\\"1\"}\n"},
		{"csv: { quote: \"'\", trim: true }\nfields: { a: {}, b: {} }", "a , b\n 1 , 'x,''y' \n", `{"a":"1","b":"x,'y"}` + "\n"},
		{"csv: { others: ignore, skip: 2 }\nfields: { a: {}, c: { required: false } }", "Report\n\nz,a\n1,2\n", `{"a":"2"}` + "\n"},
		{"csv: { ends: lf }\nfields: { a: {}, b: {} }", "a,b\n1,2\r\n", "bad line 2: expected the line to end with LF alone\n"},
		{"csv: { ends: crlf }\nfields: { a: {}, b: {} }", "a,b\r\n1,2\n3,4\r\n", "bad line 2: expected the line to end with CRLF\n{\"a\":\"3\",\"b\":\"4\"}\n"},
		{"csv: { ctrl_z: true }\nfields: { a: {}, b: {} }", "a,b\r\n1,2\r\n\x1a", "{\"a\":\"1\",\"b\":\"2\"}\n"},
		{"csv: { ctrl_z: true }\nfields: { a: {}, b: {} }", "a,b\r\n1,2\r\nx", "{\"a\":\"1\",\"b\":\"2\"}\nbad line 3: expected 2 columns, found 1\n"},
		{"csv: {}\nfields: { a: {}, b: {} }", "a,b\r\n1,2\r\n\x1a", "{\"a\":\"1\",\"b\":\"2\"}\nbad line 3: expected 2 columns, found 1\n"},
		{"csv: {}\nfields: { a: { nullable: true } }", "a\n1\n\n\"\"\n", "{\"a\":\"1\"}\n{\"a\":null}\n{\"a\":null}\n"},
		{"csv: {}\nfields: { a: {}, b: {} }", "a,b\n1,\"2\n3,4\n", "refused line 2: the quote in column 2 is not closed before the end of the file\n"},
	} {
		same(t, must(t, c.format), c.file, c.want)
	}
}

// TestLongRows: a row longer than the limit is bad, and is passed over in constant memory; a quote that is never closed ends the file.
func TestLongRows(t *testing.T) {
	f := must(t, "csv: {}\nmax_record: 100KB\nfields: { a: {}, b: {} }")
	long := strings.Repeat("x", 300_000)
	same(t, f, "a,b\n"+long+"\n1,2\n", "bad line 2: expected at most 100000 bytes\n{\"a\":\"1\",\"b\":\"2\"}\n")
	same(t, f, "a,b\n\""+long+"\n1,2\n", "bad line 2: expected at most 100000 bytes\n{\"a\":\"1\",\"b\":\"2\"}\n")
	same(t, f, "a,b\n1,\"2\n"+strings.Repeat("1,2\n", 50_000), "refused line 2: the quote in column 2 is not closed within 100000 bytes\n")
	same(t, f, "a,b\n1,2\n"+long, "{\"a\":\"1\",\"b\":\"2\"}\nbad line 3: expected at most 100000 bytes\n")
}

// TestResume: reading goes on from every position as if it had never ended, and raw octets put together are the file.
func TestResume(t *testing.T) {
	f := must(t, school)
	file := schoolHeader + "MENSA;1;RSSMRA80A01H501U;\"a\nb\";;S;1\r\nx;y\r\n\r\nNIDO;2;VRDLGI80A01H501U;;00/00/0000;N;-3,00\nz\n"
	resume(t, f, file, len(schoolHeader))
}

func resume(t *testing.T, f *Format, file string, raw int) {
	t.Helper()
	whole := read(f, strings.NewReader(file), Position{})
	lines := strings.SplitAfter(whole, "\n")
	r := f.Read(strings.NewReader(file), Position{})
	for i := 0; ; i++ {
		at := keep(t, r.Position())
		want := strings.Join(lines[min(i, len(lines)):], "")
		if got := read(f, strings.NewReader(file[at.Offset:]), at); got != want {
			t.Errorf("from %+v\nfound\n%s\nexpected\n%s", at, got, want)
		}
		_, err := r.Next()
		var bad *Bad
		if err != nil && !errors.As(err, &bad) {
			break
		}
	}
	if at := r.Position(); strings.HasPrefix(lines[len(lines)-2], "refused") {
		return
	} else if at.Offset != int64(len(file)) || raw > len(file) {
		t.Errorf("the file has %d bytes, and the position at its end is %d", len(file), at.Offset)
	}
}

// TestOtherFormat: a position is of no use to a format of another layout, and is to one that only checks more.
func TestOtherFormat(t *testing.T) {
	file := "a,b\n1,2\n3,4\n"
	r := must(t, "csv: {}\nfields: { a: {}, b: {} }").Read(strings.NewReader(file), Position{})
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	at := keep(t, r.Position())
	for fields, want := range map[string]string{
		"{ a: {}, b: { type: integer } }": `{"a":"3","b":4}` + "\n",
		"{ b: {}, a: {} }": "refused the format prova has other columns, kinds or figures than when the file was begun: give it those that it had, " +
			"or put the rest of the file as a new one\n",
		"{ a: {} }": "refused the format prova has other columns, kinds or figures than when the file was begun: give it those that it had, " +
			"or put the rest of the file as a new one\n",
	} {
		if got := read(must(t, "csv: {}\nfields: "+fields), strings.NewReader(file[at.Offset:]), at); got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", fields, got, want)
		}
	}
	wide := "a" + strings.Repeat(",b", 10_001) + "\n"
	same(t, must(t, "csv: { others: ignore }\nfields: { a: {} }"), wide, "refused line 1: the header has 10002 columns, expected at most 10000\n")
}
