package records

import (
	"os/exec"
	"strings"
	"testing"
)

// roll is a night file of a collection agency: a head, persons with their amounts, a tail with counts and totals.
const roll = `
fixed: { encoding: cp858, length: 60, ends: crlf }
records:
  testata:
    when: { at: 1, is: H }
    fields:
      creato: { at: 2, length: 8, date: yyyyMMdd }
      ente: { at: 10, length: 4 }
  persona:
    when: { at: 1, is: P }
    many: true
    fields:
      codice: { at: 2, length: 16, personal: true }
      nome: { length: 20, personal: true }
      nato: { length: 8, date: ddMMyyyy, empty: "00000000" }
    records:
      importo:
        when: { at: 1, is: [I, J] }
        many: true
        fields:
          tributo: { at: 2, length: 4, enum: ["3912", "3918"] }
          anno: { length: 4, type: integer, minimum: 2000 }
          importo: { length: 13, decimals: 2, sign: overpunch }
          quota: { length: 7, type: number, fill: " ", nullable: true }
  coda:
    when: { at: 1, is: T }
    fields:
      persone: { at: 2, length: 6, type: integer }
      totale: { length: 15, decimals: 2, sign: trailing }
    check: { persone: count(persona), totale: sum(importo.importo) }
`

func pad(lines ...string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l + strings.Repeat(" ", max(0, 60-len(l))) + "\r\n")
	}
	return b.String()
}

var (
	rollHead   = "H202611300027"
	rollPerson = "PRSSMRA80A01H501UROSSI NICOL\x95        01011980"
	rollFirm   = "P00488410010     VETRERIA S.R.L.     00000000"
	rollPlus   = "I39122025000000001234E  12.50"
	rollMinus  = "J39182025000000000345}       "
)

const (
	rollHeadJSON   = `testata {"creato":"2026-11-30","ente":"0027"}` + "\n"
	rollPersonJSON = `persona {"codice":"RSSMRA80A01H501U","nome":"ROSSI NICOLò","nato":"1980-01-01"}` + "\n"
	rollFirmJSON   = `persona {"codice":"00488410010","nome":"VETRERIA S.R.L.","nato":null}` + "\n"
	rollPlusJSON   = `importo {"tributo":"3912","anno":2025,"importo":123.45,"quota":12.50}` + "\n"
	rollMinusJSON  = `importo {"tributo":"3918","anno":2025,"importo":-34.50,"quota":null}` + "\n"
)

func TestFixed(t *testing.T) {
	f := must(t, roll)
	same(t, f, pad(rollHead, rollPerson, rollPlus, rollMinus, rollFirm, "T00000200000000008895 "),
		rollHeadJSON+rollPersonJSON+rollPlusJSON+rollMinusJSON+rollFirmJSON+`coda {"persone":2,"totale":88.95}`+"\n")
}

// TestTotals: figures and order of a file are checked against its records, whether or not some of them are bad.
func TestTotals(t *testing.T) {
	f := must(t, roll)
	bad := strings.Replace(rollPlus, "3912", "1234", 1)     // its amount counts
	worse := strings.Replace(rollPlus, "00001234E", "x", 1) // its amount is not known
	for _, c := range []struct {
		file []string
		want string
	}{
		{[]string{rollHead, rollPerson, rollPlus, "T00000100000000012345+"}, ""},
		{[]string{rollHead, rollPerson, bad, "T00000100000000012345+"}, ""},
		{[]string{rollHead, "T00000000000000000000+"}, ""},
		{[]string{rollHead, rollPerson, rollPlus, "T00000200000000012345+"}, "line 4: coda.persone says 2, and the records make 1"},
		{[]string{rollHead, rollPerson, rollPlus, "T00000100000000012345-"}, "line 4: coda.totale says -123.45, and the records make 123.45"},
		{[]string{rollHead, rollPerson, worse, "T00000100000000012345+"}, "line 4: coda.totale cannot be checked: record 3 is bad, and so is what it adds"},
		{
			[]string{rollHead, rollPerson, rollPlus, "T0000010000000000123x+"},
			"line 4: the record of the kind coda, whose figures the file is held against, cannot be read: expected digits and a sign",
		},
		{[]string{rollHead, rollPerson, rollPlus}, "line 4: the file ends, expected a record of the kind coda"},
		{nil, "line 1: the file ends, expected a record of the kind testata"},
		{[]string{rollPerson}, "line 1: found a record of the kind persona, expected one of the kind testata"},
		{[]string{rollHead, rollHead}, "line 2: found a record of the kind testata, where none may stand"},
		{[]string{rollHead, rollPlus}, "line 2: found a record of the kind importo, where none may stand"},
		{[]string{rollHead, "T00000000000000000000+", rollPerson}, "line 3: found a record of the kind persona, where none may stand"},
	} {
		found := ""
		if err := f.Totals(strings.NewReader(pad(c.file...))); err != nil {
			found = err.Error()
		}
		if found != c.want {
			t.Errorf("%q\nfound    %s\nexpected %s", c.file, found, c.want)
		}
	}
}

