package rest

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/transform"
)

const severalDocument = `openapi: 3.0.3
info: {title: Pratiche, version: '1'}
paths:
  /pratiche:
    post:
      operationId: apri
      requestBody:
        required: true
        content:
          application/json: {schema: {type: object, properties: {oggetto: {type: string}}}}
          application/xml: {schema: {$ref: '#/components/schemas/Pratica'}}
          text/plain: {schema: {type: string}}
      responses:
        '200':
          description: ok
          content:
            application/json: {schema: {type: object, properties: {numero: {type: integer}}}}
            application/xml: {schema: {$ref: '#/components/schemas/Ricevuta'}}
            application/pdf: {schema: {type: string, format: binary}}
  /note: {post: {operationId: nota, requestBody: {content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}},
    responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}, text/csv: {schema: {type: string}}}},
      '201': {description: nuova, content: {application/json: {schema: {type: object}}}}}}}
components:
  schemas:
    Pratica: {type: object, xml: {name: pratica}, properties: {oggetto: {type: string, xml: {attribute: true}}, urgente: {type: boolean}}}
    Ricevuta: {type: object, xml: {name: ricevuta}, properties: {protocollo: {type: string}}}
`

const severalSwagger = `swagger: '2.0'
info: {title: Pratiche, version: '1'}
consumes: [application/json, application/xml]
produces: [application/xml, application/json]
paths:
  /pratiche: {post: {operationId: apri, parameters: [{name: b, in: body, required: true, schema: {$ref: '#/definitions/Pratica'}}],
    responses: {200: {description: ok, schema: {$ref: '#/definitions/Pratica'}}}}}
definitions:
  Pratica: {type: object, xml: {name: pratica}, properties: {oggetto: {type: string, xml: {attribute: true}}}}
`

func severalFiles(document, says string) fstest.MapFS {
	return fstest.MapFS{
		"c/connector.yaml": {Data: []byte(`connector: sportello
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: api.yaml }
operations:
  ` + says + "\n")},
		"c/api.yaml": {Data: []byte(document)},
	}
}

// TestChosenMedia: of several media types of a document the connector's is sent and asked for, with the schema that it has there.
func TestChosenMedia(t *testing.T) {
	for _, x := range []struct{ document, says, in, contentType, accept, body, replyType, reply, want string }{
		{severalDocument, "", `{"oggetto":"a"}`, jsonType, jsonType, `{"oggetto":"a"}`, jsonType, `{"numero":7}`, `{"numero":7}`},
		{
			severalDocument, ", content: application/xml", `{"oggetto":"a","urgente":true}`, "application/xml", jsonType,
			`<pratica oggetto="a"><urgente>true</urgente></pratica>`, jsonType, `{"numero":7}`, `{"numero":7}`,
		},
		{severalDocument, ", content: text/plain", `{"body":"a"}`, "text/plain; charset=utf-8", jsonType, `a`, jsonType, `{"numero":7}`, `{"numero":7}`},
		{
			severalDocument, ", answer_content: application/xml", `{"oggetto":"a"}`, jsonType, "application/xml", `{"oggetto":"a"}`, "application/xml",
			`<ricevuta><protocollo>7/2026</protocollo></ricevuta>`, `{"protocollo":"7/2026"}`,
		},
		{
			severalDocument, ", answer_content: application/pdf", `{"oggetto":"a"}`, jsonType, "application/pdf", `{"oggetto":"a"}`, "application/pdf",
			`%PDF`, `"JVBERg=="`,
		},
		{
			severalSwagger, ", content: application/xml, answer_content: application/xml", `{"oggetto":"a"}`, "application/xml", "application/xml",
			`<pratica oggetto="a"></pratica>`, "application/xml", `<pratica oggetto="b"/>`, `{"oggetto":"b"}`,
		},
		{severalSwagger, "", `{"oggetto":"a"}`, jsonType, jsonType, `{"oggetto":"a"}`, jsonType, `{"oggetto":"b"}`, `{"oggetto":"b"}`},
	} {
		server, accept := &recorder{}, ""
		s, caller := behind(t, severalFiles(x.document, "apri: { effect: once"+x.says+" }"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			accept = r.Header.Get("Accept")
			server.ServeHTTP(w, r)
		}))
		server.reply = answering(200, x.replyType, x.reply)
		got := call(t, s, caller, "apri", x.in)
		body := strings.TrimPrefix(server.got.body, `<?xml version="1.0" encoding="UTF-8"?>`)
		if got != x.want || server.got.contentType != x.contentType || accept != x.accept || strings.TrimSpace(body) != x.body {
			t.Errorf("%s: sent %q, asked for %s, answered %s, expected %+v", x.says, server.got, accept, got, x)
		}
	}
}

