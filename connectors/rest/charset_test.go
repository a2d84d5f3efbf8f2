package rest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

const inCharsets = `connector: sportello
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: api.json }
operations:
  modulo:
    post: /a
    content: application/x-www-form-urlencoded; charset=ISO-8859-1
    body: { type: object, properties: { nome: { type: string }, vie: { type: array, items: { type: string } } } }
  oggetto:
    post: /b
    content: application/json; charset=ISO-8859-1
    body: { type: object, properties: { nome: { type: string } } }
  nota: { post: /c, content: text/plain; charset=windows-1252, body: { type: string } }
  righe:
    post: /d
    content: text/csv; charset=ISO-8859-15
    body: { type: array, items: { type: object, properties: { nome: { type: string } } } }
  documento: {}
  largo: { post: /e, content: application/json; charset=utf-16, body: { type: string } }
  ascii: { post: /f, content: application/json; charset=us-ascii, body: { type: object, properties: { nome: { type: string } } } }
  parti: {}
  mappa: { post: /g, content: application/x-www-form-urlencoded; charset=koi8-r, body: { type: object, additionalProperties: { type: string } } }
  utf: { post: /h, content: application/json; charset=UTF-8, body: { type: string } }
`

const inCharsetsDocument = `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{
"/xml":{"post":{"operationId":"documento","requestBody":{"content":{"application/xml;charset=ISO-8859-1":{"schema":{"type":"object",
"xml":{"name":"r"},"properties":{"nome":{"type":"string","xml":{"attribute":true}},"città":{"type":"string"}}}}}},"responses":{"200":{"description":"ok"}}}},
"/parti":{"post":{"operationId":"parti","requestBody":{"content":{"multipart/form-data":{"schema":{"type":"object",
"properties":{"nome":{"type":"string"},"dati":{"type":"object","properties":{"via":{"type":"string"}}}}},
"encoding":{"nome":{"contentType":"text/plain; charset=iso-8859-1"},"dati":{"contentType":"application/json; charset=iso-8859-1"}}}}},
"responses":{"200":{"description":"ok"}}}}}}`

// TestCharsets: a body is written in the charset that its media type says, whoever says it, and the simulator reads it back.
func TestCharsets(t *testing.T) {
	server := &recorder{}
	files := fstest.MapFS{"c/connector.yaml": {Data: []byte(inCharsets)}, "c/api.json": {Data: []byte(inCharsetsDocument)}}
	s, caller := behind(t, files, server)
	var seen schema.Value
	simulator := newSimulator(t, s, &seen)
	for _, x := range []struct{ operation, in, body, fault string }{
		{"modulo", `{"nome":"Alò & C","vie":["è","b"]}`, "nome=Al%F2+%26+C&vie=%E8&vie=b", ""},
		{"modulo", `{"nome":"Dvořák"}`, "", "/nome: expected characters of ISO-8859-1, found other ones"},
		{"modulo", `{"vie":["a","€"]}`, "", "/vie/1: expected characters of ISO-8859-1, found other ones"},
		{"oggetto", `{"nome":"Alò €😀"}`, "{\"nome\":\"Al\xf2 \\u20ac\\ud83d\\ude00\"}", ""},
		{"nota", `{"body":"Alò €"}`, "Al\xf2 \x80", ""},
		{"nota", `{"body":"ř"}`, "", "/body: expected characters of windows-1252, found other ones"},
		{"righe", `{"body":[{"nome":"Alò"},{"nome":"€"}]}`, "nome\r\nAl\xf2\r\n\xa4\r\n", ""},
		{"righe", `{"body":[{"nome":"Alò"},{"nome":"ř"}]}`, "", "/body/1/nome: expected characters of ISO-8859-15, found other ones"},
		{
			"documento", `{"nome":"Alò €","città":"Forlì €"}`,
			"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><r nome=\"Al\xf2 &#8364;\"><citt\xe0>Forl\xec &#8364;</citt\xe0></r>", "",
		},
		{"largo", `{"body":"é"}`, "\xfe\xff\x00\"\x00\xe9\x00\"", ""},
		{"ascii", `{"nome":"é"}`, `{"nome":"\u00e9"}`, ""},
		{"mappa", `{"body":{"имя":"да"}}`, "%C9%CD%D1=%C4%C1", ""},
		{"mappa", `{"body":{"à":"b"}}`, "", "/body/à: expected characters of koi8-r, found other ones"},
		{"utf", `{"body":"é"}`, `"é"`, ""},
		{"parti", `{"nome":"Alò","dati":{"via":"è €"}}`, "Al\xf2|{\"via\":\"\xe8 \\u20ac\"}", ""},
		{"parti", `{"nome":"€"}`, "", "/nome: expected characters of iso-8859-1, found other ones"},
	} {
		op := s.Connector.Operation(x.operation)
		in, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(x.in))
		if err != nil {
			t.Fatal(x.operation, err)
		}
		do, err := caller.Call(op, op.Output)
		if err != nil {
			t.Fatal(err)
		}
		server.got, server.reply = request{}, func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) }
		_, err = do(context.Background(), in)
		if x.fault != "" {
			var f *connectors.Fault
			path, _, _ := strings.Cut(x.fault, ":")
			if !errors.As(err, &f) || f.Kind != connectors.Refused || f.Sent || f.Path != path || f.Err.Error() != x.fault || server.got.body != "" {
				t.Errorf("%s %s: fault %v, path %v, sent %q", x.operation, x.in, err, f, server.got.body)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", x.operation, err)
			continue
		}
		got := server.got.body
		if x.operation == "parti" {
			got = partsText(got)
		}
		if got != x.body {
			t.Errorf("%s %s: sent %q, expected %q", x.operation, x.in, got, x.body)
		}
		seen = schema.Value{}
		if err := simulator(op, in); err != nil || string(codec.AppendJSON(nil, seen)) != string(codec.AppendJSON(nil, in)) {
			t.Errorf("%s: the simulator read %s of %s: %v", x.operation, codec.AppendJSON(nil, seen), x.in, err)
		}
	}
}

