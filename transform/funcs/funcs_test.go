package funcs

import (
	"testing"
	"time"

	"fondaco/schema"
)

// run calls a function as an expression with constant arguments would; the error is in words.
func run(t *testing.T, name string, args ...schema.Value) string {
	t.Helper()
	f := Find(name)
	if f == nil {
		t.Fatalf("there is no function %q", name)
	}
	var types []*schema.Type
	var constants []*schema.Value
	for i := range args {
		types = append(types, &schema.Type{Kind: args[i].Kind(), Elem: schema.TypeAny})
		constants = append(constants, &args[i])
	}
	clock := func() time.Time { return time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC) }
	call, _, err := f.Prepare(types, constants)
	if err != nil {
		return "load: " + err.Error()
	}
	v, err := call(World{Meter: free{}, Now: clock, Clock: clock}, args)
	switch {
	case err != nil:
		return "error: " + err.Error()
	case v.IsNil():
		return "nil"
	}
	return Print(v)
}

func textsOf(words ...string) (out []schema.Value) {
	for _, w := range words {
		out = append(out, schema.Text(w))
	}
	return out
}

// TestFunctionsOfText calls functions of texts at their edges.
func TestFunctionsOfText(t *testing.T) {
	none := "error: the text holds no number"
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"number", []string{"1.234,50"}, "1234.50"},
		{"number", []string{"1,234.50 EUR"}, "1234.50"},
		{"number", []string{"1.234.567"}, "1234567"},
		{"number", []string{"1,234,567"}, "1234567"},
		{"number", []string{"1.234.567,8"}, "1234567.8"},
		{"number", []string{"12,5"}, "12.5"},
		{"number", []string{"1.234"}, "1.234"},
		{"number", []string{"-0.03 m"}, "-0.03"},
		{"number", []string{"+7"}, "7"},
		{"number", []string{" 42 kg"}, "42"},
		{"number", []string{"110 cm."}, "110"},
		{"number", []string{"5."}, "5"},
		{"number", []string{"3 each"}, "3"},
		{"number", []string{"4euro"}, "4"},
		{"number", []string{"31.01.2026"}, none},
		{"number", []string{"2026-01-31"}, none},
		{"number", []string{"16:50"}, none},
		{"number", []string{"12/2025"}, none},
		{"number", []string{"1e5"}, none},
		{"number", []string{"0x10"}, none},
		{"number", []string{"1.23.4"}, none},
		{"number", []string{"1,2,3"}, none},
		{"number", []string{"1.2345,00"}, none},
		{"number", []string{"1.234,5.6"}, none},
		{"number", []string{"1234.567.890"}, none},
		{"number", []string{"m 3"}, none},
		{"number", []string{""}, none},
		{"number", []string{"-"}, none},
		{"number", []string{"--5"}, none},
		{"number", []string{".5"}, none},
		{"tryNumber", []string{"n.d."}, "nil"},
		{"tryNumber", []string{"-999"}, "-999"},
		{"int", []string{"75"}, "75"},
		{"int", []string{"9223372036854775808"}, "error: the whole number does not fit 64 bits"},
		{"decimal", []string{"12,50"}, none},
		{"date", []string{"2026-01-31"}, "2026-01-31"},
		{"date", []string{"2026-01-31T23:59:59+01:00"}, "2026-01-31"},
		{"date", []string{"2026-01-31 23:59:59"}, "2026-01-31"},
		{"date", []string{"2026-01-31garbage"}, "error: expected a date, as 2026-01-31, or a moment that begins with one"},
		{"date", []string{"2026-02-30"}, "error: expected a date, as 2026-01-31"},
		{"parseDate", []string{"31/01/2026", "dd/MM/yyyy"}, "2026-01-31"},
		{"parseDate", []string{"30/02/2026", "dd/MM/yyyy"}, "error: the text is not a date of that form"},
		{"parseDate", []string{"20260131", "yyyyMMdd"}, "2026-01-31"},
		{"parseDate", []string{"31/01/2026", "xx"}, `load: the form "xx" has no part xx; what is to stand as it is written is quoted, as 'xx'; parts are yyyy, yy, MMMM, MMM, MM, M, dd, d, EEEE, EEE, HH, H, mm, ss, SSS, XXX`},
		{"parseDate", []string{"31/01/2026", "DD/MM/YYYY"}, `load: the form "DD/MM/YYYY" has no part DD; write dd`},
		{"parseDate", []string{"31/01/2026", "--"}, `load: the form "--" has no part of a date; expected one as "dd/MM/yyyy"`},
		{"parseDate", []string{"31/01", "dd/MM"}, `load: the form "dd/MM" has no year (yyyy), and a day is read by it`},
		{
			"parseDate",
			[]string{"1 gen 2026", "d MMM yyyy"},
			`load: the form "d MMM yyyy" has the name of a month (MMM): say its language as the last argument, "it" or "en"`,
		},
		{
			"parseDate",
			[]string{"1 gen 2026", "d MMM yyyy", "de"},
			`load: there are no names of months and days in the language "de"; expected it or en`,
		},
		{"parseDate", []string{"1 Gen 2026", "d MMM yyyy", "it"}, "2026-01-01"},
		{"parseDate", []string{"venerdì 2 gennaio 2026", "EEEE d MMMM yyyy", "it"}, "2026-01-02"},
		{"parseDate", []string{"lunedì 2 gennaio 2026", "EEEE d MMMM yyyy", "it"}, "error: the text is not a date of that form"},
		{"parseDate", []string{"2/1/26", "d/M/yy"}, "2026-01-02"},
		{"parseDate", []string{"02/01/26 extra", "d/M/yy"}, "error: the text is not a date of that form"},
		{"parseDate", []string{"del 02.01.2026 ore 25:00", "'del 'dd.MM.yyyy' ore 'HH:mm"}, "error: the text is not a date of that form"},
		{"parseDate", []string{"del 02.01.2026 ore 23:00", "'del 'dd.MM.yyyy' ore 'HH:mm"}, "2026-01-02"},
		{
			"parseDate",
			[]string{"2026-01-02", "yyyy-MM-dd'"},
			`load: the form "yyyy-MM-dd'" opens a quote (') that is not closed; two of them ('') are an apostrophe`,
		},
		{"tryDate", []string{"12/03/2024", "gg/MM/aaaa"}, `load: the form "gg/MM/aaaa" has no part gg; write dd`},
		{"tryDate", []string{"00/00/0000", "dd/MM/yyyy"}, "nil"},
		{"tryDate", []string{"", "dd/MM/yyyy"}, "nil"},
		{"tryDate", []string{"29/02/2024", "dd/MM/yyyy"}, "2024-02-29"},
		{"offset", []string{"2020-01-02 16:50:00", "+01:00"}, "2020-01-02T16:50:00+01:00"},
		{"offset", []string{"2020-07-02 16:50", "Europe/Rome"}, "2020-07-02T16:50:00+02:00"},
		{"offset", []string{"2020-07-02", "Europe/Rome"}, "error: expected a date and time without offset, as 2026-01-31 09:00:00"},
		{
			"offset",
			[]string{"2020-07-02 16:50", "Europe/Roma"},
			`load: there is no zone "Europe/Roma"; expected one as "Europe/Rome" or "+01:00"`,
		},
		{"offset", []string{"2020-07-02 16:50", "Local"}, `load: there is no zone "Local"; expected one as "Europe/Rome" or "+01:00"`},
		{"fiscalCodeValid", []string{"RSSMRA80A01L736U"}, "true"},
		{"fiscalCodeValid", []string{"RSSMRA80A01L736X"}, "false"},
		{"fiscalCodeBirthdate", []string{"RSSMRA80A01L736U"}, "1980-01-01"},
		{"fiscalCodeBirthdate", []string{"RSSMRA80A01L736X"}, "nil"},
		{"fiscalCodeSex", []string{"RSSMRA80A01L736U"}, "M"},
		{"fiscalCodeSex", []string{"nobody"}, "nil"},
		{"vatNumberValid", []string{"00339370272"}, "true"},
		{"vatNumberValid", []string{"00339370273"}, "false"},
		{"title", []string{"D'ANGELO maria-luisa"}, "D'Angelo Maria-Luisa"},
		{"replace", []string{"aaa", "", "b"}, "error: the piece to replace is empty"},
		{"split", []string{"abc", ""}, "error: the separator is empty"},
		{"replaceAll", []string{"a1b22", "([0-9]+)", "<$1>"}, "a<1>b<22>"},
		{"replaceAll", []string{"a", "(", "x"}, "load: missing closing ): `(`"},
		{"extract", []string{"abc", "x"}, "nil"},
		{"groups", []string{"abc", "x(y)"}, "nil"},
		{"fromBase64Text", []string{"/w=="}, "error: it holds no UTF-8"},
		{"bytes", []string{"***"}, "error: the text is not base64"},
		{"fromHex", []string{"0g"}, "error: the text is not hexadecimal digits"},
		{"urlEncode", []string{"à &"}, "%C3%A0+%26"},
	} {
		if got := run(t, c.name, textsOf(c.args...)...); got != c.want {
			t.Errorf("%s(%q) = %s, expected %s", c.name, c.args, got, c.want)
		}
	}
}

