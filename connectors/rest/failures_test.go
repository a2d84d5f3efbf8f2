package rest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// library is a system that says what is wrong in its answers' bodies.
const library = `{"openapi":"3.0.3","info":{"title":"Biblioteca","version":"1"},"paths":{
"/accesso":{"post":{"operationId":"accedi","requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["parola"],
	"properties":{"parola":{"type":"string"}}}}}},
	"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","properties":{"biglietto":{"type":"string"}}}}}}}}},
"/prestiti/{tessera}":{"get":{"operationId":"prestito","parameters":[{"name":"tessera","in":"path","required":true,"schema":{"type":"string"}},
	{"name":"X-Biglietto","in":"header","schema":{"type":"string"}}],
	"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","properties":{
		"prestito":{"type":"object","nullable":true,"properties":{"titolo":{"type":"string"}}},"sede":{"type":"string"}}}}}},
	"400":{"description":"no","content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Errore"}}}},
	"4XX":{"description":"no","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Errore"}}}},
	"default":{"description":"no","content":{"text/html":{"schema":{"type":"string"}}}}}}}},
"components":{"schemas":{"Errore":{"type":"object","required":["codice"],"properties":{"codice":{"type":"string"},"motivo":{"type":"string"},"quanti":{"type":"integer"}}}}}}`

const libraryConnector = `connector: biblioteca
version: 1.0.0
params: { endpoint: { type: string }, parola: { type: string, secret: true } }
rest: { endpoint: "${param.endpoint}", openapi: api.json }
session:
  login: accedi
  with: { parola: "${param.parola}" }
  ticket: ${answer.biglietto ?? ""}
  send: X-Biglietto
operations:
  accedi: {}
  prestito:
    effect: read
    personal: [tessera]
    fails:
      - { when: status == 401, as: session }
      - { when: answer.prestito == nil, as: not-found, detail: "Nessun prestito a ${answer.sede ?? \"Venezia\"}." }
      - { when: error.codice == "SOSPESO", as: refused, detail: "${error.motivo ?? \"sospeso\"} (${status})" }
      - when: (error.quanti ?? 0) > 3
        as: conflict
      - { when: status == 503 || status == 418, as: invalid }
`

// lends opens the library behind a handler.
func lends(t *testing.T, h http.HandlerFunc) (*connectors.System, func(tessera string) (string, error)) {
	t.Helper()
	var out diag.List
	c := connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(libraryConnector)}, "c/api.json": {Data: []byte(library)}}, "c",
		registry, transform.Constants{}, &out, diag.Pos{})
	if c == nil || out.Failed() {
		t.Fatal(problems(&out))
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s := &connectors.System{Name: "biblioteca", Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", server.URL)
	s.Override("parola", "apriti-sesamo")
	caller, err := s.Open(context.Background(), connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = caller.Close() })
	op := c.Operation("prestito")
	var use schema.Use
	use.Field("prestito").Field("titolo").All()
	op.Reads(&use)
	do, err := caller.Call(op, schema.Prune(op.Output, &use))
	if err != nil {
		t.Fatal(err)
	}
	return s, func(tessera string) (string, error) {
		v, err := do(context.Background(), schema.RecordOf(op.Input, schema.Text(tessera)))
		return string(codec.AppendJSON(nil, v)), err
	}
}

