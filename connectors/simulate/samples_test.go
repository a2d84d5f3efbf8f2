package simulate_test

import (
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/connectors/simulate"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// samples reads the samples of the good connector.
func samples(t *testing.T, files map[string]string) (*connectors.Connector, map[string][]*simulate.Case, string) {
	t.Helper()
	fsys := fstest.MapFS{"c/connector.yaml": {Data: []byte(good + "samples: esempi/\n")}}
	for name, text := range files {
		fsys["c/esempi/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	var out diag.List
	c := connectors.Load(fsys, "c", all.Protocols, transform.Constants{}, &out, diag.Pos{})
	cases := simulate.LoadSamples(c, &out)
	return c, cases, problems(&out)
}

// TestSamples: the first case whose condition fits, and what it answers.
func TestSamples(t *testing.T) {
	c, cases, wrong := samples(t, map[string]string{"leggi.yaml": `
- when: { id: "1" }
  answer: { esito: { codice: "0" }, persone: [{ codiceFiscale: RSSMRA80A01L736U }] }
- when: { id: "2" }
  status: 503
  headers: { Retry-After: "7" }
  delay: 10ms
- answer: { esito: { codice: "9" } }
`})
	if wrong != "" {
		t.Fatal(wrong)
	}
	s := simulate.New(nil, cases)
	op := c.Operation("leggi")
	for id, want := range map[string]string{
		"1": `{"esito":{"codice":"0"},"persone":[{"codiceFiscale":"RSSMRA80A01L736U"}]}`, "2": "", "3": `{"esito":{"codice":"9"}}`,
	} {
		found := s.Find("leggi", schema.RecordOf(op.Input, schema.Text(id)))
		got := ""
		if !found.Answer.IsAbsent() {
			got = string(codec.AppendJSON(nil, found.Answer))
		} else if found.Status != 503 || found.Delay == 0 || found.Headers[0] != [2]string{"Retry-After", "7"} {
			t.Errorf("%+v", found)
		}
		if got != want {
			t.Errorf("%s: found %s, expected %s", id, got, want)
		}
	}
	if s.Find("scrivi", schema.Null) != nil {
		t.Error("found a case of an operation that has none")
	}
}

func TestSamplesProblems(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"legi.yaml", "answer: {}", "c/esempi/legi.yaml: E303 the connector has no operation \"legi\" = did you mean \"leggi\"?\n"},
		{"leggi.yaml", "- anwer: {}", "c/esempi/leggi.yaml:1:3: E101 unknown key \"anwer\" = did you mean \"answer\"?\n"},
		{"leggi.yaml", "- status: 99", "c/esempi/leggi.yaml:1:11: E104 status: found 99, expected 100 to 599\n"},
		{"leggi.yaml", "- delay: 5", "c/esempi/leggi.yaml:1:10: E104 delay: found 5 without a unit, expected a duration as 5s or 1m30s\n"},
		{"leggi.yaml", "- answer: { esito: {} }", "c/esempi/leggi.yaml:1:11: E407 the sample of leggi does not fit its schema: /esito/codice: " +
			"expected text, found nothing\n"},
	} {
		if _, _, got := samples(t, map[string]string{c.file: c.text}); got != c.want {
			t.Errorf("%s\nfound    %s\nexpected %s", c.text, got, c.want)
		}
	}
}

// TestPlain: YAML without a type keeps what it says.
func TestPlain(t *testing.T) {
	var out diag.List
	n := config.Parse("x.yaml", []byte(`{ a: 1, b: 9007199254740993.10, c: "1", d: null, e: true, f: [x, 2026-01-31], g: {} }`), &out)
	if got, want := string(codec.AppendJSON(nil, simulate.Plain(n))),
		`{"a":1,"b":9007199254740993.10,"c":"1","d":null,"e":true,"f":["x","2026-01-31"],"g":{}}`; got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	if !simulate.Plain(nil).IsAbsent() {
		t.Error("nothing is something")
	}
}
