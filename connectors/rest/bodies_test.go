package rest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/transform"
)

// wires is a document with every kind of body that is supported.
const wires = `{"openapi":"3.0.3","info":{"title":"Sportello","version":"1"},"paths":{
"/pagamenti":{"post":{"operationId":"paga","requestBody":{"required":true,"content":{"application/x-www-form-urlencoded":{
	"schema":{"type":"object","required":["importo"],"properties":{"importo":{"type":"number"},"causale":{"type":"string"},
		"tag":{"type":"array","items":{"type":"string"}},"sedi":{"type":"array","items":{"type":"string"}},
		"indirizzo":{"type":"object","properties":{"via":{"type":"string"},"civico":{"type":"integer"}}},
		"righe":{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer"}}}},
		"filtro":{"type":"object","properties":{"anno":{"type":"integer"}}},
		"conti":{"type":"array","items":{"type":"integer"}},"id":{"type":"string","readOnly":true}}},
	"encoding":{"sedi":{"style":"form","explode":false},"filtro":{"style":"deepObject"},"conti":{"contentType":"application/json"}}}}},
	"responses":{"200":{"description":"ok","content":{"application/x-www-form-urlencoded":{"schema":{"type":"object","required":["esito"],
		"properties":{"esito":{"type":"string"},"quanti":{"type":"integer"},"parti":{"type":"array","items":{"type":"string"}}}}}}}}}},
"/note/{id}":{"put":{"operationId":"annota","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
	"requestBody":{"content":{"text/plain":{"schema":{"type":"string","nullable":true}}}},
	"responses":{"200":{"description":"ok","content":{"text/plain":{"schema":{"type":"string"}}}},"204":{"description":"niente"}}}},
"/atti/{id}":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
	"put":{"operationId":"deposita","requestBody":{"required":true,"content":{"application/octet-stream":{"schema":{"type":"string","format":"binary"}}}},
		"responses":{"204":{"description":"ok"}}},
	"get":{"operationId":"scarica","responses":{"200":{"description":"ok","content":{"application/pdf":{"schema":{"type":"string","format":"binary"}}}}}},
	"head":{"operationId":"esiste","responses":{"200":{"description":"ok","content":{"application/pdf":{"schema":{"type":"string","format":"binary"}}}}}},
	"patch":{"operationId":"correggi","requestBody":{"required":true,"content":{
		"application/json-patch+json":{"schema":{"type":"object"}},
		"application/merge-patch+json":{"schema":{"type":"object","properties":{"titolo":{"type":"string"},
			"autore":{"type":"object","required":["nome","codice"],"properties":{"nome":{"type":"string"},"codice":{"type":"string","readOnly":true}}}}}}}},
		"responses":{"2XX":{"description":"ok","content":{"application/vnd.atto+json":{"schema":{"type":"object","properties":{
			"titolo":{"type":"string"},"chiave":{"type":"string","writeOnly":true},"scansione":{"type":"string","format":"byte"}}}}}},
			"default":{"description":"errore","content":{"application/xml":{"schema":{"type":"object"}}}}}}},
"/stato":{"get":{"operationId":"stato","parameters":[{"name":"filtro","in":"query","style":"deepObject","explode":true,"schema":{"type":"object","properties":{"stato":{"type":"string"},"anno":{"type":"integer"}}}},
		{"name":"filtro","in":"cookie","schema":{"type":"string"}},{"name":"Authorization","in":"header","required":true,"schema":{"type":"string"}}],
	"responses":{"default":{"description":"ok","content":{"application/json":{"schema":{"type":"object","properties":{"nome":{"type":"string"}}}}}}}}},
"/prove":{"get":{"responses":{"200":{"description":"ok","content":{"*/*":{"schema":{"type":"string"}}}}}}}}}`

const wiresConnector = `connector: sportello
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: api.json }
operations:
  paga: {}
  annota: { effect: idempotent }
  deposita: { effect: idempotent }
  scarica: { effect: read, answer_headers: { ETag: { type: string } } }
  esiste: { effect: read, answer_headers: { Content-Length: { type: integer } } }
  correggi: {}
  stato: { effect: read }
  prove: { effect: read, operation: GET /prove }
samples: samples
`

