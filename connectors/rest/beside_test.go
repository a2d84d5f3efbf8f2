package rest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/transform"
	"fondaco/transform/codec"
)

const lyingDocument = `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{
"/pratiche/{id}":{"post":{"operationId":"fai","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"integer"}},
{"name":"anno","in":"query","schema":{"type":"integer"}},{"name":"x-sede","in":"header","schema":{"type":"integer"}}],
"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"via":{"type":"string"}}}}}},
"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","required":["n"],"properties":{"n":{"type":"integer"}}}}}},
"201":{"description":"new"}}}},
"/vuota":{"get":{"operationId":"vuota","responses":{"204":{"description":"ok"}}}}}}`

const lyingConnector = `connector: sportello
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: api.json }
operations:
`

// TestBesideDocument: what an operation of a document says of its parameters, body and answer stands before the document.
func TestBesideDocument(t *testing.T) {
	const answer = `{"n":7}`
	for _, x := range []struct{ says, in, target, contentType, body, reply, want string }{
		{"", `{"id":1,"anno":2026,"x-sede":3,"via":"a"}`, "POST /pratiche/1?anno=2026 3", jsonType, `{"via":"a"}`, answer, answer},
		{"path: { id: { type: string } }", `{"id":"a"}`, "POST /pratiche/a ", jsonType, `{}`, answer, answer},
		{
			"query: { anno: { type: string }, tipo: { type: string } }", `{"id":1,"anno":"x","tipo":"y"}`, "POST /pratiche/1?anno=x&tipo=y ", jsonType,
			`{}`, answer, answer,
		},
		{"headers: { X-Sede: { type: string } }", `{"id":1,"X-Sede":"Lido"}`, "POST /pratiche/1 Lido", jsonType, `{}`, answer, answer},
		{"cookies: { s: { type: string } }", `{"id":1,"s":"t"}`, "POST /pratiche/1 s=t", jsonType, `{}`, answer, answer},
		{"content: " + formType, `{"id":1,"via":"a"}`, "POST /pratiche/1 ", formType, `via=a`, answer, answer},
		{"body: { type: object, properties: { b: { type: integer } } }", `{"id":1,"b":2}`, "POST /pratiche/1 ", jsonType, `{"b":2}`, answer, answer},
		{
			"content: text/plain, body: { type: string }", `{"id":1,"body":"b"}`, "POST /pratiche/1 ", "text/plain; charset=utf-8", `b`, answer, answer,
		},
		{"answer: { type: object, properties: { m: { type: string } } }", `{"id":1}`, "POST /pratiche/1 ", jsonType, `{}`, `{"m":"x"}`, `{"m":"x"}`},
		{"answer_content: " + formType, `{"id":1}`, "POST /pratiche/1 ", jsonType, `{}`, `n=7`, answer},
		{"answer: { type: string }, answer_content: text/plain", `{"id":1}`, "POST /pratiche/1 ", jsonType, `{}`, `n=7`, `"n=7"`},
	} {
		server := &recorder{}
		var head string
		s, caller := behind(t, withDocument(lyingConnector+"  fai: { effect: once"+strings.TrimRight(", "+x.says, ", ")+" }\n", lyingDocument),
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				head = r.Header.Get("X-Sede") + r.Header.Get("Cookie")
				server.ServeHTTP(w, r)
			}))
		op := s.Connector.Operation("fai")
		in, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(x.in))
		if err != nil {
			t.Error(x.says, err)
			continue
		}
		do, err := caller.Call(op, op.Output)
		if err != nil {
			t.Fatal(err)
		}
		media := jsonType
		if strings.Contains(x.says, "answer_content: ") {
			media = x.says[strings.LastIndex(x.says, ": ")+2:]
		}
		server.reply = answering(http.StatusOK, media, x.reply)
		v, err := do(context.Background(), in)
		got := server.got
		if err != nil || string(codec.AppendJSON(nil, v)) != x.want || got.line+" "+head != x.target || got.contentType != x.contentType ||
			got.body != x.body {
			t.Errorf("%s: sent %q %q, answered %s: %v", x.says, got, head, codec.AppendJSON(nil, v), err)
		}
	}
}

// TestBesideDocumentWrong: what cannot stand beside a document is a problem.
func TestBesideDocumentWrong(t *testing.T) {
	for says, want := range map[string]string{
		"fai: { effect: once, path: { ide: { type: string } } }": `c/connector.yaml:6:32: E303 fai: the path has no {ide}; did you mean "id"?`,
		"vuota: { content: text/plain }":                         `c/connector.yaml:6:21: E303 vuota: content says how a body is written, and the operation has no body`,
		"vuota: { answer_content: text/plain }": `c/connector.yaml:6:28: E303 vuota: answer_content says how an answer is written, ` +
			`and the operation has no answer`,
		"fai: { effect: once, content: application/pdf }": `c/connector.yaml:6:33: E303 fai: the request's body cannot be written: application/pdf holds ` +
			`octets, and its schema is of an object`,
		"fai: { effect: once, query: { anno: { type: intero } } }": `c/connector.yaml:6:47: E104 found type "intero", expected string, integer, ` +
			`number, boolean, object, array or null; did you mean "integer"?`,
	} {
		var out diag.List
		files := fstest.MapFS{"c/connector.yaml": {Data: []byte(lyingConnector + "  " + says + "\n")}, "c/api.json": {Data: []byte(lyingDocument)}}
		connectors.Load(files, "c", registry, transform.Constants{}, &out, diag.Pos{})
		if got := problems(&out); got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", says, got, want)
		}
	}
}
