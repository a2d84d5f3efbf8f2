package rest

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

var registry = connectors.Registry{Protocol}

// system loads a connector, simulates it on loopback and opens it.
func system(t *testing.T, fsys fs.FS, dir string) (*connectors.System, connectors.Caller) {
	t.Helper()
	var out diag.List
	c := connectors.Load(fsys, dir, registry, transform.Constants{}, &out, diag.Pos{})
	if c == nil || out.Failed() {
		t.Fatalf("%s: %v", dir, out.Sorted())
	}
	s := &connectors.System{Name: c.Name, Connector: c, Params: map[string]config.Ref{}}
	for _, p := range c.Params {
		if p.Secret {
			s.Override(p.Name, "segreto")
		}
	}
	s.Override("endpoint", "http://127.0.0.1:1")
	handler, err := played(c, simulate.New(s, simulate.LoadSamples(c, &out)))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range out.Sorted() {
		if p.Warning {
			continue
		}
		t.Errorf("%s: %s: %s", dir, p.Pos, p.Message)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s.Override("endpoint", server.URL)
	caller, err := Protocol.Open(context.Background(), s, connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = caller.Close() })
	return s, caller
}

// opened opens a system of a connector without samples at an address.
func opened(t testing.TB, text, address string) (*connectors.System, connectors.Caller) {
	t.Helper()
	var out diag.List
	c := connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}}, "c", registry, transform.Constants{}, &out, diag.Pos{})
	if c == nil || out.Failed() {
		t.Fatalf("%v", out.Sorted())
	}
	s := &connectors.System{Name: c.Name, Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", address)
	caller, err := Protocol.Open(context.Background(), s, connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = caller.Close() })
	return s, caller
}

// call sends an input written as JSON and returns the answer as JSON, or the fault.
func call(t *testing.T, s *connectors.System, caller connectors.Caller, name, input string) string {
	t.Helper()
	op := s.Connector.Operation(name)
	if op == nil {
		t.Fatalf("no operation %s", name)
	}
	in, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(input))
	if err != nil {
		t.Fatalf("%s: input: %v", name, err)
	}
	do, err := caller.Call(op, op.Output)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	v, err := do(ctx, in)
	if f := connectors.AsFault(err); f != nil {
		return fmt.Sprintf("%s %d %s %q", f.Kind, f.Status, f.Path, f.Detail)
	}
	return string(codec.AppendJSON(nil, v))
}

// TestExampleCity calls every REST system of the example city.
func TestExampleCity(t *testing.T) {
	city := os.DirFS("../../examples/dime")
	for _, c := range []struct{ system, operation, in, want string }{
		{"centro-maree", "previsioni", `{}`, `"TIPO_ESTREMALE":"min","VALORE":"-10"`},
		{
			"agenda", "disponibilita", `{"idSottocategoria":1,"idSede":7,"origin":"FE","inizio":"2026-01-15","fine":"2026-06-14"}`,
			`"slotResidui":2`,
		},
		{
			"agenda", "disponibilita", `{"idSottocategoria":1,"idSede":99,"origin":"FE","inizio":"2026-01-15","fine":"2026-06-14"}`,
			`refused 200  "Sede inesistente"`,
		},
		{"agenda", "prenota", `{"idSottocategoria":1,"idSede":7,"origin":"FE","giorno":"2026-01-20","orarioInizio":"09:30:00","codiceFiscale":"RSSMRA80A01L736U"}`, `conflict 200  "L'orario scelto non è più libero."`},
		{"veritas", "utenze", `{"codice_fiscale":"RSSMRA80A01L736U"}`, `"codice":"4400123456"`},
		{"veritas", "invia-lettura", `{"utenza":"4400123456","metri_cubi":431,"data":"2026-01-15"}`, `"consumo":18.5`},
		{"veritas", "invia-lettura", `{"utenza":"0000000000","metri_cubi":431,"data":"2026-01-15"}`, `not-found 404`},
		{"veritas", "bollette", `{"utenza":"4400123456","dal":"2025-01-01"}`, `"importo":86.40`},
		{"pagopa-gpd", "leggi", `{"organizationfiscalcode":"00339370272","iupd":"X"}`, `"amount":15050`},
		{"pagopa-gpd", "leggi", `{"organizationfiscalcode":"00339370272","iupd":"SCONOSCIUTA"}`, `not-found 404`},
		{"pagopa-checkout", "carrello", `{"paymentNotices":[{"noticeNumber":"302012387654312384","fiscalCode":"77777777777","amount":1000,"companyName":"Comune","description":"x"}],"returnUrls":{"returnOkUrl":"https://x.example","returnCancelUrl":"https://x.example","returnErrorUrl":"https://x.example"}}`, `{"location":"https://checkout.pagopa.example/c/`},
		{"appio", "profilo", `{"fiscal_code":"BNCLRA85M41L736Z"}`, `not-found 404`},
		{"appio", "profilo", `{"fiscal_code":"RSSMRA80A01L736U"}`, `{"sender_allowed":true`},
	} {
		s, caller := system(t, city, "connectors/"+c.system)
		if got := call(t, s, caller, c.operation, c.in); !strings.Contains(got, c.want) {
			t.Errorf("%s.%s %s\nfound    %s\nexpected %s", c.system, c.operation, c.in, got, c.want)
		}
	}
}

