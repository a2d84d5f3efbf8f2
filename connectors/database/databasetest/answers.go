package databasetest

import (
	"strings"
	"testing"

	"fondaco/connectors"
)

// values: what is written comes back as it was, exact and to the last sign.
func (s *suite) values(t *testing.T) {
	for _, c := range []struct{ codice, rest, want string }{
		{"v1", `"importo":1234567.80`, `"importo":1234567.80,"nota":null,"giorno":null,"quando":null,"attivo":null,"pezzi":null,"dati":null`},
		{
			"v2", `"importo":-0.01,"nota":"","attivo":true,"pezzi":9007199254740993`,
			`"importo":-0.01,"nota":"","giorno":null,"quando":null,"attivo":true,"pezzi":9007199254740993,"dati":null`,
		},
		{
			"v3", `"importo":1.00,"nota":"l'è \"così\" \\ ; -- :x 😀\n","attivo":false,"pezzi":-1`,
			`"importo":1.00,"nota":"l'è \"così\" \\ ; -- :x 😀\n","giorno":null,"quando":null,"attivo":false,"pezzi":-1,"dati":null`,
		},
		{
			"v4", `"importo":1.00,"giorno":"2024-02-29","quando":"2026-01-15T10:00:00.12+01:00"`,
			`"importo":1.00,"nota":null,"giorno":"2024-02-29","quando":"2026-01-15T09:00:00.12Z","attivo":null,"pezzi":null,"dati":null`,
		},
		{"v5", `"importo":1.00,"dati":"AP8nXFwA"`, `"importo":1.00,"nota":null,"giorno":null,"quando":null,"attivo":null,"pezzi":null,"dati":"AP8nXFwA"`},
	} {
		s.expect(t, "scrivi", `{"codice":"`+c.codice+`",`+c.rest+`}`, `{"affected":1}`)
		got, f := call(t.Context(), t, s, s.caller, "leggi", `{"codice":"`+c.codice+`"}`)
		want := `{"codice":"` + c.codice + `",` + c.want + `}`
		got = strings.NewReplacer(`.120000Z"`, `.12Z"`, "T10:00:00.12+01:00", "T09:00:00.12Z").Replace(got) // the same moment
		if f != nil || got != want {
			t.Errorf("found    %s %v\nexpected %s", got, f, want)
		}
	}
}

// injection: a value is a value.
func (s *suite) injection(t *testing.T) {
	for _, evil := range []string{`x' or '1'='1`, `' or 1=1 -- `, `\\' or 1=1 -- `, `x'; drop table cose; --`, `:codice`, `$1`, `?`} {
		s.fails(t, "leggi", `{"codice":"`+evil+`"}`, connectors.NotFound, "")
	}
	s.expect(t, "una", `{"come":"bloccata"}`, `{"codice":"bloccata"}`)
}

// results: one, several, none, too many, changed, returned.
func (s *suite) results(t *testing.T) {
	for _, codice := range []string{"r1", "r2", "r3"} {
		s.expect(t, "aggiungi", `{"codice":"`+codice+`"}`, `{"codice":"`+codice+`","importo":0.10}`)
	}
	s.expect(t, "elenco", `{"come":"r%"}`, `[{"codice":"r1"},{"codice":"r2"},{"codice":"r3"}]`)
	s.expect(t, "elenco", `{"come":"nessuno"}`, `[]`)
	s.fails(t, "una", `{"come":"r%"}`, connectors.Invalid, "several rows")
	s.expect(t, "aggiorna", `{"codice":"r1","importo":0.10}`, `{"affected":1}`) // as it was: the row counts
	s.expect(t, "aggiorna", `{"codice":"r1","importo":0.11}`, `{"affected":0}`) // decimals are compared as such
	s.expect(t, "aggiungi", `{"codice":"r4"}`, `{"codice":"r4","importo":0.10}`)
	s.fails(t, "elenco", `{"come":"r%"}`, connectors.Invalid, "max_rows")
	s.expect(t, "una", `{"come":"r1"}`, `{"codice":"r1"}`) // the connection is good
}

// constraints: what the database refuses has a kind, names the constraint, and holds no value.
func (s *suite) constraints(t *testing.T) {
	s.expect(t, "scrivi", `{"codice":"`+canary+`","importo":1.00}`, `{"affected":1}`)
	if f := s.fault(t, "scrivi", `{"codice":"`+canary+`","importo":1.00}`, connectors.Conflict, ""); f.Detail != "La cosa c'è già" {
		t.Errorf("the rule was not asked: %+v", f)
	}
	s.expect(t, "figlia", `{"cosa":"`+canary+`","etichetta":"e1"}`, `{"affected":1}`)
	s.fails(t, "figlia", `{"cosa":"`+canary+`","etichetta":"e1"}`, connectors.Conflict, "etichetta")
	s.fails(t, "figlia", `{"cosa":"nessuna `+canary+`","etichetta":"e2"}`, connectors.Conflict, "foreign key")
	s.fails(t, "figlia", `{"cosa":"`+canary+`","etichetta":null}`, connectors.Refused, "null")
	s.fails(t, "scrivi", `{"codice":"`+canary+`2","importo":1000000000}`, connectors.Refused, "check")
	if s.server.Host != "" { // SQLite bounds no text
		s.fails(t, "figlia", `{"cosa":"`+canary+`","etichetta":"`+canary+`"}`, connectors.Refused, "does not fit its column")
	}
}

// unfit: what the database has is not what the connector says.
func (s *suite) unfit(t *testing.T) {
	s.expect(t, "scrivi", `{"codice":"u1","importo":1,"nota":"`+canary+`"}`, `{"affected":1}`)
	s.fails(t, "sbagliata", `{"codice":"u1"}`, connectors.Invalid, "colonna_che_manca")
	s.fails(t, "mancante", `{"codice":"u1"}`, connectors.Invalid, "column nome")
	if f := s.fault(t, "altro_tipo", `{"codice":"u1"}`, connectors.Invalid, "expected"); f.Path != "/nota" {
		t.Errorf("the fault is at %q", f.Path)
	}
	s.expect(t, "scrivi", `{"codice":"u2","importo":1,"nota":"`+strings.Repeat("x", 70<<10)+`"}`, `{"affected":1}`)
	s.fails(t, "grande", `{"codice":"u2"}`, connectors.Invalid, "max_answer")
	s.fails(t, "altro_tipo", `{"codice":"bloccata"}`, connectors.Invalid, "null")
}

// reads: an operation that reads changes nothing, whatever its statement is.
func (s *suite) reads(t *testing.T) {
	s.fails(t, "furba", `{"codice":"furba"}`, connectors.Unavailable, "not allow")
	s.fails(t, "leggi", `{"codice":"furba"}`, connectors.NotFound, "")
}
