package rest

import (
	"context"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/transform"
)

const document = `{"openapi":"3.0.3","info":{"title":"Cose","version":"1"},"servers":[{"url":"https://vero.example/v1"}],
"paths":{"/cose/{id}":{"get":{"operationId":"getCosa","summary":"Una cosa","parameters":[
	{"name":"id","in":"path","required":true,"schema":{"type":"string"}},
	{"name":"campi","in":"query","schema":{"type":"array","items":{"type":"string"}},"style":"form","explode":false},
	{"name":"stato","in":"query","schema":{"type":"array","items":{"type":"string"}}},
	{"name":"X-Canale","in":"header","schema":{"type":"string"}}],
	"responses":{"200":{"description":"c'è","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Cosa"}}}},"204":{"description":"non c'è più"}}}},
"/cose":{"post":{"operationId":"postCosa","requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Cosa"}}}},
	"responses":{"201":{"description":"fatta","headers":{"Location":{"schema":{"type":"string"}}}}}},
"put":{"operationId":"putCose","requestBody":{"content":{"application/json":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/Cosa"}}}}},
	"responses":{"200":{"description":"fatto","content":{"application/json":{"schema":{"type":"object","properties":{"quante":{"type":"integer"}}}}}},
	"202":{"description":"preso","content":{"application/json":{"schema":{"type":"object","required":["pratica"],"properties":{"pratica":{"type":"string"}}}}}}}}}},
"components":{"schemas":{"Cosa":{"type":"object","required":["nome"],"properties":{"id":{"type":"string","readOnly":true},"nome":{"type":"string"},"prezzo":{"type":"number"}}}}}}`

const described = `connector: cose
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: cose.json }
operations:
  leggi: { operation: getCosa, effect: read }
  crea: { operation: postCosa, answer_headers: { location: { type: string, required: true } } }
  sostituisci: { operation: putCose, effect: idempotent }
samples: samples
`

func cose(operations string, samples map[string]string) fs.FS {
	f := fstest.MapFS{"c/connector.yaml": {Data: []byte(operations)}, "c/cose.json": {Data: []byte(document)}}
	for name, text := range samples {
		f["c/samples/"+name+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	return f
}

// TestDescribed: an OpenAPI document declares paths, parameters, bodies and answers.
func TestDescribed(t *testing.T) {
	s, caller := system(t, cose(described, map[string]string{
		"leggi":       `[{ when: { id: "1", campi: [a, b], stato: [x, y], X-Canale: dime }, answer: { nome: uno, prezzo: 1.50 } }, { when: { id: "2" }, status: 204 }, { status: 404 }]`,
		"crea":        `[{ when: { nome: "n", prezzo: 2.5 }, status: 201, headers: { Location: /cose/7 } }, { status: 201 }]`,
		"sostituisci": `[{ when: { body: [{ nome: a }] }, status: 202, answer: { pratica: p1 } }, { answer: { quante: 0 } }]`,
	}), "c")
	for _, c := range []struct{ operation, in, want string }{
		{"leggi", `{"id":"1","campi":["a","b"],"stato":["x","y"],"X-Canale":"dime"}`, `{"nome":"uno","prezzo":1.50}`},
		{"leggi", `{"id":"1","campi":["a"],"stato":["x","y"],"X-Canale":"dime"}`, `not-found 404  ""`},
		{"leggi", `{"id":"2"}`, `null`},
		{"leggi", `{"id":"1","X-Canale":"a\nb: c"}`, `refused 0  ""`},
		{"crea", `{"nome":"n","prezzo":2.5}`, `{"location":"/cose/7"}`},
		{"crea", `{"nome":"altro"}`, `invalid 201 /location ""`},
		{"sostituisci", `{"body":[{"nome":"a"}]}`, `{"pratica":"p1"}`},
		{"sostituisci", `{"body":[]}`, `{"quante":0}`},
		{"sostituisci", `{}`, `{"quante":0}`},
	} {
		if got := call(t, s, caller, c.operation, c.in); got != c.want {
			t.Errorf("%s %s\nfound    %s\nexpected %s", c.operation, c.in, got, c.want)
		}
	}
	leggi := s.Connector.Operation("leggi")
	if leggi.Title != "Una cosa" || !leggi.Output.Nullable || leggi.Input.Index("id") != 0 || !leggi.Input.Fields[0].Required ||
		leggi.Input.Fields[1].Required {
		t.Errorf("%s %s", leggi.Input, leggi.Output)
	}
	if s.Connector.Operation("crea").Input.Index("id") >= 0 {
		t.Error("what is read only is sent")
	}
}

func TestDescribedProblems(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"getCosa", "getCose", `c/connector.yaml:6:23: E302 the OpenAPI document has no operation "getCose"; did you mean "getCosa"?`},
		{
			"operation: getCosa", "get: /x, operation: getCosa",
			`c/connector.yaml:6:3: E303 leggi: the operation has both a path and an operationId`,
		},
		{"cose.json", "case.json", `c/connector.yaml:4:49: E003 the file c/case.json is not there; did you mean c/cose.json?`},
		{"effect: read }", "effect: read, success: [2000] }", `c/connector.yaml:6:56: E104 success: found 2000, expected an HTTP status`},
	} {
		var out diag.List
		connectors.Load(cose(strings.Replace(described, c.from, c.to, 1), nil), "c", registry, transform.Constants{}, &out, diag.Pos{})
		var lines []string
		for _, p := range out.Sorted() {
			line := p.Pos.String() + ": " + string(p.Code) + " " + p.Message
			if p.Hint != "" {
				line += "; " + p.Hint
			}
			lines = append(lines, line)
		}
		if got := strings.Join(lines, "\n"); got != c.want {
			t.Errorf("%s:\nfound    %s\nexpected %s", c.to, got, c.want)
		}
	}
}

// TestSimulatorChecks: the simulator refuses what the real system would, in words that help.
func TestSimulatorChecks(t *testing.T) {
	var out diag.List
	c := connectors.Load(cose(strings.Replace(described, `openapi:`, `auth: { api_key: { header: X-Key, value: "${secret.k}" } }, openapi:`,
		1), nil), "c", registry, transform.Constants{}, &out, diag.Pos{})
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	s := &connectors.System{Name: "cose", Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", "http://127.0.0.1:1/v1")
	s.Bind(func(string, string) (string, bool, bool) { return "chiave", true, true })
	h, err := played(c, simulate.New(s, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ method, target, key, body, want string }{
		{"GET", "/v1/cose/1", "", "", `401 {"error":"unknown caller"}`},
		{"GET", "/v1/cose/1", "chiave", "", `501 {"error":"no sample of leggi fits this input"}`},
		{"DELETE", "/v1/cose/1", "chiave", "", `404 {"error":"no operation has this method and path"}`},
		{"GET", "/v1/cose/1/2", "chiave", "", `404 {"error":"no operation has this method and path"}`},
		{"GET", "/cose/1", "chiave", "", `404 {"error":"no operation has this method and path"}`},
		{"POST", "/v1/cose", "chiave", `{"prezzo":1}`, `400 {"error":"/nome: expected text, found nothing"}`},
		{"POST", "/v1/cose", "chiave", `{"nome":"x"`, `400`},
	} {
		r := httptest.NewRequestWithContext(context.Background(), c.method, c.target, strings.NewReader(c.body))
		r.Header.Set("X-Key", c.key)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := fmt.Sprintf("%d %s", w.Code, w.Body); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s %s: found %s, expected %s", c.method, c.target, got, c.want)
		}
	}
}
