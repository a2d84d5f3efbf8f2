package rest

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/transform"
)

// TestRefused: what is not supported is refused when the connector is read, with its reason and place.
func TestRefused(t *testing.T) {
	const answer = `"responses":{"200":{"description":"ok"}}`
	body := func(media, schema string) string {
		return fmt.Sprintf(`"requestBody":{"content":{%q:{"schema":%s}}},%s`, media, schema, answer)
	}
	gives := func(media, schema string) string {
		return fmt.Sprintf(`"responses":{"200":{"description":"ok","content":{%q:{"schema":%s}}}}`, media, schema)
	}
	param := func(p string) string { return fmt.Sprintf(`"parameters":[%s],%s`, p, answer) }
	const object = `{"type":"object","properties":{"a":{"type":"string"}}}`
	for _, c := range []struct{ operation, want string }{
		{body("multipart/mixed", object), "the request's body cannot be written: bodies of multipart/mixed are not supported"},
		{
			body("multipart/form-data", `{"type":"string","format":"binary"}`),
			"the request's body cannot be written: a multipart body holds the fields of an object, and its schema is of a single value (bytes)",
		},
		{
			body("image/jpeg", `{"type":"string","format":"byte"}`),
			"the request's body cannot be written: image/jpeg holds octets as they are, and its schema is of base64 text (format: byte): write " +
				"format: binary in the document if the server means octets; where it means base64, describe the operation by hand with format: " +
				"binary, and let routes encode it: octets(base64(…))",
		},
		{
			gives("application/pdf", `{"type":"string","format":"byte"}`),
			"the answer cannot be read: application/pdf holds octets as they are, and its schema is of base64 text (format: byte): write " +
				"format: binary in the document if the server means octets; where it means base64, describe the operation by hand with format: " +
				"binary, and let routes encode it: octets(base64(…))",
		},
		{gives("multipart/byteranges", object), "the answer cannot be read: bodies of multipart/byteranges are not supported"},
		{
			`"responses":{"200":{"description":"a","content":{"application/json":{}}},"202":{"description":"b","content":{"text/plain":{}}}}`,
			"its answers are of several media types, application/json and text/plain, which is not supported; name the statuses of one of them " +
				"under success",
		},
		{
			`"responses":{"2XX":{"description":"a","content":{"text/xml":{"schema":{"type":"object"}}}}}`,
			"the answer cannot be read: XML of an object is not supported",
		},
		{
			`"responses":{"default":{"description":"a","content":{"application/xml":{}}}}`,
			"the answer cannot be read: XML is described by the xml words of an OpenAPI document, and here is none",
		},
		{param(`{"name":"f","in":"query","style":"deepObject","schema":{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"}}}}}`), "the query parameter f cannot be written: its field a is itself an object or a list, for which style deepObject has no rule; content: application/json has one"},
		{
			param(`{"name":"f","in":"query","schema":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}}}}}`),
			"the query parameter f cannot be written: its schema is of a list of objects or lists, which no style can write; content: " +
				"application/json can",
		},
		{
			param(`{"name":"f","in":"query","style":"pipeDelimited","explode":true,"schema":{"type":"array","items":{"type":"string"}}}`),
			"the query parameter f cannot be written: style pipeDelimited has no explode: true; style form has",
		},
		{
			param(`{"name":"f","in":"query","content":{"application/xml":{"schema":{"type":"string"}}}}`),
			"the query parameter f cannot be written: content application/xml is not supported, expected application/json or text/plain",
		},
		{
			param(`{"name":"f","in":"cookie","schema":{"type":"array","items":{"type":"string"}}}`),
			"the cookie parameter f cannot be written: a cookie holds one value, and with explode: true a list or an object is several",
		},
		{
			param(`{"name":"f","in":"header","style":"form","schema":{"type":"string"}}`),
			"the header parameter f cannot be written: style form is not supported there, expected simple",
		},
	} {
		document := `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/x":{"post":{"operationId":"fai",` + c.operation + `}}}}`
		var out diag.List
		connectors.Load(withDocument(strings.Replace(wiresConnector[:strings.Index(wiresConnector, "  paga")], "sportello", "prova", 1)+
			"  fai: {}\n", document), "c", registry, transform.Constants{}, &out, diag.Pos{})
		got, want := problems(&out), "c/connector.yaml:6:3: E303 fai: "+c.want
		if !strings.Contains(c.want, "several media types") {
			want += "; it is described at c/api.json:1:92"
		}
		if got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", c.operation, got, want)
		}
	}
	swagger := `{"swagger":"2.0","info":{"title":"x","version":"1"},"paths":{"/x":{"post":{"operationId":"fai","parameters":[
		{"name":"f","in":"query","type":"array","items":{"type":"string"},"collectionFormat":"tsv"}],"responses":{"200":{"description":"ok"}}}}}}`
	var out diag.List
	connectors.Load(withDocument(wiresConnector[:strings.Index(wiresConnector, "  paga")]+"  fai: {}\n", swagger), "c", registry, transform.Constants{}, &out,
		diag.Pos{})
	if got := problems(&out); got != "c/connector.yaml:6:3: E303 fai: the query parameter f cannot be written: style tsv is not supported "+
		"there, expected form, spaceDelimited, pipeDelimited, deepObject; it is described at c/api.json:1:90" {
		t.Error(got)
	}
}

