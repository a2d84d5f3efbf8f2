package rest

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestPresenceRead: which properties are there together is looked at in answers of every media type, beside headers too.
func TestPresenceRead(t *testing.T) {
	answer := func(path, id, media string) string {
		return `"` + path + `":{"get":{"operationId":"` + id + `","responses":{"200":{"description":"ok","content":{"` + media +
			`":{"schema":{"$ref":"#/components/schemas/Uno"}}}}}}}`
	}
	document := `{"openapi":"3.0.3","info":{"title":"Rubrica","version":"1"},"paths":{` + answer("/j", "json", "application/json") + `,` +
		answer("/t", "titled", "application/json") + `,` + answer("/x", "xml", "application/xml") + `,` +
		answer("/f", "form", "application/x-www-form-urlencoded") + `},"components":{"schemas":{"Uno":{"type":"object",
		"properties":{"a":{"type":"string"},"b":{"type":"string"}},"oneOf":[{"required":["a"]},{"required":["b"]}]}}}}`
	connector := `connector: rubrica
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: api.json }
operations:
  json: { effect: read }
  titled: { effect: read, answer_headers: { etag: { type: string } } }
  xml: { effect: read }
  form: { effect: read }
`
	server := &recorder{}
	s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(connector)}, "c/api.json": {Data: []byte(document)}}, server)
	for _, x := range []struct{ operation, media, answer, want string }{
		{"json", "application/json", `{"a":"1"}`, `{"a":"1"}`},
		{"json", "application/json", `{"a":"1","b":"2"}`, "invalid 200 /b"},
		{"titled", "application/json", `{"b":"1"}`, `{"b":"1","etag":"\"7\""}`},
		{"titled", "application/json", `{}`, "invalid"},
		{"xml", "application/xml", `<Uno><a>1</a></Uno>`, `{"a":"1"}`},
		{"xml", "application/xml", `<Uno><a>1</a><b>2</b></Uno>`, "invalid 200 /b"},
		{"xml", "application/xml", `<Uno/>`, "invalid"},
		{"form", "application/x-www-form-urlencoded", `b=1`, `{"b":"1"}`},
		{"form", "application/x-www-form-urlencoded", `a=1&b=1`, "invalid 200 /b"},
	} {
		server.reply = answering(200, x.media, x.answer)
		got := call(t, s, caller, x.operation, `{}`)
		if got != x.want && !(strings.HasPrefix(x.want, "invalid") && strings.HasPrefix(got, x.want)) {
			t.Errorf("%s %s: found %s, expected %s", x.operation, x.answer, got, x.want)
		}
	}
}