// request is what a server got.
type request struct{ line, contentType, accept, cookie, body string }

// recorder answers by reply and keeps what it got last.
type recorder struct {
	mu    sync.Mutex
	got   request
	reply func(w http.ResponseWriter)
}

func (x *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.got = request{r.Method + " " + r.RequestURI, r.Header.Get("Content-Type"), r.Header.Get("Accept"), r.Header.Get("Cookie"), string(body)}
	x.reply(w)
}

// answering makes the answer of a server.
func answering(status int, contentType, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header()["Content-Type"] = nil
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.Header().Set("Etag", `"7"`)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// behind opens the system of a connector whose server is a handler.
func behind(t *testing.T, files fstest.MapFS, h http.Handler) (*connectors.System, connectors.Caller) {
	t.Helper()
	var out diag.List
	c := connectors.Load(files, "c", registry, transform.Constants{}, &out, diag.Pos{})
	if c == nil || out.Failed() {
		t.Fatal(problems(&out))
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s := &connectors.System{Name: c.Name, Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", server.URL)
	caller, err := Protocol.Open(context.Background(), s, connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = caller.Close() })
	return s, caller
}

func problems(out *diag.List) string {
	var lines []string
	for _, p := range out.Sorted() {
		line := p.Pos.String() + ": " + string(p.Code) + " " + p.Message
		if p.Hint != "" {
			line += "; " + p.Hint
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func withDocument(connector, document string) fstest.MapFS {
	return fstest.MapFS{"c/connector.yaml": {Data: []byte(connector)}, "c/api.json": {Data: []byte(document)}}
}

// TestOctets holds what goes over the wire, octet by octet, to what the document says, and what comes back to its type.
func TestOctets(t *testing.T) {
	server := &recorder{}
	s, caller := behind(t, withDocument(wiresConnector, wires), server)
	const formed, jsoned = "application/x-www-form-urlencoded", "application/json"
	for _, c := range []struct {
		operation, in string
		sent          request
		reply         func(http.ResponseWriter)
		want          string
	}{
		{
			"paga", `{"importo":12.50,"causale":"mensa & bus è 50%","tag":["a","b,c"],"sedi":["x","y z"],"indirizzo":{"via":"Calle 1","civico":2},"righe":[{"n":1},{"n":2}],"filtro":{"anno":2026},"conti":[1,2]}`,
			request{
				"POST /pagamenti", formed, formed, "",
				"importo=12.50&causale=mensa+%26+bus+%C3%A8+50%25&tag=a&tag=b%2Cc&sedi=x,y+z&indirizzo=%7B%22via%22%3A%22Calle+1%22%2C%22civico%22%3A2%7D&righe=%7B%22n%22%3A1%7D&righe=%7B%22n%22%3A2%7D&filtro%5Banno%5D=2026&conti=%5B1%2C2%5D",
			},
			answering(200, formed, "esito=preso+in%20carico&quanti=3&parti=a&parti=b&altro=x"),
			`{"esito":"preso in carico","quanti":3,"parti":["a","b"]}`,
		},
		{
			"paga", `{"importo":1,"tag":[],"causale":""}`,
			request{"POST /pagamenti", formed, formed, "", "importo=1&causale="},
			answering(200, formed, "esito=1"), `{"esito":"1"}`,
		},
		{
			"paga", `{"importo":1}`,
			request{"POST /pagamenti", formed, formed, "", "importo=1"},
			answering(200, formed, "quanti=x"),
			`invalid 200 /esito ""`,
		},
		{
			"paga", `{"importo":1}`,
			request{"POST /pagamenti", formed, formed, "", "importo=1"},
			answering(200, formed, "esito=&quanti=x"),
			`invalid 200 /quanti ""`,
		},
		{
			"paga", `{"importo":1}`,
			request{"POST /pagamenti", formed, formed, "", "importo=1"},
			answering(200, jsoned, `{"esito":"x"}`),
			`invalid 200  ""`,
		},
		{
			"annota", `{"id":"1","body":"perché \"no\""}`,
			request{"PUT /note/1", "text/plain; charset=utf-8", "text/plain", "", `perché "no"`},
			answering(200, "text/plain; charset=iso-8859-1", "perch\xe9"), `"perché"`,
		},
		{
			"annota", `{"id":"1","body":""}`,
			request{"PUT /note/1", "text/plain; charset=utf-8", "text/plain", "", ""},
			answering(200, "text/plain", "\xef\xbb\xbfsì"), `"sì"`,
		},
		{"annota", `{"id":"1"}`, request{"PUT /note/1", "", "text/plain", "", ""}, answering(204, "", ""), `null`},
		{"annota", `{"id":"1","body":null}`, request{"PUT /note/1", "", "text/plain", "", ""}, answering(204, "", ""), `null`},
		{"annota", `{"id":"1"}`, request{"PUT /note/1", "", "text/plain", "", ""}, answering(200, "text/plain", ""), `""`},
		{"annota", `{"id":"1"}`, request{"PUT /note/1", "", "text/plain", "", ""}, answering(200, "text/plain", "\xe9"), `invalid 200  ""`},
		{
			"annota", `{"id":"1"}`,
			request{"PUT /note/1", "", "text/plain", "", ""},
			answering(200, "text/plain; charset=klingon", "x"),
			`invalid 200  ""`,
		},
		{"annota", `{"id":"1"}`, request{"PUT /note/1", "", "text/plain", "", ""}, answering(200, "text/html", "<p>errore"), `invalid 200  ""`},
		{
			"deposita", `{"id":"1","body":"AP8KDQ=="}`,
			request{"PUT /atti/1", "application/octet-stream", jsoned, "", "\x00\xff\n\r"},
			answering(204, "", ""), `null`,
		},
		{
			"scarica", `{"id":"1"}`,
			request{"GET /atti/1", "", "application/pdf", "", ""},
			answering(200, "application/pdf", "%PDF\x00\xff"),
			`{"body":"JVBERgD/","ETag":"\"7\""}`,
		},
		{
			"scarica", `{"id":"1"}`,
			request{"GET /atti/1", "", "application/pdf", "", ""},
			answering(200, "text/html", "<p>accesso"),
			`invalid 200  ""`,
		},
		{
			"esiste", `{"id":"1"}`,
			request{"HEAD /atti/1", "", jsoned, "", ""},
			func(w http.ResponseWriter) { w.Header().Set("Content-Length", "209715200") }, `{"Content-Length":209715200}`,
		},
		{
			"correggi", `{"id":"1","titolo":"è","autore":{"nome":"n"}}`,
			request{"PATCH /atti/1", "application/merge-patch+json", "application/vnd.atto+json", "", `{"titolo":"è","autore":{"nome":"n"}}`},
			answering(202, "application/vnd.atto+json", `{"titolo":"t","chiave":"k","scansione":"AP8="}`), `{"titolo":"t","scansione":"AP8="}`,
		},
		{
			"correggi", `{"id":"1"}`,
			request{"PATCH /atti/1", "application/merge-patch+json", "application/vnd.atto+json", "", `{}`},
			answering(200, "application/json; charset=latin1", "{\"titolo\":\"\xe8\"}"), `{"titolo":"è"}`,
		},
		{
			"correggi", `{"id":"1"}`,
			request{"PATCH /atti/1", "application/merge-patch+json", "application/vnd.atto+json", "", `{}`},
			answering(200, "application/json", "\xff\xfe{\x00}\x00"), `{}`,
		},
		{
			"stato", `{"filtro":{"stato":"a b","anno":2026},"cookie_filtro":"x;y"}`,
			request{"GET /stato?filtro%5Bstato%5D=a%20b&filtro%5Banno%5D=2026", "", jsoned, "filtro=x%3By", ""},
			answering(200, jsoned, "\xef\xbb\xbf{\"nome\":\"n\"}"), `{"nome":"n"}`,
		},
		{"prove", `{}`, request{"GET /prove", "", jsoned, "", ""}, answering(200, jsoned, `"x"`), `"x"`},
		{"prove", `{}`, request{"GET /prove", "", jsoned, "", ""}, answering(200, "text/plain", `x`), `"x"`},
	} {
		server.reply = c.reply
		got := call(t, s, caller, c.operation, c.in)
		if server.got != c.sent || got != c.want {
			t.Errorf("%s %s\nsent     %q\nexpected %q\nread     %s\nexpected %s", c.operation, c.in, server.got, c.sent, got, c.want)
		}
	}
}

// TestSimulatedBodies: a simulator speaks the same wire, and reads what is sent as it was.
func TestSimulatedBodies(t *testing.T) {
	files := withDocument(wiresConnector, wires)
	for name, text := range map[string]string{
		"paga":     `[{ when: { importo: 12.50, tag: [a, "b,c"], sedi: [x, y z], indirizzo: { via: Calle 1 }, righe: [{ n: 1 }, { n: 2 }], filtro: { anno: 2026 }, conti: [1, 2] }, answer: { esito: sì, parti: [a, b] } }]`,
		"annota":   `[{ when: { body: "perché" }, answer: "già" }, { status: 204 }]`,
		"deposita": `[{ when: { body: "AP8KDQ==" }, status: 204 }]`,
		"scarica":  `[{ headers: { ETag: '"8"' }, answer: { body: "JVBERgD/" } }]`,
		"esiste":   `[{ headers: { ETag: '"8"' } }]`,
		"correggi": `[{ when: { titolo: t }, answer: { titolo: u, scansione: "AP8=" } }]`,
		"stato":    `[{ when: { filtro: { stato: a b, anno: 2026 }, cookie_filtro: "x;y" }, answer: { nome: n } }]`,
	} {
		files["c/samples/"+name+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	s, caller := system(t, files, "c")
	for _, c := range []struct{ operation, in, want string }{
		{"paga", `{"importo":12.50,"tag":["a","b,c"],"sedi":["x","y z"],"indirizzo":{"via":"Calle 1","civico":2},"righe":[{"n":1},{"n":2}],"filtro":{"anno":2026},"conti":[1,2]}`, `{"esito":"sì","parti":["a","b"]}`},
		{"paga", `{"importo":1}`, `unknown 501  ""`}, // no sample; its effect is once
		{"annota", `{"id":"1","body":"perché"}`, `"già"`},
		{"annota", `{"id":"1"}`, `null`},
		{"deposita", `{"id":"1","body":"AP8KDQ=="}`, `null`},
		{"scarica", `{"id":"1"}`, `{"body":"JVBERgD/","ETag":"\"8\""}`},
		{"esiste", `{"id":"1"}`, `{}`},
		{"correggi", `{"id":"1","titolo":"t"}`, `{"titolo":"u","scansione":"AP8="}`},
		{"stato", `{"filtro":{"stato":"a b","anno":2026},"cookie_filtro":"x;y"}`, `{"nome":"n"}`},
	} {
		if got := call(t, s, caller, c.operation, c.in); got != c.want {
			t.Errorf("%s %s: found %s, expected %s", c.operation, c.in, got, c.want)
		}
	}
}

// TestSimulatorMedia: a body of another media type is refused as such.
func TestSimulatorMedia(t *testing.T) {
	files := withDocument(wiresConnector, wires)
	files["c/samples/paga.yaml"] = &fstest.MapFile{Data: []byte(`[{ answer: { esito: ok } }]`)}
	s, _ := system(t, files, "c")
	address, _, err := s.Param("endpoint")
	if err != nil {
		t.Fatal(err)
	}
	for contentType, want := range map[string]int{"application/json": 415, "application/x-www-form-urlencoded": 200} {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address+"/pagamenti",
			strings.NewReader(url.Values{"importo": {"1"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", contentType)
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: found %d, expected %d", contentType, res.StatusCode, want)
		}
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}