// TestBadFixed: each bad record is reported with its byte and its field.
func TestBadFixed(t *testing.T) {
	f := must(t, roll)
	for _, c := range []struct{ line, want string }{
		{strings.Replace(pad(rollPerson), "01011980", "31021980", 1), ", column 38 (nato): expected a date, as 31012026"},
		{strings.Replace(pad(rollPerson), "\x95", "\x00", 1), ", column 18 (nome): expected text in cp858"},
		{strings.Replace(pad(rollPerson), "\x95", "ò", 1), ": expected 60 bytes, found 61"},
		{pad(rollPerson)[:40] + "\r\n", ": expected 60 bytes, found 40"},
		{strings.Replace(pad(rollPerson), "\r", " ", 1), ": expected the line to end with CRLF"},
		{pad("X"), ": expected a record of the kind testata, persona, importo, coda"},
		{"\r\n", ": expected a record of the kind testata, persona, importo, coda"},
	} {
		same(t, f, pad(rollHead)+c.line+pad("T00000100000000000000+"), rollHeadJSON+"bad line 2"+c.want+"\n"+
			map[bool]string{
				true:  "refused line 3: coda.persone says 1, and the records make 0\n",
				false: "coda {\"persone\":1,\"totale\":0.00}\n",
			}[strings.Contains(c.want, "of the kind")])
	}
	same(t, f, pad(rollHead, "T00000000000000000000+")+"\x1a", rollHeadJSON+`coda {"persone":0,"totale":0.00}`+"\n"+
		"bad line 3: expected a record, found the byte 0x1A; ctrl_z: true lets a file end with it\n")
	same(t, must(t, strings.Replace(roll, "ends: crlf", "ctrl_z: true", 1)), pad(rollHead, "T00000000000000000000+")+"\x1a",
		rollHeadJSON+`coda {"persone":0,"totale":0.00}`+"\n")
	utf8 := must(t, "fixed: {}\nfields: { a: { length: 4 } }")
	same(t, utf8, "perché\nperò\ncos\xc3\nabcd\n", `bad line 1: expected 4 bytes, found 7
bad line 2: expected 4 bytes, found 5: some characters have several bytes in utf-8
bad line 3, column 1 (a): expected text in utf-8
{"a":"abcd"}
`)
	same(t, must(t, "fixed: { trimmed: true }\nfields: { a: { length: 4 }, b: { length: 2, nullable: true } }"), "abc\nabcdef",
		"{\"a\":\"abc\",\"b\":null}\n{\"a\":\"abcd\",\"b\":\"ef\"}\n")
}

// TestResumeFixed: a position holds the order and the figures too.
func TestResumeFixed(t *testing.T) {
	f := must(t, roll)
	resume(t, f, pad(rollHead, rollPerson, rollPlus, "P", rollFirm, rollPlus, "X", "T00000300000000024690 "), 0)
	resume(t, f, pad(rollHead, rollPerson, rollPlus, "I", "T00000100000000012345 "), 0) // an amount that is not known
}

// TestEBCDIC: blocks of the octets that a mainframe sends. +0 as 0xC0 is à in the Italian table, and a sign all the same.
func TestEBCDIC(t *testing.T) {
	f := must(t, `
fixed: { encoding: ebcdic-280 }
fields:
  nome: { length: 6 }
  importo: { length: 4, decimals: 2, sign: overpunch }
  saldo: { length: 4, decimals: 2, packed: true }
  numero: { length: 3, type: integer }
  il: { length: 8, date: yyyyMMdd, empty: "00000000" }
`)
	text, _ := f.chars.append(nil, "Niccol")
	day, _ := f.chars.append(nil, "20261130")
	block := string(text) + "\xF1\xF2\xF3\xC0" + "\x01\x23\x45\x6D" + "\xF0\xF4\xF2" + string(day)
	other := string(text) + "\xF1\xF2\xF3\xD5" + "\x01\x23\x45\x6C" + "\x40\xF4\xF2" + string(day)
	same(t, f, block+block+other+block[:9], `
{"nome":"Niccol","importo":12.30,"saldo":-1234.56,"numero":42,"il":"2026-11-30"}
{"nome":"Niccol","importo":12.30,"saldo":-1234.56,"numero":42,"il":"2026-11-30"}
bad record 3, column 15 (numero): expected digits alone
bad record 4: expected 25 bytes, found 9
`)
}