const connector = `connector: prova
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  leggi:
    get: /cose/{id}/parti
    effect: read
    query: { q: { type: string }, n: { type: array, items: { type: integer } } }
    answer:
      type: object
      required: [importo]
      properties: { importo: { type: number }, nota: { type: string, nullable: true }, vuota: { type: string } }
samples: samples/
`

func project(sample string) fs.FS {
	return fstest.MapFS{"c/connector.yaml": {Data: []byte(connector)}, "c/samples/leggi.yaml": {Data: []byte(sample)}}
}

// TestAnswers distinguishes what systems do wrong.
func TestAnswers(t *testing.T) {
	for _, c := range []struct{ name, sample, want string }{
		{"exact", `- answer: { importo: 9007199254740993.01, nota: null, vuota: "" }`, `{"importo":9007199254740993.01,"nota":null,"vuota":""}`},
		{"absent", `- answer: { importo: 1 }`, `{"importo":1}`},
		{"not its schema", "- raw: '{\"importo\": \"dieci\"}'\n  headers: { Content-Type: application/json }", `invalid 200 /importo ""`},
		{"missing", "- raw: '{}'\n  headers: { Content-Type: application/json }", `invalid 200 /importo ""`},
		{"a page", "- raw: <html>errore</html>\n  headers: { Content-Type: text/html }", `invalid 200  ""`},
		{"no JSON", "- raw: '{\"importo\": 1'\n  headers: { Content-Type: application/json }", `invalid 200  ""`},
		{"down", "- status: 503\n  headers: { Retry-After: '7' }\n  answer: {}", `unavailable 503  ""`},
		{"not us", "- status: 401", `unavailable 401  ""`},
		{"no", "- status: 422", `refused 422  ""`},
		{"moved", "- status: 302\n  headers: { Location: 'http://127.0.0.1:1/' }", `invalid 302  ""`},
	} {
		s, caller := system(t, project(c.sample), "c")
		if got := call(t, s, caller, "leggi", `{"id":"a"}`); got != c.want {
			t.Errorf("%s: found %s, expected %s", c.name, got, c.want)
		}
	}
}

// TestTargets: a value never adds a segment, a parameter or a host.
func TestTargets(t *testing.T) {
	var out diag.List
	c := connectors.Load(project("- answer: { importo: 1 }"), "c", registry, transform.Constants{}, &out, diag.Pos{})
	operation := c.Operations[0]
	for in, want := range map[string]string{
		`{"id":"a/../b"}`:                     "/cose/a%2F..%2Fb/parti",
		`{"id":"?x=1#y"}`:                     "/cose/%3Fx%3D1%23y/parti",
		`{"id":"è","q":"a&b=c d"}`:            "/cose/%C3%A8/parti?q=a%26b%3Dc%20d",
		`{"id":"1","n":[1,2]}`:                "/cose/1/parti?n=1&n=2",
		`{"id":".."}`:                         "a value of the path is empty or a dot segment",
		`{"id":""}`:                           "a value of the path is empty or a dot segment",
		`{"id":"@evil.example","q":"%2e%2e"}`: "/cose/%40evil.example/parti?q=%252e%252e",
	} {
		v, err := codec.CompileJSON(operation.Input, codec.JSONOptions{}).Decode([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		got, err := operation.Wire.(*op).target(nil, v, maxTarget)
		if err != nil {
			got = []byte(err.Error())
		}
		if string(got) != want {
			t.Errorf("%s: %s, expected %s", in, got, want)
		}
	}
}

func TestPruned(t *testing.T) {
	s, caller := system(t, project(`- answer: { importo: 1, nota: x }`), "c")
	operation := s.Connector.Operations[0]
	var use schema.Use
	use.Field("nota").All()
	want := schema.Prune(operation.Output, &use)
	do, err := caller.Call(operation, want)
	if err != nil {
		t.Fatal(err)
	}
	in, err := codec.CompileJSON(operation.Input, codec.JSONOptions{}).Decode([]byte(`{"id":"a"}`))
	if err != nil {
		t.Fatal(err)
	}
	v, err := do(context.Background(), in)
	if err != nil || string(codec.AppendJSON(nil, v)) != `{"nota":"x"}` {
		t.Errorf("%s %v", codec.AppendJSON(nil, v), err)
	}
}
