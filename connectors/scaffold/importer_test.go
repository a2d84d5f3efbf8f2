package scaffold

import (
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/schema"
)

// TestGuesses: what names tell of effects and of personal data; in doubt once, which is safe.
func TestGuesses(t *testing.T) {
	for name, want := range map[string]connectors.Effect{
		"getVerbale": connectors.Read, "GetVerbale": connectors.Read, "GETVerbali": connectors.Read, "elencoVerbali": connectors.Read,
		"elencoverbali": connectors.Read, "cercaPratiche": connectors.Read,
		"ricercaSoggetto": connectors.Read, "leggiPratica": connectors.Read, "WS_interrogaPosizione": connectors.Read,
		"visualizzaAtto": connectors.Read, "consultaStato": connectors.Read,
		"InserisciProtocollo": connectors.Once, "inserimento": connectors.Once, "Login": connectors.Once, "paga": connectors.Once,
		"getAndUpdate": connectors.Once, "verificaCreaFascicolo": connectors.Once,
		"settings": connectors.Once, "getaway": connectors.Once, "isbn": connectors.Once, "listino": connectors.Once, "": connectors.Once,
		"richiediCertificato": connectors.Once,
	} {
		if got := GuessEffect(name); got != want {
			t.Errorf("%q: found %s, expected %s", name, got, want)
		}
	}
	text := func(names ...string) *schema.Type {
		var fields []schema.Field
		for _, n := range names {
			fields = append(fields, schema.Field{Name: n, Type: schema.TypeText})
		}
		return schema.RecordType(fields...)
	}
	for _, c := range []struct {
		in, out []string
		want    string
	}{
		{[]string{"codiceFiscale", "anno"}, []string{"nome", "cognome", "stato"}, "codiceFiscale nome cognome"},
		{[]string{"CODICE_FISCALE"}, []string{"nome", "descrizione"}, "CODICE_FISCALE"}, // the name of a thing
		{
			[]string{"cfDichiarante", "codiceFiscaleDelegato"},
			[]string{"eMail", "dataNascita"},
			"cfDichiarante codiceFiscaleDelegato eMail dataNascita",
		},
	} {
		got := strings.Join(GuessPersonal(&connectors.Operation{Input: text(c.in...), Output: schema.ListOf(text(c.out...))}), " ")
		if got != c.want {
			t.Errorf("found %q, expected %q", got, c.want)
		}
	}
}

// TestGuessFailure: the field that indicates a failure, as an expression of the language.
func TestGuessFailure(t *testing.T) {
	failure := schema.RecordType(schema.Field{Name: "codice", Type: schema.TypeText})
	answer := func(required bool, name string) *schema.Type {
		return schema.RecordType(schema.Field{
			Name: "return", Required: required,
			Type: schema.RecordType(schema.Field{Name: "esito", Type: schema.TypeBool, Required: true}, schema.Field{Name: name, Type: failure}),
		})
	}
	for want, typ := range map[string]*schema.Type{
		"answer.return?.errore != nil":         answer(false, "errore"),
		"answer.return.messaggioErrore != nil": answer(true, "messaggioErrore"),
		"":                                     answer(true, "terrore"),
	} {
		if got := GuessFailure(typ); got != want {
			t.Errorf("found %q, expected %q", got, want)
		}
	}
}

// TestImportedYAML: whatever a value or a title holds, the files of an import are YAML that says the same.
func TestImportedYAML(t *testing.T) {
	typ := schema.RecordType(
		schema.Field{Name: "no", Type: schema.TypeText}, schema.Field{Name: "a b", Type: schema.TypeText},
		schema.Field{Name: "n", Type: schema.TypeDecimal},
		schema.Field{Name: "vuoto", Type: schema.ListOf(schema.TypeText)},
		schema.Field{Name: "righe", Type: schema.ListOf(schema.ListOf(schema.TypeInt))}, schema.Field{Name: "assente", Type: schema.TypeText})
	v := schema.RecordOf(typ, schema.Text("x: #\n\"y\""), schema.Text("- true"), schema.DecimalText("87.00"), schema.List(nil),
		schema.List([]schema.Value{schema.List([]schema.Value{schema.Int(1), schema.Int(2)})}), schema.Value{})
	op := &Operation{Operation: connectors.Operation{Name: "leggi", Title: "Legge: #1\n\"tutto\"", Input: typ, Output: typ}, Sample: v}
	x := &Import{
		Protocol: "soap", Title: "Anagrafe: #1", Params: []Param{{Name: "endpoint", Comment: "in the WSDL: http://x\ny: z"}},
		Operations: []*Operation{op},
	}
	files := x.Files("prova")
	want := "- answer:\n    \"no\": \"x: #\\n\\\"y\\\"\"\n    \"a b\": \"- true\"\n    \"n\": 87.00\n    vuoto: []\n    righe:\n      - - " +
		"1\n        - 2\n"
	if got := string(files["samples/leggi.yaml"]); !strings.HasSuffix(got, want) {
		t.Errorf("found\n%s\nexpected\n%s", got, want)
	}
	connector := string(files[connectors.File])
	for _, line := range []string{
		"title: \"Anagrafe: #1\"\n", "    title: \"Legge: #1 \\\"tutto\\\"\"\n", "# in the WSDL: http://x y: z\n",
		"    effect: once # review: guessed from the name\n",
	} {
		if !strings.Contains(connector, line) {
			t.Errorf("expected %q in\n%s", line, connector)
		}
	}
}
