package rest

import (
	"testing"
	"testing/fstest"
)

// pageable is a document as springdoc writes one of a controller that takes a Pageable.
const pageable = `{"openapi":"3.0.1","info":{"title":"x","version":"1"},"paths":{"/pratiche":{"get":{"operationId":"elenca","parameters":[
{"name":"stato","in":"query","required":false,"schema":{"type":"string"}},
{"name":"pageable","in":"query","required":true,"schema":{"$ref":"#/components/schemas/Pageable"}}],
"responses":{"200":{"description":"OK","content":{"*/*":{"schema":{"type":"array","items":{"type":"string"}}}}}}}}},
"components":{"schemas":{"Pageable":{"type":"object","properties":{"page":{"minimum":0,"type":"integer","format":"int32"},
"size":{"minimum":1,"type":"integer","format":"int32"},"sort":{"type":"array","items":{"type":"string"}}}}}}}`

const pageableConnector = `connector: sportello
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: ./api.json }
operations:
  elenca: { effect: read }
`

// TestPageable: the fields of Spring's Pageable are parameters of their own on the wire, its sort by its repeated name; it need not be given.
func TestPageable(t *testing.T) {
	server := &recorder{reply: answering(200, "application/json", `["a"]`)}
	s, caller := behind(t, withDocument(pageableConnector, pageable), server)
	simulated, player := system(t, fstest.MapFS{
		"c/connector.yaml": {Data: []byte(pageableConnector + "samples: samples\n")}, "c/api.json": {Data: []byte(pageable)},
		"c/samples/elenca.yaml": {Data: []byte("- when: { pageable: { size: 20, sort: [\"nome,asc\", id] } }\n  answer: [due]\n- answer: [tutti]\n")},
	}, "c")
	for _, c := range []struct{ in, sent, simulated string }{
		{`{"stato":"aperta","pageable":{"page":0,"size":20,"sort":["nome,asc","id"]}}`, "GET /pratiche?stato=aperta&page=0&size=20&sort=nome%2Casc&sort=id", `["due"]`},
		{`{"pageable":{"sort":["id"]}}`, "GET /pratiche?sort=id", `["tutti"]`},
		{`{"pageable":{}}`, "GET /pratiche", `["tutti"]`},
		{`{}`, "GET /pratiche", `["tutti"]`},
	} {
		if got := call(t, s, caller, "elenca", c.in); got != `["a"]` || server.got.line != c.sent {
			t.Errorf("%s: sent %q, expected %q; read %s", c.in, server.got.line, c.sent, got)
		}
		if got := call(t, simulated, player, "elenca", c.in); got != c.simulated {
			t.Errorf("%s: the simulator answers %s, expected %s", c.in, got, c.simulated)
		}
	}
}