// TestFailsOfEveryStatus: each rule is looked at for the answers whose name it reads.
func TestFailsOfEveryStatus(t *testing.T) {
	for _, x := range []struct {
		status            int
		contentType, body string
		want              string
	}{
		{200, "application/json", `{"prestito":{"titolo":"Zibaldone"}}`, `{"prestito":{"titolo":"Zibaldone"}}`},
		{200, "application/json", `{"sede":"Mestre"}`, `not-found 200 "Nessun prestito a Mestre." <absent>`},
		{200, "application/json", `{"prestito":null}`, `not-found 200 "Nessun prestito a Venezia." <absent>`},
		{
			403, "application/json", `{"codice":"SOSPESO","motivo":"Tessera sospesa","altro":[1]}`,
			`refused 403 "Tessera sospesa (403)" {"codice":"SOSPESO","motivo":"Tessera sospesa"}`,
		},
		{400, "application/problem+json", `{"codice":"TROPPI","quanti":4}`, `conflict 400 "" {"codice":"TROPPI","quanti":4}`},
		{400, "application/json", `{"codice":"ALTRO"}`, `refused 400 "" {"codice":"ALTRO"}`},
		{404, "application/json", `{"codice":"NIENTE"}`, `not-found 404 "" {"codice":"NIENTE"}`},
		{422, "application/json", `{"altro":1}`, `refused 422 "" <absent>`},
		{418, "text/html", `<p>`, `invalid 418 "" <absent>`},
		{418, "", ``, `invalid 418 "" <absent>`},
		{503, "application/json", `{"codice":"X"}`, `invalid 503 "" {"codice":"X"}`},
		{502, "text/html", `no`, `unavailable 502 "" <absent>`},
		{429, "application/json", `{"codice":"SOSPESO"}`, `refused 429 "sospeso (429)" {"codice":"SOSPESO"}`},
	} {
		_, call := lends(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				answering(200, "application/json", `{"biglietto":"b"}`)(w)
				return
			}
			answering(x.status, x.contentType, x.body)(w)
		})
		got, err := call("T1")
		if f := connectors.AsFault(err); f != nil {
			body := "<absent>"
			if !f.Body.IsAbsent() {
				body = string(codec.AppendJSON(nil, f.Body))
			}
			got = fmt.Sprintf("%s %d %q %s", f.Kind, f.Status, f.Detail, body)
			if f.System != "biblioteca" || f.Operation != "prestito" || !f.Sent {
				t.Errorf("found a fault of %s.%s, sent %v", f.System, f.Operation, f.Sent)
			}
		}
		if got != x.want {
			t.Errorf("%d %s %s\nfound    %s\nexpected %s", x.status, x.contentType, x.body, got, x.want)
		}
	}
}

// TestSessionOn401: an answer that fails calls session is one of any status, and the call is made again with a new ticket.
func TestSessionOn401(t *testing.T) {
	var logins, calls atomic.Int32
	_, call := lends(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			answering(200, "application/json", fmt.Sprintf(`{"biglietto":"b%d"}`, logins.Add(1)))(w)
			return
		}
		calls.Add(1)
		if r.Header.Get("X-Biglietto") != "b2" {
			answering(401, "application/json", `{"codice":"SCADUTO"}`)(w)
			return
		}
		answering(200, "application/json", `{"prestito":{"titolo":"Zibaldone"}}`)(w)
	})
	for range 2 {
		if got, err := call("T1"); err != nil || got != `{"prestito":{"titolo":"Zibaldone"}}` {
			t.Errorf("found %s, %v", got, err)
		}
	}
	if logins.Load() != 2 || calls.Load() != 3 {
		t.Errorf("found %d log-ins and %d calls, expected 2 and 3", logins.Load(), calls.Load())
	}
}

// TestSaidIsMasked: what a system says of a failure is in the fault's words for logs, without secrets and personal data.
func TestSaidIsMasked(t *testing.T) {
	_, call := lends(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			answering(200, "application/json", `{"biglietto":"b"}`)(w)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		answering(400, "application/json", `{"codice":"ALTRO",
 "motivo":"La tessera TESSERA-9182 con apriti-sesamo"}`)(w)
	})
	_, err := call("TESSERA-9182")
	if err == nil || !strings.Contains(err.Error(), `{ "codice": "ALTRO", "motivo": "La tessera *** con ***" }`) {
		t.Errorf("found %v", err)
	}
}

// TestNarrowed: what rules take for a failure is not in the output; what simulators answer may be it.
func TestNarrowed(t *testing.T) {
	s, _ := lends(t, func(http.ResponseWriter, *http.Request) {})
	op := s.Connector.Operation("prestito")
	if got, want := op.Output.String(), `{prestito: {titolo?: text}, sede?: text}`; got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	if got, want := op.Answered().String(), `{prestito?: {titolo?: text} or null, sede?: text}`; got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
}

