package schema

import (
	"strings"
	"testing"
)

func words(list ...string) *Type {
	t := &Type{Kind: KindText}
	for _, w := range list {
		t.Enum = append(t.Enum, Text(w))
	}
	return t
}

func TestFits(t *testing.T) {
	request := RecordType(Field{Name: "numero", Type: TypeText, Required: true}, Field{Name: "importo", Type: TypeDecimal})
	for _, c := range []struct {
		from, to *Type
		want     string
	}{
		{TypeInt, TypeDecimal, ""},
		{TypeDecimal, TypeInt, ": found decimal, expected integer"},
		{TypeDate, TypeText, ""},
		{TypeText, TypeDate, ": found text, expected date"},
		{words("a"), words("a", "b"), ""},
		{words("c"), words("a", "b"), `: found "c", expected "a" or "b"`},
		{TypeText, words("a"), ""},
		{TypeText.OrNull(), TypeText, ": found text or null, expected text"},
		{TypeNull, TypeText.OrNull(), ""},
		{ListOf(TypeInt), ListOf(TypeText), "/*: found integer, expected text"},
		{ListOf(TypeNever), ListOf(TypeText), ""},
		{RecordType(Field{Name: "numero", Type: TypeText, Required: true}), request, ""},
		{RecordType(Field{Name: "importo", Type: TypeInt, Required: true}), request, `/numero: field "numero" is missing, and is required`},
		{RecordType(Field{Name: "numero", Type: TypeText}), request, `/numero: field "numero" may be absent, and is required`},
		{
			RecordType(Field{Name: "numero", Type: TypeText, Required: true}, Field{Name: "importo", Type: TypeDecimal.OrNull(), Required: true}),
			request, "",
		},
		{RecordType(Field{Name: "numero", Type: TypeText, Required: true}, Field{Name: "x", Type: TypeInt}), request, `/x: unknown field "x"`},
		{request, MapTo(TypeText), "/importo: found decimal, expected text"},
		{TypeUnknown, TypeInt, ""},
	} {
		var lines []string
		for _, m := range Fits(c.from, c.to) {
			lines = append(lines, m.Path+": "+m.Message)
		}
		if got := strings.Join(lines, "; "); got != c.want {
			t.Errorf("%s to %s: %s\nexpected %s", c.from, c.to, got, c.want)
		}
	}
}

func TestJoin(t *testing.T) {
	a := RecordType(Field{Name: "n", Type: TypeInt, Required: true}, Field{Name: "x", Type: TypeText, Required: true})
	b := RecordType(Field{Name: "n", Type: TypeDecimal, Required: true})
	for _, c := range []struct {
		a, b *Type
		want string
	}{
		{TypeInt, TypeNull, "integer or null"},
		{TypeInt, TypeDecimal, "decimal"},
		{words("a"), words("b"), `"a" or "b"`},
		{a, b, "{n: decimal, x?: text}"},
		{ListOf(TypeNever), ListOf(TypeInt), "list of integer"},
		{TypeText, TypeInt, "text or integer"},
	} {
		if got := Join(c.a, c.b).String(); got != c.want {
			t.Errorf("Join(%s, %s) = %s, expected %s", c.a, c.b, got, c.want)
		}
	}
	if !Join(TypeText.AsPersonal(), TypeNull).Personal {
		t.Error("a personal mark got lost")
	}
}

func TestCheckNamesThePlaceAndNeverTheValue(t *testing.T) {
	three := 3
	typ := RecordType(
		Field{Name: "cf", Type: &Type{Kind: KindText, Format: "codice-fiscale"}, Required: true},
		Field{Name: "note", Type: &Type{Kind: KindText, MaxLength: &three}},
		Field{Name: "righe", Type: ListOf(TypeInt)},
	)
	v := RecordOf(typ, Text("RSSMRA80A01L736X"), Text("canarino"), List([]Value{Int(1), Text("x")}))
	got := Check(v, typ).Error()
	want := "/cf: expected text of the format codice-fiscale; /note: expected at most 3 characters; /righe/1: expected an integer, found text"
	if got != want {
		t.Errorf("found    %s\nexpected %s", got, want)
	}
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		format, text string
		want         bool
	}{
		{"codice-fiscale", "RSSMRA80A01L736U", true},
		{"codice-fiscale", "RSSMRA80A01L736D", false},
		{"codice-fiscale", "rssmra80a01l736u", false},
		{"codice-fiscale", "RSSMRA80A01L73SM", false},
		{"codice-fiscale", "ＲSSMRA80A01L736", false},
		{"codice-fiscale", "00339370272", true},
		{"partita-iva", "00339370272", true},
		{"partita-iva", "00339370273", false},
		{"partita-iva", "00000000000", false},
		{"iban", "IT60X0542811101000000123456", true},
		{"iban", "IT61X0542811101000000123456", false},
		{"uuid", "6f1c0f0e-7a3b-4c57-9a55-0f6d2a1b7c11", true},
		{"uuid", "6f1c", false},
		{"email", "a@b.it", true},
		{"email", "a@b", false},
		{"uri", "https://x.example/a", true},
		{"uri", "x/a", false},
		{"ipv4", "127.0.0.1", true},
	} {
		if got := formats[c.format](c.text); got != c.want {
			t.Errorf("%s %q: %v", c.format, c.text, got)
		}
	}
}

func TestDates(t *testing.T) {
	for s, want := range map[string]bool{
		"2026-02-28": true, "2026-02-30": false, "2024-02-29": true, "0000-01-01": false,
		"10000-01-01": false, "2026-1-1": false, "2026-01-31+01:00": false, "2026-01-31Z": false, "2026-01-311": false,
	} {
		if _, err := ParseDate(s); (err == nil) != want {
			t.Errorf("date %s: %v", s, err)
		}
	}
	for s, want := range map[string]bool{
		"2026-01-15T09:00:00+01:00": true, "2026-01-15T09:00:00": false, "2026-01-15T24:00:00Z": false, "2026-01-15 09:00:00": false,
		"2026-01-15T09:00:00.5Z":   true,
		"2026-01-15T09:00:00+1:00": false,
	} {
		if _, err := ParseDateTime(s); (err == nil) != want {
			t.Errorf("datetime %s: %v", s, err)
		}
	}
	for s, want := range map[string]bool{
		"PT5M": true, "P1Y2M3DT4H5M6.7S": true, "P": false, "PT": false, "5m": false, "P1.5D": false,
		"PT5M1H": false,
	} {
		if _, err := ParseDuration(s); (err == nil) != want {
			t.Errorf("duration %s: %v", s, err)
		}
	}
	a, _ := ParseDateTime("2026-01-15T09:00:00+01:00")
	b, _ := ParseDateTime("2026-01-15T08:00:00Z")
	if !Equal(a, b) {
		t.Error("the same moment with two offsets is not equal")
	}
}
