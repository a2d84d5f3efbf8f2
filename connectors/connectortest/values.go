package connectortest

import (
	"context"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// types: what is known of the operations without asking the system.
func (s *Suite) types(t *testing.T) {
	for _, c := range []struct {
		operation     string
		effect        connectors.Effect
		input, output string
	}{
		{"leggi", connectors.Read, "codice! text", "codice! text, importo! decimal, nota text?, quando datetime, voci! list, intestatario " +
			"text personal"},
		{"scrivi", connectors.Once, "codice! text, importo! decimal, nota text?", s.wire.confirms() + "! text"},
	} {
		op := s.connector.Operation(c.operation)
		if op == nil {
			t.Fatalf("no operation %s", c.operation)
		}
		if op.Effect != c.effect || fields(op.Input) != c.input || fields(op.Output) != c.output {
			t.Errorf("%s: found %s, %s and %s,\nexpected %s, %s and %s", c.operation, op.Effect, fields(op.Input), fields(op.Output), c.effect,
				c.input, c.output)
		}
	}
}

// fields writes a record's fields; ! is required, ? nullable.
func fields(t *schema.Type) (text string) {
	for i, f := range t.Fields {
		if i > 0 {
			text += ", "
		}
		text += f.Name
		if f.Required {
			text += "!"
		}
		text += " " + f.Type.Kind.String()
		if f.Type.Nullable {
			text += "?"
		}
		if f.Type.Personal {
			text += " personal"
		}
	}
	return text
}

// values: what a system answers arrives as it is: exact numbers, offsets, what is absent, null and empty.
func (s *Suite) values(t *testing.T) {
	for _, answer := range []string{
		`{"codice":"A","importo":9007199254740993.01,"voci":[]}`,
		`{"codice":"A","importo":-123456789012345678901234567890.1234567890,"voci":[]}`,
		`{"codice":"A","importo":0.10,"voci":[]}`,
		`{"codice":"","importo":1,"nota":null,"voci":[]}`,
		`{"codice":"A","importo":1,"nota":"","voci":[]}`,
		`{"codice":"A","importo":1,"nota":"<b>\"è\" & 'no' ]]></b> 😀","voci":[]}`,
		`{"codice":"A","importo":1,"nota":"riga\n riga\tfine","voci":[]}`,
		`{"codice":"A","importo":1,"quando":"2026-01-15T10:00:00.120+01:00","voci":[]}`,
		`{"codice":"A","importo":1,"quando":"2026-01-15T09:00:00Z","voci":[{"nome":"x"},{"nome":"","prezzo":1.50}],"intestatario":"Rossi"}`,
	} {
		caller := s.behind(t, nil, Sample{Operation: "leggi", Answer: answer})
		got, f := s.Call(context.Background(), t, caller, "leggi", `{"codice":"A"}`)
		if want := s.arriving(t, answer); f != nil || got != want {
			t.Errorf("found    %s %v\nexpected %s", got, f, want)
		}
	}
}

// inputs: what is sent arrives as it is.
func (s *Suite) inputs(t *testing.T) {
	elsewhere := `"a/../b?c=d#e%2F"`
	if s.wire.Names {
		s.names(t, elsewhere)
		elsewhere = `"a b?c=d#e%2F"`
	}
	for _, input := range []string{
		`{"codice":"A","importo":9007199254740993.01}`,
		`{"codice":"A","importo":123456789012345678901234567890.5,"nota":null}`,
		`{"codice":"A","importo":1,"nota":""}`,
		`{"codice":` + elsewhere + `,"importo":-0.01,"nota":"<b>\"è\" & ]]></b> 😀\n "}`,
	} {
		caller := s.behind(t, nil, Sample{Operation: "scrivi", When: input, Answer: s.wire.confirmed("arrivato")},
			Sample{Operation: "scrivi", Answer: s.wire.confirmed("cambiato")})
		got, f := s.Call(context.Background(), t, caller, "scrivi", input)
		if f != nil || got != s.wire.confirmed("arrivato") {
			t.Errorf("%s: %s %v", input, got, f)
		}
	}
	// A value of an address is a value.
	caller := s.behind(t, nil, Sample{
		Operation: "leggi", When: `{"codice":` + elsewhere + `}`,
		Answer: `{"codice":"arrivato","importo":1,"voci":[]}`,
	})
	if got, f := s.Call(context.Background(), t, caller, "leggi", `{"codice":`+elsewhere+`}`); f != nil {
		t.Error(got, f)
	}
}

// names: what would lead elsewhere is not sent.
func (s *Suite) names(t *testing.T, elsewhere ...string) {
	caller := s.behind(t, func(operation string, _ schema.Value, _ *simulate.Case) { t.Errorf("%s was sent", operation) },
		Sample{Operation: "leggi", Answer: `{"codice":"A","importo":1,"voci":[]}`}, Sample{Operation: "scrivi", Answer: s.wire.confirmed("A")})
	elsewhere = append(elsewhere, `".."`, `"/etc/passwd"`, `"..\\x"`, `"a\nb"`, `"a\u007fb"`, `"-rf"`, `""`, `"C:x"`,
		`"`+strings.Repeat("è", 128)+`"`)
	for _, codice := range elsewhere {
		for operation, input := range map[string]string{"leggi": `{"codice":` + codice + `}`, "scrivi": `{"codice":` + codice + `,"importo":1}`} {
			if _, f := s.Call(context.Background(), t, caller, operation, input); f == nil || f.Kind != connectors.Invalid || f.Sent {
				t.Errorf("%s of %s: %+v, expected invalid", operation, codice, f)
			}
		}
	}
}

// pruned: only what a route reads is decoded, and what it does not read may be missing or wrong.
func (s *Suite) pruned(t *testing.T) {
	caller := s.behind(t, nil, Sample{Operation: "leggi", Answer: `{"codice":"A","importo":1,"nota":"x","voci":[{"nome":"n","prezzo":2.50}]}`})
	op := s.connector.Operation("leggi")
	var use schema.Use
	use.Field("voci").Elem().Field("prezzo").All()
	use.Field("nota").All()
	do, err := caller.Call(op, schema.Prune(op.Output, &use))
	if err != nil {
		t.Fatal(err)
	}
	v, err := do(context.Background(), s.value(t, op.Input, `{"codice":"A"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(codec.AppendJSON(nil, v)); got != `{"nota":"x","voci":[{"prezzo":2.50}]}` {
		t.Error(got)
	}
}

// rules: an answer that a rule of fails fits is a fault.
func (s *Suite) rules(t *testing.T) {
	caller := s.behind(t, nil, Sample{Operation: "leggi", Answer: `{"codice":"NO","importo":1,"voci":[]}`})
	_, f := s.Call(context.Background(), t, caller, "leggi", `{"codice":"A"}`)
	if f == nil || f.Kind != connectors.Refused || f.Detail != "Il codice NO è respinto" {
		t.Errorf("%v", f)
	}
}