// TestFailsProblems: what rules may not read.
func TestFailsProblems(t *testing.T) {
	for from, x := range map[string][2]string{
		`error.quanti ??`:           {`error.quanto ??`, `error has no field "quanto"`},
		`error.codice == "SOSPESO"`: {`error.codice == "S" && answer.sede == "X"`, `nothing here is called "answer"`},
		`status == 503`:             {`error.codice == "1" || answer == nil || status == 503`, `nothing here is called "answer"`},
		`status == 401, as: session }`: {
			`status == 401, as: session, detail: "${answer.sede} ${error.codice}" }`,
			`nothing here is called "answer"`,
		},
	} {
		text := strings.Replace(libraryConnector, from, x[0], 1)
		var out diag.List
		connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}, "c/api.json": {Data: []byte(library)}}, "c", registry, transform.Constants{}, &out,
			diag.Pos{})
		if all := out.Sorted(); len(all) != 1 || all[0].Message != x[1] {
			t.Errorf("%s\nfound %s\nexpected %s", x[0], problems(&out), x[1])
		}
	}
	var out diag.List
	connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(`connector: a
version: 1.0.0
rest: { endpoint: "http://localhost" }
operations:
  uno: { get: /uno, effect: read, answer: { type: string }, fails: [{ when: error.x == "1", as: refused }] }
  due: { get: /due, effect: read, error: { type: object, properties: { x: { type: string } } }, fails: [{ when: error.x == "1", as: refused }] }
`)}}, "c", registry, transform.Constants{}, &out, diag.Pos{})
	if all := out.Sorted(); len(all) != 1 || all[0].Pos.Line != 5 || !strings.Contains(all[0].Hint, "under error:") {
		t.Errorf("found %s", problems(&out))
	}
}

// TestNilAnswer: a rule that only asks whether there is an answer is about answers, and not about failures.
func TestNilAnswer(t *testing.T) {
	for status, want := range map[int]string{204: "not-found", 400: "refused"} {
		s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(`connector: a
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  uno: { get: /uno, effect: read, answer: { type: object, nullable: true, properties: { x: { type: string } } }, fails: [{ when: answer == nil, as: not-found }] }
`)}}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		op := s.Connector.Operation("uno")
		do, err := caller.Call(op, op.Answered())
		if err != nil {
			t.Fatal(err)
		}
		_, err = do(context.Background(), schema.RecordOf(op.Input))
		if f := connectors.AsFault(err); f == nil || f.Kind.String() != want || op.Output.Nullable {
			t.Errorf("%d: found %v, expected %s; output %s", status, err, want, op.Output)
		}
	}
}

// TestFailsOfAdapted: the rules of an operation that another one does are over what it returns.
func TestFailsOfAdapted(t *testing.T) {
	const text = `connector: a
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  uno: { get: /uno, effect: read, answer: { type: object, properties: { x: { type: string } } } }
  due: { of: uno, with: {}, gives: { y: "${answer.x}" }, fails: [{ when: answer.y == nil, as: not-found, detail: Niente. }] }
`
	s, _ := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answering(200, "application/json", `{}`)(w)
	}))
	caller, err := s.Open(context.Background(), connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = caller.Close() })
	op := s.Connector.Operation("due")
	do, err := caller.Call(op, op.Output)
	if err != nil {
		t.Fatal(err)
	}
	_, err = do(context.Background(), schema.RecordOf(op.Input))
	if f := connectors.AsFault(err); f == nil || f.Kind != connectors.NotFound || f.Detail != "Niente." || f.Operation != "due" {
		t.Errorf("found %v", err)
	}
	var out diag.List
	connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(strings.Replace(text, "answer.y == nil", "status == 200", 1))}}, "c",
		registry, transform.Constants{}, &out, diag.Pos{})
	if all := out.Sorted(); len(all) != 1 || !strings.Contains(all[0].Message, "due is done by uno") {
		t.Errorf("found %s", problems(&out))
	}
}