// partsText returns the contents of the parts of a body.
func partsText(body string) string {
	var texts []string
	for _, part := range strings.Split(body, "\r\n\r\n")[1:] {
		text, _, _ := strings.Cut(part, "\r\n")
		texts = append(texts, text)
	}
	return strings.Join(texts, "|")
}

// newSimulator returns a function that calls an operation of the simulator of s, which sets seen to the input that it read.
func newSimulator(t *testing.T, s *connectors.System, seen *schema.Value) func(*connectors.Operation, schema.Value) error {
	t.Helper()
	return func(op *connectors.Operation, in schema.Value) error {
		p := wireOf(op)
		body, contentType, err := p.payload(in, 1<<20)
		if err != nil {
			return err
		}
		if contentType == "" {
			contentType = p.bodyMedia.contentType()
		}
		r := httptest.NewRequest(p.method, "/", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", contentType)
		e := &endpoint{operation: op, op: p, read: p.bodyMedia.reading(p.bodyType, codec.JSONOptions{})}
		*seen, err = e.input(r, nil)
		return err
	}
}

// TestCharsetUnknown: a charset that is not supported is a problem at load, with the nearest one.
func TestCharsetUnknown(t *testing.T) {
	for line, want := range map[string]string{
		"content: application/json; charset=x-pippo, body: { type: string }":                                                      `the request's body cannot be written: the charset x-pippo is not supported`,
		"content: text/plain; charset=iso-8859-51, body: { type: string }":                                                        `the request's body cannot be written: the charset iso-8859-51 is not supported; did you mean "iso-8859-1"?`,
		"content: application/x-www-form-urlencoded; charset=utf-16, body: { type: object, properties: { a: { type: string } } }": `the request's body cannot be written: a form in utf-16 is not supported; write it in UTF-8 or a charset of one octet a character`,
		"answer_content: text/plain; charset=windows-1522, answer: { type: string }":                                              `the answer cannot be read: the charset windows-1522 is not supported; did you mean "windows-1250"?`,
		`query: { a: { type: object, properties: { b: { type: string } }, content: "application/json; charset=iso-8859-1" } }`:    `the query parameter a cannot be written: content application/json; charset=iso-8859-1 is not supported: parameters are in UTF-8`,
	} {
		var out diag.List
		text := strings.Replace(inCharsets[:strings.Index(inCharsets, "  modulo")], ", openapi: api.json", "", 1) + "  a: { post: /a, " +
			line + " }\n"
		connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}}, "c", registry, transform.Constants{}, &out, diag.Pos{})
		if _, got, _ := strings.Cut(problems(&out), "E303 a: "); got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", line, problems(&out), want)
		}
	}
}

func wireOf(operation *connectors.Operation) *op { return operation.Wire.(*op) }
