package soap

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// load reads a connector of the example project; every problem fails the test.
func load(t *testing.T, dir string) *connectors.Connector {
	t.Helper()
	var out diag.List
	c := connectors.Load(os.DirFS("../../examples/dime"), dir, connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	for _, p := range out.Sorted() {
		t.Errorf("%s: %s %s", p.Pos, p.Message, p.Hint)
	}
	if c == nil || t.Failed() {
		t.FailNow()
	}
	return c
}

// system binds a connector to an address.
func system(c *connectors.Connector, address string) *connectors.System {
	var out diag.List
	params := map[string]config.Ref{}
	for name, value := range map[string]string{"endpoint": address, "password": "p<w>&\"d"} {
		if c.Param(name) != nil {
			params[name] = config.ParseRefs(config.Text{Value: value}, nil, &out)
		}
	}
	return &connectors.System{Name: "prova", Connector: c, Params: params}
}

// serve starts the simulator of a connector with its samples, and a client of it.
func serve(t *testing.T, c *connectors.Connector) (connectors.Caller, *connectors.System) {
	t.Helper()
	var out diag.List
	cases := simulate.LoadSamples(c, &out)
	for _, p := range out.Sorted() {
		if !p.Warning {
			t.Errorf("%s: %s", p.Pos, p.Message)
		} else {
			t.Logf("%s: %s", p.Pos, p.Message)
		}
	}
	s := system(c, "http://127.0.0.1:1")
	h, err := played(c, simulate.New(s, cases))
	if err != nil {
		t.Fatal(err)
	}
	return against(t, c, h)
}

// against opens a system whose service is a handler.
func against(t *testing.T, c *connectors.Connector, h http.Handler) (connectors.Caller, *connectors.System) {
	t.Helper()
	server := httptest.NewServer(h)
	s := system(c, server.URL+"/servizio?canale=x")
	caller, err := Protocol.Open(context.Background(), s, connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = caller.Close(); server.Close() })
	return caller, s
}

