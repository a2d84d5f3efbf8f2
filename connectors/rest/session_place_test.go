package rest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
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

// counter is a system whose document puts the ticket into a security scheme, and whose log-in is a form.
const counterConnector = `connector: sportello
version: 1.0.0
params: { endpoint: { type: string }, parola: { type: string, secret: true } }
rest: { endpoint: "${param.endpoint}", openapi: api.json }
session:
  login: entra
  with: { parola: "${param.parola}" }
  ticket: TICKET
  send: SEND
operations:
  entra:
    post: /entra
    effect: idempotent
    content: application/x-www-form-urlencoded
    body: { type: object, required: [parola], properties: { parola: { type: string } } }
    answer: { type: object, properties: { token: { type: string } } }
    answer_headers: { Set-Cookie: { type: array, items: { type: string } } }
    answer_cookies: { JSESSIONID: { type: string } }
  pratica: { effect: read, fails: [ { when: status == 401, as: session } ] }
`

const counterDocument = `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/pratiche/{token}":{"get":{"operationId":"pratica",
"parameters":[{"name":"token","in":"path","required":true,"schema":{"type":"string"}}],"security":[{"k":[]}],
"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","properties":{"n":{"type":"integer"}}}}}}}}}},
"components":{"securitySchemes":{"k":{"type":"apiKey","in":"header","name":"X-Token"}}}}`

// TestSessionPlaces: a ticket goes where the connector says, beside the fields that the document has.
func TestSessionPlaces(t *testing.T) {
	const token, cookie = `${answer.token ?? ""}`, `${extract(join(answer["Set-Cookie"] ?? [], "\n"), "JSESSIONID=([^;\n]*)") ?? ""}`
	for _, x := range []struct{ send, ticket, want string }{
		{"{ header: X-Token }", token, "/pratiche/7 X-Token=a/b== Authorization= Cookie="},
		{"{ query: token }", token, "/pratiche/7?token=a%2Fb%3D%3D X-Token= Authorization= Cookie="},
		{"{ cookie: JSESSIONID }", cookie, "/pratiche/7 X-Token= Authorization= Cookie=JSESSIONID=c/d=="},
		{"{ cookie: JSESSIONID }", `${answer.JSESSIONID ?? ""}`, "/pratiche/7 X-Token= Authorization= Cookie=JSESSIONID=c/d=="},
		{"{ header: Authorization }", `Bearer ` + token, "/pratiche/7 X-Token= Authorization=Bearer a/b== Cookie="},
	} {
		text := strings.NewReplacer("SEND", x.send, "TICKET", x.ticket).Replace(counterConnector)
		var out diag.List
		files := fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}, "c/api.json": {Data: []byte(counterDocument)}}
		c := connectors.Load(files, "c", registry, transform.Constants{}, &out, diag.Pos{})
		if c == nil || out.Failed() {
			t.Fatal(x.send, problems(&out))
		}
		got := ""
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.Header().Add("Set-Cookie", "lang=it; Path=/")
				w.Header().Add("Set-Cookie", "JSESSIONID=c/d==; Path=/")
				answering(200, jsonType, `{"token":"a/b=="}`)(w)
				return
			}
			h := r.Header
			got = fmt.Sprintf("%s X-Token=%s Authorization=%s Cookie=%s", r.RequestURI, h.Get("X-Token"), h.Get("Authorization"), h.Get("Cookie"))
			answering(200, jsonType, `{"n":1}`)(w)
		}))
		s := &connectors.System{Name: "sportello", Connector: c, Params: map[string]config.Ref{}}
		s.Override("endpoint", server.URL)
		s.Override("parola", "apriti")
		caller, err := s.Open(context.Background(), connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		op := c.Operation("pratica")
		do, err := caller.Call(op, op.Output)
		if err != nil {
			t.Fatal(err)
		}
		if len(op.Input.Fields) != 1 {
			t.Errorf("%s: the input is %s, expected one field", x.send, op.Input)
			continue
		}
		if _, err = do(context.Background(), schema.RecordOf(op.Input, schema.Text("7"))); err != nil || got != x.want {
			t.Errorf("%s: sent %s, expected %s: %v", x.send, got, x.want, err)
		}
		_ = caller.Close()
		server.Close()
	}
}

// TestSessionPlaceProblems: what send cannot say.
func TestSessionPlaceProblems(t *testing.T) {
	for send, want := range map[string]string{
		"X-Token": `E303 no operation has an input field "X-Token"; did you mean "token"? where the description of the operations does not have it, ` +
			`write send: { header: X-Token }, { query: … } or { cookie: … }`,
		"{}":                       `E303 send says no place; write { header: NAME }, { query: NAME } or { cookie: NAME }`,
		"{ header: a, cookie: b }": `E303 the ticket has one place, found header and cookie`,
	} {
		text := strings.NewReplacer("SEND", send, "TICKET", `${answer.token ?? ""}`).Replace(counterConnector)
		var out diag.List
		files := fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}, "c/api.json": {Data: []byte(counterDocument)}}
		connectors.Load(files, "c", registry, transform.Constants{}, &out, diag.Pos{})
		if _, got, _ := strings.Cut(problems(&out), ": "); got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", send, got, want)
		}
	}
}

// TestAnswerHeaderLists: an array of a header has all its lines, a single value the first.
func TestAnswerHeaderLists(t *testing.T) {
	const text = `connector: sportello
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  a:
    get: /a
    effect: read
    answer_headers:
      Set-Cookie: { type: array, items: { type: string } }
      X-Numeri: { type: array, items: { type: integer } }
      X-Uno: { type: string }
      X-Manca: { type: array, items: { type: string } }
`
	for numbers, want := range map[string]string{
		"1, 2": `{"Set-Cookie":["lang=it; Expires=Wed, 09 Jun 2027 10:18:14 GMT","JSESSIONID=7"],"X-Numeri":[1,2,3],"X-Uno":"a"}`,
		"uno":  "/X-Numeri header X-Numeri: not a whole number of 64 bits",
	} {
		s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for _, h := range [][2]string{
				{"Set-Cookie", "lang=it; Expires=Wed, 09 Jun 2027 10:18:14 GMT"},
				{"Set-Cookie", "JSESSIONID=7"},
				{"X-Numeri", numbers},
				{"X-Numeri", "3"},
				{"X-Uno", "a"},
				{"X-Uno", "b"},
			} {
				w.Header().Add(h[0], h[1])
			}
		}))
		op := s.Connector.Operation("a")
		do, err := caller.Call(op, op.Output)
		if err != nil {
			t.Fatal(err)
		}
		v, err := do(context.Background(), schema.Record(op.Input, schema.Slots(op.Input)))
		got := string(codec.AppendJSON(nil, v))
		if f := connectors.AsFault(err); f != nil {
			got = f.Path + " " + f.Err.Error()
		}
		if got != want {
			t.Errorf("%s: found %s, expected %s", numbers, got, want)
		}
	}
	var out diag.List
	wrong := strings.Replace(text, "X-Uno: { type: string }", "X-Uno: { type: object, properties: {} }", 1)
	connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(wrong)}}, "c", registry, transform.Constants{}, &out, diag.Pos{})
	if got := problems(&out); got != "c/connector.yaml:12:7: E303 a: a header holds a single value or a list of such, and its schema is of an object" {
		t.Error(got)
	}
}