// TestBirthdates: the century is the last one in which the day has been, and omocodia is read.
func TestBirthdates(t *testing.T) {
	today := time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)
	for code, want := range map[string]string{
		"RSSMRA80A01L736U": "1980-01-01", "RSSMRA80A41L736U": "1980-01-01", "RSSMRA26C29L736U": "2026-03-29", "RSSMRA26C30L736U": "1926-03-30",
		"RSSMRA00B69L736U": "2000-02-29", "RSSMRA99T71L736U": "1999-12-31", "RSSMRA85B30L736U": "", "RSSMRAULALML736U": "1980-01-01",
	} {
		if v := birthdate(code, today); v.Str() != want {
			t.Errorf("%s: born %q, expected %q", code, v.Str(), want)
		}
	}
}

// TestMoney: amounts are exact, both ways.
func TestMoney(t *testing.T) {
	for _, c := range []struct {
		name string
		arg  schema.Value
		want string
	}{
		{"cents", schema.DecimalText("86.40"), "8640"},
		{"cents", schema.DecimalText("0.1"), "10"},
		{"cents", schema.DecimalText("-0.01"), "-1"},
		{"cents", schema.DecimalText("1.005"), "error: the amount has fractions of a cent"},
		{"cents", schema.DecimalText("92233720368547758.08"), "error: the whole number does not fit 64 bits"},
		{"cents", schema.Int(3), "300"},
		{"euro", schema.Int(8640), "86.40"},
		{"euro", schema.Int(-1), "-0.01"},
		{"floor", schema.DecimalText("-1.5"), "-2"},
		{"round", schema.DecimalText("2.5"), "3"},
		{"round", schema.DecimalText("-2.5"), "-3"},
		{"roundEven", schema.DecimalText("2.5"), "2"},
		{"abs", schema.Int(-9223372036854775808), "error: the whole number does not fit 64 bits"},
	} {
		if got := run(t, c.name, c.arg); got != c.want {
			t.Errorf("%s(%s) = %s, expected %s", c.name, Print(c.arg), got, c.want)
		}
	}
}