const byHand = `connector: amano
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  cerca:
    get: /cose/{id}
    effect: read
    path: { id: { type: array, items: { type: string }, style: label, explode: true } }
    query:
      filtro: { type: object, properties: { anno: { type: integer } }, style: deepObject }
      pezzi: { type: array, items: { type: string }, style: pipeDelimited }
      scelta: { type: object, properties: { a: { type: integer } }, content: application/json }
      url: { type: string, allow_reserved: true }
      voci: { type: array, items: { type: string }, explode: false }
    headers: { X-Parti: { type: object, properties: { a: { type: integer } }, explode: true } }
    cookies: { sessione: { type: string } }
    answer: { type: string }
    answer_content: text/csv
  invia:
    post: /moduli
    content: application/x-www-form-urlencoded
    body: { type: object, properties: { importo: { type: number } } }
    answer: { type: string, format: binary }
    answer_content: application/pdf
  esiste:
    head: /cose/{id}
    effect: read
samples: samples
`

// TestByHand: a connector without a document says styles and media types itself.
func TestByHand(t *testing.T) {
	server := &recorder{}
	s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(byHand)}}, server)
	server.reply = answering(200, "text/csv; charset=windows-1252", "a;\x80\n")
	if got := call(t, s, caller, "cerca", `{"id":["a","b/c"],"filtro":{"anno":2026},"pezzi":["x","y"],"scelta":{"a":1},"url":"a/b?c","voci":["p","q"],"X-Parti":{"a":7},"sessione":"s 1"}`); got != `"a;€\n"` {
		t.Error(got)
	}
	if want := (request{
		"GET /cose/.a.b%2Fc?filtro%5Banno%5D=2026&pezzi=x%7Cy&scelta=%7B%22a%22%3A1%7D&url=a/b?c&voci=p,q",
		"", "text/csv", "sessione=s%201", "",
	}); server.got != want {
		t.Errorf("%q, expected %q", server.got, want)
	}
	server.reply = answering(200, "application/pdf", "%PDF")
	if got := call(t, s, caller, "invia", `{"importo":1.50}`); got != `"JVBERg=="` {
		t.Error(got)
	}
	if want := (request{"POST /moduli", "application/x-www-form-urlencoded", "application/pdf", "", "importo=1.50"}); server.got != want {
		t.Errorf("%q, expected %q", server.got, want)
	}
	if got := call(t, s, caller, "esiste", `{"id":"1"}`); got != `null` || server.got.line != "HEAD /cose/1" {
		t.Error(got, server.got)
	}
	for _, c := range []struct{ from, to, want string }{
		{"style: deepObject", "style: deepObjekt", "E303 cerca: the query parameter filtro cannot be written: style deepObjekt is not " +
			"supported there, expected form, spaceDelimited, pipeDelimited, deepObject"},
		{
			"    answer: { type: string }\n    answer_content: text/csv\n", "    answer_content: text/csv\n",
			"E303 cerca: answer_content says how an answer is written, and the operation has no answer",
		},
		{
			"content: application/x-www-form-urlencoded", "content: application/xml",
			"E303 invia: the request's body cannot be written: XML is described by the xml words of an OpenAPI document, and here is none",
		},
		{"explode: false", "explode: forse", `E103 explode: found "forse", expected true or false`},
	} {
		var out diag.List
		connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(strings.Replace(byHand, c.from, c.to, 1))}}, "c", registry, transform.Constants{}, &out,
			diag.Pos{})
		if got := problems(&out); !strings.HasSuffix(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: found %s, expected %s", c.to, got, c.want)
		}
	}
}

// TestDotSegments: no style makes a segment that servers take out of a path.
func TestDotSegments(t *testing.T) {
	server := &recorder{reply: answering(200, "text/csv", "x")}
	s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(byHand)}}, server)
	for in, want := range map[string]string{`[""]`: "", `["",""]`: "", `[]`: "", `["a"]`: "GET /cose/.a", `["","",""]`: "GET /cose/..."} {
		server.got = request{}
		if got := call(t, s, caller, "cerca", `{"id":`+in+`}`); server.got.line != want || want == "" && got != `refused 0  ""` {
			t.Errorf("%s: found %s and %s, expected %q", in, server.got.line, got, want)
		}
	}
}

// TestNotRefused: a schema under "not" that is not checked is refused in what is sent, and told of an answer; one that is checked is neither.
func TestNotRefused(t *testing.T) {
	const (
		hard   = `{"type":"object","properties":{"a":{"type":"string","not":{"pattern":"^x"}}}}`
		easy   = `{"type":"object","properties":{"a":{"type":"string","not":{"const":""}}},"not":{"required":["b"]}}`
		answer = `"responses":{"200":{"description":"ok","content":{"application/json":{"schema":%s}}}}`
	)
	for _, c := range []struct{ operation, want string }{
		{`"requestBody":{"content":{"application/json":{"schema":` + hard + `}}},` + fmt.Sprintf(answer, easy), `the request's body cannot be written: its schema has "not" of this kind, which is not supported`},
		{
			`"parameters":[{"name":"q","in":"query","schema":{"type":"string","not":{"minLength":3}}}],` + fmt.Sprintf(answer, easy),
			`the query parameter q cannot be written: its schema has "not" of this kind, which is not supported`,
		},
		{`"requestBody":{"content":{"application/json":{"schema":` + easy + `}}},` + fmt.Sprintf(answer, hard), ""},
	} {
		document := `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/x":{"post":{"operationId":"fai",` + c.operation + `}}}}`
		var out diag.List
		connectors.Load(withDocument(strings.Replace(wiresConnector[:strings.Index(wiresConnector, "  paga")], "sportello", "prova", 1)+
			"  fai: {}\n", document), "c", registry, transform.Constants{}, &out, diag.Pos{})
		if got := problems(&out); out.Failed() != (c.want != "") || !strings.Contains(got, c.want) ||
			!strings.Contains(got, `"not" of this kind is not supported: nothing is checked against it in answers`) {
			t.Errorf("%s: found %s", c.operation, got)
		}
	}
}
