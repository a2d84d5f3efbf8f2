package funcs

import (
	"strings"

	"fondaco/schema"
)

func validity(name, doc, example, result string, valid func(string) bool) *Function {
	return &Function{
		Name: name, Group: "persons", Doc: doc, Example: example, Result: result, Params: []Param{hides(nilly(text("s")))}, Gives: schema.TypeBool,
		Run: func(_ World, a []schema.Value) (schema.Value, error) { return schema.Bool(valid(a[0].Str())), nil },
	}
}

var persons = []*Function{
	validity("fiscalCodeValid", "Whether a text is a codice fiscale with the right control character.", `fiscalCodeValid("RSSMRA80A01L736U")`, `true`, schema.FiscalCode),
	validity("vatNumberValid", "Whether a text is a partita IVA with the right control digit.", `vatNumberValid("00339370272")`, `true`, schema.VATNumber),
	validity("ibanValid", "Whether a text is an IBAN with the right check digits.", `ibanValid("IT60X0542811101000000123456")`, `true`, schema.IBAN),
	{
		Name: "fiscalCodeSex", Group: "persons", Doc: "The sex that a codice fiscale of a person tells, or nil.", Example: `fiscalCodeSex("RSSMRA80A01L736U")`, Result: `"M"`, Params: []Param{text("s")},
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
		Name: "fiscalCodeBirthplace", Group: "persons", Doc: "The code of the town of birth (Belfiore) in a codice fiscale of a person, or nil.", Example: `fiscalCodeBirthplace("RSSMRA80A01L736U")`, Result: `"L736"`, Params: []Param{text("s")}, Gives: schema.TypeText.OrNull(),
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			s := a[0].Str()
			if len(s) != 16 || !schema.FiscalCode(s) {
				return schema.Null, nil
			}
			return schema.Text(s[11:12] + plainDigits(s[12:15])), nil
		},
	},
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
