package connectors_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

const protocollo = `interface: protocollo
version: 1
operations:
  protocolla:
    effect: once
    input: { type: object, required: [oggetto], properties: { oggetto: { type: string }, allegati: { type: array, items: { type: string } } } }
    output: { type: object, required: [numero, anno], properties: { numero: { type: integer }, anno: { type: integer } } }
`

const vendor = `connector: venditore
version: 1.0.0
implements: [protocollo@1]
params: { endpoint: { type: string, format: uri }, ufficio: { type: string, default: URP } }
rest: { endpoint: "${param.endpoint}" }
operations:
  registra:
    post: /registra
    body: { type: object, required: [testo, ufficio, quanti], properties: { testo: { type: string }, ufficio: { type: string }, quanti: { type: integer } } }
    answer: { type: object, required: [esito], properties: { esito: { type: string }, segnatura: { type: string }, altro: { type: string } } }
    fails:
      - when: answer.esito != "OK"
        as: refused
  protocolla:
    of: registra
    with: { testo: "${input.oggetto}", ufficio: "${param.ufficio}", quanti: "${len(input.allegati ?? [])}" }
    gives: { numero: "${int(split(answer.segnatura ?? \"\", \"/\")[1] ?? \"0\")}", anno: "${int(split(answer.segnatura ?? \"\", \"/\")[0] ?? \"0\")}" }
`

func loadVendor(text string) (*connectors.Connector, string) {
	var out diag.List
	c := connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}, "interfaces/protocollo.yaml": {Data: []byte(protocollo)}}, "c",
		all.Protocols, transform.Constants{}, &out, diag.Pos{})
	return c, problems(&out)
}

// TestAdapted: an operation of an interface is another one of the vendor's, translated there and back.
func TestAdapted(t *testing.T) {
	c, wrong := loadVendor(vendor)
	if wrong != "" {
		t.Fatal(wrong)
	}
	op := c.Operation("protocolla")
	if op.Effect != connectors.Once || op.Input.String() != "{oggetto: text, allegati?: list of text}" ||
		op.Output.String() != "{numero: integer, anno: integer}" {
		t.Fatalf("got %s %s %s", op.Effect, op.Input, op.Output)
	}
	var sent string
	answer := `{"esito":"OK","segnatura":"2026/77","altro":"x"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		sent = string(data)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	sys := &connectors.System{Name: "protocollo", Connector: c, Params: map[string]config.Ref{}}
	sys.Override("endpoint", server.URL)
	caller, err := sys.Open(t.Context(), connectors.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	defer caller.Close()
	want := schema.Prune(op.Output, func() *schema.Use { u := &schema.Use{}; u.Field("numero").All(); return u }())
	do, err := caller.Call(op, want)
	if err != nil {
		t.Fatal(err)
	}
	in := schema.RecordOf(op.Input, schema.Text("Richiesta"), schema.List([]schema.Value{schema.Text("a"), schema.Text("b")}))
	got, err := do(context.Background(), in)
	if text := string(codec.AppendJSON(nil, got)); err != nil || text != `{"numero":77}` ||
		sent != `{"testo":"Richiesta","ufficio":"URP","quanti":2}` {
		t.Errorf("sent %s, got %s, %v", sent, text, err)
	}
	answer = `{"esito":"KO"}`
	if _, err = do(context.Background(), in); err == nil || err.Error() != "protocollo.registra: refused" {
		t.Errorf("got %v", err)
	}
}

// An operation that another one does has the type of what it returns also where no interface says it.
func TestAdaptedWithoutInterface(t *testing.T) {
	c, wrong := loadVendor(strings.Replace(strings.Replace(vendor, "implements: [protocollo@1]\n", "", 1), "    of: registra\n",
		"    of: registra\n    input: { type: object, required: [oggetto], properties: { oggetto: { type: string }, allegati: { type: array, "+
			"items: { type: string } } } }\n", 1))
	if op := c.Operation("protocolla"); wrong != "" || op.Output.String() != "{numero: integer, anno: integer}" {
		t.Errorf("got %s %s", op.Output, wrong)
	}
}

// TestInterfaceProblems are the ways in which a connector is not what its interface says.
func TestInterfaceProblems(t *testing.T) {
	for _, x := range []struct{ was, is, want string }{
		{"  protocolla:\n", "  protocolli:\n", `c/connector.yaml:3:14: E303 the connector has no operation "protocolla", which the interface protocollo has = did you mean "protocolli"?`},
		{"protocollo@1", "protocollo@2", "c/connector.yaml:3:14: E303 the project has version 1 of the interface protocollo"},
		{"protocollo@1", "protocolli@1", "c/connector.yaml:3:14: E003 the file interfaces/protocolli.yaml is not there = did you mean " +
			"interfaces/protocollo.yaml?"},
		{"of: registra", "of: registro", `c/connector.yaml:15:9: E302 found "registro", expected an operation of this connector that the system itself has = did you mean "registra"?`},
		{"input.oggetto", "input.ogetto", `c/connector.yaml:16:29: E203 input has no field "ogetto" = did you mean "oggetto"?`},
		{"anno: \"${int(", "anni: \"${int(", `c/connector.yaml:17:14: E407 protocolla: field "anno" is missing = it is integer`},
		{"testo: \"${input.oggetto}\", ", "", `c/connector.yaml:16:13: E407 registra: field "testo" is missing = it is text`},
	} {
		_, got := loadVendor(strings.Replace(vendor, x.was, x.is, 1))
		if first, _, _ := strings.Cut(got, "\n"); first != x.want {
			t.Errorf("%s\n got  %s\n want %s", x.is, first, x.want)
		}
	}
	own := strings.Replace(strings.Replace(vendor[:strings.Index(vendor, "  protocolla:")], "  registra:", "  protocolla:", 1),
		"testo: { type: string }, ", "", 1)
	_, got := loadVendor(own)
	if !strings.Contains(got, `the input of protocolla is not as the interface says: /oggetto: unknown field "oggetto" = write an operation with of:, with: and gives: that translates it`) {
		t.Errorf("got %s", got)
	}
}
