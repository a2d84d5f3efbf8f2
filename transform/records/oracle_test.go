package records

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzOracle holds what is read against encoding/csv: as far as it takes a file, each of its rows is a record with the same values,
// or a bad one where the number of columns differs. It reads a CR LF within quotes as LF, and so are both compared.
func FuzzOracle(f *testing.F) {
	for _, file := range []string{
		"a,b\n1,2\n", "a,b\r\n\"1\"\"\",\"x\ny\"\r\n\r\n3,4", "\"\",\"\"\n,\n", "a\nb,c\n\"d,\",e\n", "\"a\r\nb\",c\r\n", "a,\"b\"c\nd,e\n", "a,b\"\nc,d\n",
		"a,\" b \"\n \"c\",d\n", "a,b\r", "é,ù\n\"日\",\"\"\"\"\n", "a,b\n\n\n\"c", "1,\"2\n\"\n3,4\n",
	} {
		f.Add(file)
	}
	format := must(f, "csv: { header: false }\nfields: { a: {}, b: {} }")
	same := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
	f.Fuzz(func(t *testing.T, file string) {
		if !utf8.ValidString(file) || strings.Contains(file, "\x00") || strings.HasPrefix(file, string(mark)) || strings.HasSuffix(file, "\r") {
			return // files that are refused here, or in which a CR ends the file, which is a line end there
		}
		theirs, ours := csv.NewReader(strings.NewReader(file)), format.Read(strings.NewReader(file), Position{})
		theirs.FieldsPerRecord = -1
		for {
			row, err := theirs.Read()
			if err != nil && !errors.Is(err, io.EOF) {
				return
			}
			record, mine := ours.Next()
			var bad *Bad
			switch {
			case errors.Is(err, io.EOF) != errors.Is(mine, io.EOF):
				t.Fatalf("%q: encoding/csv returns %v, and this %v", file, err, mine)
			case err != nil:
				return
			case len(row) != 2 && errors.As(mine, &bad) && strings.HasPrefix(bad.Reason, "expected 2 columns"):
			case mine != nil || len(row) != 2 || same(record.Value.Field(0).Str()) != row[0] || same(record.Value.Field(1).Str()) != row[1]:
				t.Fatalf("%q: encoding/csv reads %q, and this %v %v", file, row, record.Value.Fields(), mine)
			}
		}
	})
}