// TestCalendar: months end where they end, and Rome's clock is put forward.
func TestCalendar(t *testing.T) {
	date := func(s string) schema.Value { return schema.TextOf(schema.KindDate, s) }
	moment := func(s string) schema.Value { return schema.TextOf(schema.KindDateTime, s) }
	for _, c := range []struct {
		name string
		args []schema.Value
		want string
	}{
		{"addMonths", []schema.Value{date("2026-01-31"), schema.Int(1)}, "2026-02-28"},
		{"addMonths", []schema.Value{date("2024-03-31"), schema.Int(-1)}, "2024-02-29"},
		{"addMonths", []schema.Value{date("2026-01-31"), schema.Int(12)}, "2027-01-31"},
		{"addDays", []schema.Value{date("2026-02-28"), schema.Int(1)}, "2026-03-01"},
		{"addDays", []schema.Value{date("9999-12-31"), schema.Int(1)}, "error: out of the calendar"},
		{"addDays", []schema.Value{moment("2026-01-31T10:00:00"), schema.Int(1)}, "2026-02-01T10:00:00"},
		{"daysBetween", []schema.Value{date("2026-03-28"), date("2026-03-30")}, "2"},
		{"daysBetween", []schema.Value{date("2026-03-30"), date("2026-03-28")}, "-2"},
		{"inZone", []schema.Value{moment("2026-03-29T00:59:59Z"), schema.Text("Europe/Rome")}, "2026-03-29T01:59:59+01:00"},
		{"inZone", []schema.Value{moment("2026-03-29T01:00:00Z"), schema.Text("Europe/Rome")}, "2026-03-29T03:00:00+02:00"},
		{
			"inZone",
			[]schema.Value{moment("2026-03-29T01:00:00"), schema.Text("Europe/Rome")},
			"error: the moment has no offset: offset(x, zone) adds one",
		},
		{"datetime", []schema.Value{date("2026-07-01"), schema.Text("23:59:59"), schema.Text("Europe/Rome")}, "2026-07-01T23:59:59+02:00"},
		{"datetime", []schema.Value{date("2026-07-01"), schema.Text("23:59:59")}, `load: a day and a time of day need a zone, as "Europe/Rome"`},
		{
			"datetime",
			[]schema.Value{schema.Text("2026-07-01junk"), schema.Text("23:59"), schema.Text("UTC")},
			"error: expected a date, as 2026-01-31",
		},
		{"formatDate", []schema.Value{date("2026-01-31"), schema.Text("dd/MM/yyyy"), schema.Text("America/New_York")}, "31/01/2026"},
		{
			"formatDate",
			[]schema.Value{moment("2026-01-31T23:30:00Z"), schema.Text("dd/MM/yyyy HH:mm"), schema.Text("Europe/Rome")},
			"01/02/2026 00:30",
		},
		{"formatDate", []schema.Value{date("2026-01-31"), schema.Text("'prot. 2/'yyyy")}, "prot. 2/2026"},
		{
			"formatDate",
			[]schema.Value{date("2026-01-31"), schema.Text("prot. 2/yyyy")},
			`load: the form "prot. 2/yyyy" has no part p; what is to stand as it is written is quoted, as 'prot'; parts are yyyy, yy, MMMM, MMM, MM, M, dd, d, EEEE, EEE, HH, H, mm, ss, SSS, XXX`,
		},
		{"formatDate", []schema.Value{date("2026-01-31"), schema.Text("EEEE d MMM yyyy"), schema.Text("it")}, "sabato 31 gen 2026"},
		{"formatDate", []schema.Value{
			moment("2026-01-31T23:30:00Z"), schema.Text("d MMMM yyyy 'alle' H:mm"), schema.Text("Europe/Rome"),
			schema.Text("it"),
		}, "1 febbraio 2026 alle 0:30"},
		{
			"formatDate",
			[]schema.Value{date("2026-01-31"), schema.Text("dd HH:mm")},
			`load: a day has no time, and the form "dd HH:mm" asks for HH; leave it out, or give a moment`,
		},
		{"formatDate", []schema.Value{moment("2026-01-31T23:30:05.25Z"), schema.Text("yyyyMMdd''HHmmssSSSXXX")}, "20260131'233005250Z"},
		{"weekday", []schema.Value{date("2026-02-01")}, "7"},
		{"today", []schema.Value{schema.Text("America/New_York")}, "2026-03-28"},
	} {
		if got := run(t, c.name, c.args...); got != c.want {
			t.Errorf("%s: found %s, expected %s", c.name, got, c.want)
		}
	}
}
