package rest

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestVocabularyOnTheWire: fields that go with others, lists by place, maps by pattern and what stands beside a reference are looked at in what
// is sent and in what is read.
func TestVocabularyOnTheWire(t *testing.T) {
	document := `openapi: 3.1.0
info: {title: Letture, version: '1'}
paths:
  /c: {post: {operationId: contatto, requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Contatto'}}}},
    responses: {200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Contatto'}}}}}}}
  /p: {get: {operationId: punto, responses: {200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Punto'}}}}}}}
  /m: {get: {operationId: misure, responses: {200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Misure'}}}}}}}
  /v: {get: {operationId: voto, responses: {200: {description: ok, content: {application/json: {schema: {type: object, properties: {
    voto: {$ref: '#/components/schemas/Voto', maximum: 5}}}}}}}}}
components: {schemas: {
  Contatto: {type: object, additionalProperties: false, minProperties: 1, dependentRequired: {prefisso: [numero]},
    properties: {mail: {type: string}, prefisso: {type: string}, numero: {type: string}}},
  Punto: {type: array, prefixItems: [{type: number}, {type: string}], items: false},
  Misure: {type: object, patternProperties: {'^[0-9]+$': {type: integer}}, additionalProperties: false},
  Voto: {type: integer, minimum: 0}}}
`
	connector := `connector: letture
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: api.yaml }
operations:
  contatto: { effect: once }
  punto: { effect: read }
  misure: { effect: read }
  voto: { effect: read }
`
	server := &recorder{}
	s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(connector)}, "c/api.yaml": {Data: []byte(document)}}, server)
	for _, x := range []struct{ operation, answer, want string }{
		{"contatto", `{"mail":"a"}`, `{"mail":"a"}`},
		{"contatto", `{"prefisso":"041","numero":"1"}`, `{"prefisso":"041","numero":"1"}`},
		{"contatto", `{"prefisso":"041"}`, "invalid 200"},
		{"contatto", `{}`, "invalid 200"},
		{"punto", `[45.44,"Rialto"]`, `[45.44,"Rialto"]`},
		{"punto", `[45.44,"Rialto",1]`, "invalid 200"},
		{"punto", `[true]`, "invalid 200 /0"},
		{"misure", `{"7":1,"8":2}`, `{"7":1,"8":2}`},
		{"misure", `{"7":"uno"}`, "invalid 200 /7"},
		{"voto", `{"voto":5}`, `{"voto":5}`},
		{"voto", `{"voto":6}`, "invalid 200 /voto"},
		{"voto", `{"voto":-1}`, "invalid 200 /voto"},
	} {
		server.reply = answering(200, "application/json", x.answer)
		in := `{}`
		if x.operation == "contatto" {
			in = `{"mail":"a"}`
		}
		got := call(t, s, caller, x.operation, in)
		if got != x.want && !(strings.HasPrefix(x.want, "invalid") && strings.HasPrefix(got, x.want)) {
			t.Errorf("%s %s: found %s, expected %s", x.operation, x.answer, got, x.want)
		}
	}
}