// TestTables: the tables are those of iconv.
func TestTables(t *testing.T) {
	if _, err := exec.LookPath("iconv"); err != nil {
		t.Skip("iconv is not installed")
	}
	for name, theirs := range map[string]string{
		"ebcdic-037": "IBM037", "ebcdic-500": "IBM500", "ebcdic-280": "IBM280", "ebcdic-1144": "IBM1144", "cp850": "CP850", "cp858": "CP858",
		"cp437": "CP437", "iso-8859-1": "ISO-8859-1", "iso-8859-15": "ISO-8859-15",
	} {
		var all []byte
		for i := 1; i < 256; i++ {
			if name != "iso-8859-15" || i < 0x80 || i > 0x9F { // controls that our table lacks
				all = append(all, byte(i))
			}
		}
		cmd := exec.Command("iconv", "-f", theirs, "-t", "UTF-8")
		cmd.Stdin = strings.NewReader(string(all))
		want, err := cmd.Output()
		if err != nil {
			t.Logf("iconv has no %s: %v", theirs, err)
			continue
		}
		chars := newCharset(name)
		got, ok := chars.text(all, &room{})
		if !ok || string(got) != string(want) {
			t.Errorf("%s\nfound    %q\nexpected %q", name, got, want)
		}
		back, ok := chars.append(nil, string(got))
		if !ok || string(back) != string(all) {
			t.Errorf("%s: written as %x", name, back)
		}
	}
}

// TestNumbers: signs, packed digits and long numbers, exact.
func TestNumbers(t *testing.T) {
	for _, c := range []struct{ field, raw, want string }{
		{"length: 5, decimals: 2", "00123", "1.23"},
		{"length: 5, decimals: 2", "-0123", "bad: expected digits alone"},
		{"length: 5, decimals: 2, sign: leading", "-0123", "-1.23"},
		{"length: 5, decimals: 2, sign: leading", "00123", "bad: expected a number after its sign"},
		{"length: 5, decimals: 2, sign: trailing", "0123-", "-1.23"},
		{"length: 5, decimals: 2, sign: trailing", "0123 ", "1.23"},
		{"length: 5, decimals: 2, sign: overpunch", "0012{", "1.20"},
		{"length: 5, decimals: 2, sign: overpunch", "0012R", "-1.29"},
		{"length: 5, decimals: 2, sign: overpunch", "0012s", "-1.23"},
		{"length: 5, decimals: 2, sign: overpunch", "0012Z", "bad: expected a number with the sign in its last digit"},
		{"length: 5, decimals: 2, sign: overpunch", "00123", "1.23"},
		{"length: 7, type: number, fill: ' '", "  -1.50", "-1.50"},
		{"length: 7, type: number", "   1.50", "bad: expected a number, as 12.50"},
		{"length: 7, type: number", "       ", "bad: expected a decimal, found nothing"},
		{"length: 3, type: integer", "000", "0"},
		{"length: 20, decimals: 2", "12345678901234567890", "123456789012345678.90"},
		{"length: 20, type: integer", "99999999999999999999", "bad: expected an integer of 64 bits"},
		{"length: 3, decimals: 1, packed: true", "\x12\x34\x5C", "1234.5"},
		{"length: 3, decimals: 1, packed: true", "\x12\x34\x5B", "-1234.5"},
		{"length: 3, decimals: 1, packed: true", "\x12\x34\x5F", "1234.5"},
		{"length: 3, decimals: 1, packed: true", "\x12\x34\x55", "bad: expected a packed decimal, whose last half byte is a sign"},
		{"length: 3, decimals: 1, packed: true", "\x1A\x34\x5C", "bad: expected a packed decimal"},
		{"length: 11, decimals: 2, packed: true", "\x12\x34\x56\x78\x90\x12\x34\x56\x78\x90\x1D", "-1234567890123456789.01"},
		{"length: 3, packed: true, maximum: 9", "\x00\x01\x0C", "bad: expected at most 9"},
	} {
		f := must(t, "fixed: { ends: none }\nfields: { n: { "+c.field+" } }")
		want := `{"n":` + c.want + "}\n"
		if reason, bad := strings.CutPrefix(c.want, "bad"); bad {
			want = "bad record 1, column 1 (n)" + reason + "\n"
		}
		same(t, f, c.raw, want)
	}
}

func TestJSONLines(t *testing.T) {
	f := must(t, `
json_lines: {}
fields:
  id: { type: integer }
  il: { type: string, format: date, nullable: true }
  righe: { type: array, items: { properties: { cf: { type: string, maxLength: 3 } }, required: [cf] }, required: false }
`)
	file := "\xEF\xBB\xBF{\"id\":1,\"il\":null,\"righe\":[{\"cf\":\"abc\"}]}\r\n\n{\"id\":2,\"il\":\"2026-01-31\"}\n{\"id\":\"x\",\"il\":null}\n" +
		"{\"id\":3,\"il\":null,\"righe\":[{\"cf\":\"abcd\"}]}\n{\"id\":4,\n{\"id\":5,\"il\":null,\"altro\":1}"
	same(t, f, file, `
{"id":1,"il":null,"righe":[{"cf":"abc"}]}
{"id":2,"il":"2026-01-31"}
bad line 4 (id): expected an integer, found text
bad line 5 (righe.0.cf): expected at most 3 characters
bad line 6: at byte 8: expected a name in quotes
bad line 7 (altro): expected no such field
`)
	resume(t, f, file, 0)
}