// input makes a value of an operation's input from JSON.
func input(t *testing.T, op *connectors.Operation, text string) schema.Value {
	t.Helper()
	v, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// said is what a system said of the last fault: call leaves it out of the fault, whose text tests compare.
var said atomic.Pointer[string]

// call calls an operation with an input in JSON, and returns the answer in JSON.
func call(t *testing.T, c *connectors.Connector, caller connectors.Caller, name, in string) (string, error) {
	t.Helper()
	op := c.Operation(name)
	f, err := caller.Call(op, op.Answered())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	v, err := f(ctx, input(t, op, in))
	if f := connectors.AsFault(err); f != nil {
		told := f.Said
		said.Store(&told)
		f.Said = ""
	}
	return string(codec.AppendJSON(nil, v)), err
}

func TestDescribe_types(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	op := c.Operation("dettaglioVerbale")
	v := op.Output.Fields[1].Type
	var got []string
	for _, f := range v.Fields {
		s := f.Name + " " + f.Type.Kind.String()
		if f.Required {
			s += " required"
		}
		if f.Type.Nullable {
			s += " nullable"
		}
		got = append(got, s)
	}
	want := []string{
		"numeroVerbale text required", "dataAccertamento datetime required", "targa text", "articolo text required",
		"importo decimal required", "importoRidotto decimal", "ridottoFinoAl date", "stato text required", "iuv text nullable",
		"luogo text required", "intestatario text required", "puntiDecurtati integer", "numeroAvviso text", "notifica record",
	}
	same(t, got, want)
	n := v.Fields[13].Type
	same(t, []string{n.Fields[0].Name, n.Fields[1].Name}, []string{"value", "mezzo"})
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %q\nwant %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}

func TestCall_poliziaLocale(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	caller, _ := serve(t, c)
	got, err := call(t, c, caller, "elencoVerbali", `{"codiceFiscale":"RSSMRA80A01L736U","dal":"2025-01-01","soloAperti":true}`)
	// The open fine is of twenty days ago, and its reduced amount is good for four days more.
	rome, zone := time.LoadLocation("Europe/Rome")
	if zone != nil {
		t.Fatal(zone)
	}
	y, m, d := time.Now().In(rome).Date()
	on := func(days, hour, minute int) time.Time { return time.Date(y, m, d+days, hour, minute, 0, 0, rome) }
	seen, reduced, served := on(-20, 18, 42).Format(time.RFC3339), on(4, 0, 0).Format(time.DateOnly), on(-1, 0, 0).Format(time.DateOnly)
	want := `{"esito":{"codice":"0"},"verbale":[` +
		`{"numeroVerbale":"V/2025/004512","dataAccertamento":"` + seen +
		`","targa":"AB123CD","articolo":"7 c.1","importo":87.00,"importoRidotto":60.90,"ridottoFinoAl":"` + reduced +
		`","stato":"aperto","iuv":"02000100000009424"},` +
		`{"numeroVerbale":"V/2025/001100","dataAccertamento":"2025-03-02T09:05:00+01:00","targa":"AB123CD","articolo":"142 c.7","importo":42.00,"stato":"pagato"},` +
		`{"numeroVerbale":"V/2024/020981","dataAccertamento":"2024-12-24T23:10:00+01:00","articolo":"158 c.2","importo":87.00,"stato":"ricorso"}]}`
	if err != nil || got != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
	got, err = call(t, c, caller, "dettaglioVerbale", `{"numeroVerbale":"V/2025/004512","codiceFiscale":"RSSMRA80A01L736U"}`)
	detail := `{"esito":{"codice":"0"},"verbale":{"numeroVerbale":"V/2025/004512","dataAccertamento":"` + seen +
		`","targa":"AB123CD","articolo":"7 c.1","importo":87.00,"importoRidotto":60.90,"ridottoFinoAl":"` + reduced +
		`","stato":"aperto","iuv":"02000100000009424","luogo":"Piazzale Roma","intestatario":"Mario Rossi","puntiDecurtati":0,"numeroAvviso":"302000100000009424","notifica":{"value":"` + served + `","mezzo":"PEC"}}}`
	if err != nil || got != detail {
		t.Errorf("got %s, %v\nwant %s", got, err, detail)
	}
	got, err = call(t, c, caller, "elencoVerbali", `{"codiceFiscale":"VRDGPP80A01L736X"}`)
	if err != nil || got != `{"esito":{"codice":"0"},"verbale":[]}` {
		t.Errorf("got %s, %v", got, err)
	}
	_, err = call(t, c, caller, "elencoVerbali", `{"codiceFiscale":"BNCLRA85M41L736Z"}`)
	if f := connectors.AsFault(err); f == nil || f.Kind != connectors.Refused || f.Detail != "Posizione sospesa: rivolgersi allo sportello" {
		t.Errorf("got %v", err)
	}
	_, err = call(t, c, caller, "dettaglioVerbale", `{"numeroVerbale":"V/0","codiceFiscale":"RSSMRA80A01L736U"}`)
	if f := connectors.AsFault(err); f == nil || f.Kind != connectors.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestCall_anpr(t *testing.T) {
	c := load(t, "connectors/anpr")
	caller, _ := serve(t, c)
	request := func(fiscalCode string) string {
		return `{"testataRichiesta":{"idOperazioneComune":"20260115090000000001","codMittente":"027042","codDestinatario":"999999","operazioneRichiesta":"6001","dataOraRichiesta":"2026-01-15T09:00:00+01:00","tipoOperazione":"C","tipoInvio":"TEST"},` +
			`"linguaCertificato":{"tipoLinguaCertificato":["IT"]},"listaTipiCertificati":{"tipoCertificato":["1"]},` +
			`"soggettoIntestatario":{"generalita":{"codiceFiscale":{"codFiscale":"` + fiscalCode + `"},"cognome":"Rossi","nome":"Mario"}},` +
			`"datiControllo":{"cognomeUffAnagrafe":"Ufficiale","nomeUffAnagrafe":"Anagrafe","tipoRichiedente":"2","tipoRichiesta":"1","paEstera":"0","emissione":"2","bollo":"0","diritti":"0"}}`
	}
	got, err := call(t, c, caller, "emissioneCertificato", request("RSSMRA80A01L736U"))
	const want = `{"Risposta6001OK":{"testataRisposta":{"idOperazioneComune":"20260115090000000001","codMittente":"999999","codDestinatario":"027042","operazioneRichiesta":"6001","dataOraRichiesta":"2026-01-15T09:00:00+01:00","idOperazioneANPR":"900000001","esitoOperazione":"2"},"protocolloANPR":{"numeroProtocolloANPR":"260115000001"},"parametriRichiesta":{"tipoRichiedente":"2","tipoRichiesta":"1","paEstera":"0","emissione":"2","bollo":"0","diritti":"0"},"file":{"certificatoPdf":"JVBERi0xLjQKJSBjZXJ0aWZpY2F0byAxIGRpIFJTU01SQTgwQTAxTDczNlUK"},"listaErrori":[]}}`
	if err != nil || got != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
	if got, err = call(t, c, caller, "emissioneCertificato", request("VRDGPP75C12L736E")); err != nil || got != want {
		t.Errorf("the same operation for another: got %s, %v\nwant %s", got, err, want)
	}
	_, err = call(t, c, caller, "emissioneCertificato", request("BNCLRA85M41L736Z"))
	if f := connectors.AsFault(err); f == nil || f.Kind != connectors.NotFound || f.Detail != "La persona non risulta in ANPR." {
		t.Errorf("got %v", err)
	}
}

func TestOpen_badEndpoint(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	_, err := Protocol.Open(context.Background(), system(c, "ftp://x"), connectors.Deps{})
	if err == nil || err.Error() != "system prova: the endpoint is not an http or https address" {
		t.Errorf("got %v", err)
	}
}

func TestSecurity_refused(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	s := system(c, "http://127.0.0.1:1")
	s.Params["password"] = config.ParseRefs(config.Text{Value: "another"}, nil, &diag.List{})
	h, err := played(c, simulate.New(s, nil))
	if err != nil {
		t.Fatal(err)
	}
	caller, _ := against(t, c, h)
	_, err = call(t, c, caller, "elencoVerbali", `{"codiceFiscale":"RSSMRA80A01L736U"}`)
	f := connectors.AsFault(err)
	var soap *Fault
	if f == nil || f.Kind != connectors.Unavailable || !errors.As(err, &soap) || soap.Text != "unknown caller" {
		t.Errorf("got %v", err)
	}
	if err.Error() != "prova.elencoVerbali: unavailable: SOAP fault FailedAuthentication" {
		t.Errorf("got %v", err)
	}
}

// post sends a request to a handler, and returns the answer's status and body.
func post(t *testing.T, h http.Handler, media, action, body string) (status int, answer string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", media)
	if action != "" {
		r.Header.Set("SOAPAction", action)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}