// TestChosenMediaWrong: what the document does not have is a problem that names what it has.
func TestChosenMediaWrong(t *testing.T) {
	for says, want := range map[string]string{
		"apri: { effect: once, content: application/xnl }": `c/connector.yaml:6:34: E303 apri: found content application/xnl, and the document has application/json, ` +
			`application/xml, text/plain; did you mean "application/xml"?`,
		"apri: { effect: once, answer_content: text/csv }": `c/connector.yaml:6:41: E303 apri: found answer_content text/csv, and the document has application/json, ` +
			`application/xml, application/pdf; choose one of them, or write the schema beside it, under answer, if the document is wrong`,
		"apri: { effect: once, content: application/pdf, body: { type: string, format: binary } }": ``,
		"nota: { effect: once, content: application/x-www-form-urlencoded }":                       ``, // the document has one alone, and is wrong
		"nota: { effect: once, answer_content: text/csv }": `c/connector.yaml:6:3: E303 nota: its answers are of several media types, text/csv and application/json, ` +
			`which is not supported; name the statuses of one of them under success`,
		"nota: { effect: once, answer_content: text/csv, success: [200] }": ``,
		"apri: { effect: once, answer_cookies: { sid: { type: array, items: { type: string } } } }": `c/connector.yaml:6:43: E303 apri: a cookie holds a single value, ` +
			`and its schema is of a list`,
		"apri: { effect: once, answer_cookies: { numero: { type: string } } }": `c/connector.yaml:6:43: E303 apri: the output has a field numero already, ` +
			`which the cookie would stand for`,
	} {
		var out diag.List
		connectors.Load(severalFiles(severalDocument, says), "c", registry, transform.Constants{}, &out, diag.Pos{})
		if got := problems(&out); got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", says, got, want)
		}
	}
}

// TestAnswerCookies: cookies that an answer sets are fields of the output, the last of a name, and none that it takes away.
func TestAnswerCookies(t *testing.T) {
	server := &recorder{}
	s, caller := behind(t, severalFiles(severalDocument, "apri: { effect: once, answer_headers: { ETag: { type: string } }, answer_cookies: { sid: { type: string }, "+
		"Giro: { type: integer, required: true } } }"), server)
	for _, x := range []struct {
		cookies []string
		want    string
	}{
		{[]string{"Giro=1; Path=/", "sid=c/d==; HttpOnly; Expires=Wed, 09 Jun 2027 10:18:14 GMT"}, `{"numero":7,"ETag":"\"7\"","sid":"c/d==","Giro":1}`},
		{[]string{"Giro=1", "Giro=2", `sid="{a}"; Max-Age=60`, "SID=x"}, `{"numero":7,"ETag":"\"7\"","sid":"\"{a}\"","Giro":2}`},
		{[]string{"Giro=1", "sid=x", "sid=x; Max-Age=0; Expires=Wed, 09 Jun 2027 10:18:14 GMT"}, `{"numero":7,"ETag":"\"7\"","Giro":1}`},
		{[]string{"Giro=1", "sid=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT"}, `{"numero":7,"ETag":"\"7\"","Giro":1}`},
		{[]string{"Giro=1", "sid=; Path=/", "sid"}, `{"numero":7,"ETag":"\"7\"","Giro":1}`},
		{[]string{"sid=x"}, "invalid 200 /Giro"},
		{[]string{"Giro=uno"}, "invalid 200 /Giro"},
	} {
		server.reply = func(w http.ResponseWriter) {
			for _, c := range x.cookies {
				w.Header().Add("Set-Cookie", c)
			}
			answering(200, jsonType, `{"numero":7}`)(w)
		}
		if got := call(t, s, caller, "apri", `{"oggetto":"a"}`); got != x.want && (!strings.HasPrefix(x.want, "invalid") || !strings.HasPrefix(got, x.want)) {
			t.Errorf("%q: found %s, expected %s", x.cookies, got, x.want)
		}
	}
}
