package funcs

import (
	"strconv"
	"strings"
	"time"

	"fondaco/schema"
)

func validity(name, doc, example, result string, valid func(string) bool) *Function {
	return &Function{
		Name: name, Group: "persons", Doc: doc, Example: example, Result: result, Params: []Param{hides(nilly(text("s")))},
		Gives: schema.TypeBool,
		Run:   func(_ World, a []schema.Value) (schema.Value, error) { return schema.Bool(valid(a[0].Str())), nil },
	}
}

var persons = []*Function{
	validity("fiscalCodeValid", "Whether a text is a codice fiscale with the right control character.", `fiscalCodeValid("RSSMRA80A01L736U")`,
		`true`, schema.FiscalCode),
	validity("vatNumberValid", "Whether a text is a partita IVA with the right control digit.", `vatNumberValid("00339370272")`, `true`,
		schema.VATNumber),
	validity("ibanValid", "Whether a text is an IBAN with the right check digits.", `ibanValid("IT60X0542811101000000123456")`, `true`,
		schema.IBAN),
	{
		Refuses: true,
		Name:    "fiscalCodeSex", Group: "persons", Doc: "The sex in a codice fiscale of a person, or nil.",
		Example: `fiscalCodeSex("RSSMRA80A01L736U")`, Result: `"M"`, Params: []Param{text("s")},
		Gives: (&schema.Type{Kind: schema.KindText, Enum: []schema.Value{schema.Text("F"), schema.Text("M")}}).OrNull(),
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			s := a[0].Str()
			if len(s) != 16 || !schema.FiscalCode(s) {
				return schema.Null, nil
			}
			if plainDigits(s[9:11]) > "40" {
				return schema.Text("F"), nil
			}
			return schema.Text("M"), nil
		},
	},
	{
		Refuses: true,
		Name:    "fiscalCodeBirthdate", Group: "persons",
		Doc: "The day of birth in a codice fiscale of a person, or nil. The century is " +
			"not written in it: it is the last in which the day has been, so that who is over a hundred is taken for a child.",
		Example: `fiscalCodeBirthdate("RSSMRA80A01L736U")`, Result: `"1980-01-01"`, Params: []Param{text("s")}, Gives: schema.TypeDate.OrNull(),
		Run: func(w World, a []schema.Value) (schema.Value, error) {
			s := a[0].Str()
			if len(s) != 16 || !schema.FiscalCode(s) {
				return schema.Null, nil
			}
			return birthdate(s, w.Now()), nil
		},
	},
	{
		Refuses: true,
		Name:    "fiscalCodeBirthplace", Group: "persons",
		Doc:     "The code of the town of birth (Belfiore) in a codice fiscale of a person, or nil.",
		Example: `fiscalCodeBirthplace("RSSMRA80A01L736U")`, Result: `"L736"`, Params: []Param{text("s")}, Gives: schema.TypeText.OrNull(),
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			s := a[0].Str()
			if len(s) != 16 || !schema.FiscalCode(s) {
				return schema.Null, nil
			}
			return schema.Text(s[11:12] + plainDigits(s[12:15])), nil
		},
	},
}

// birthdate reads the day of birth of a valid code; nil if there is no such day in the last hundred years.
func birthdate(code string, today time.Time) schema.Value {
	year, _ := strconv.Atoi(plainDigits(code[6:8]))
	day, _ := strconv.Atoi(plainDigits(code[9:11]))
	if day > 40 {
		day -= 40
	}
	month := time.Month(strings.IndexByte("ABCDEHLMPRST", code[8]) + 1)
	century := today.Year() / 100 * 100
	for _, year := range []int{century + year, century - 100 + year} {
		if born := time.Date(year, month, day, 0, 0, 0, 0, time.UTC); born.Day() == day && !born.After(today) {
			return schema.DateOf(born)
		}
	}
	return schema.Null
}

// plainDigits turns the letters that omocodia puts in place of digits back.
func plainDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if i := strings.IndexRune("LMNPQRSTUV", r); i >= 0 {
			return rune('0' + i)
		}
		return r
	}, s)
}
