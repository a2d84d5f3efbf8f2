package rest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

const sloppyKinds = `connector: sportello
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: api.yaml, tolerant: true }
operations: { modulo: { effect: read }, mappa: { effect: read }, righe: { effect: read }, xml: { effect: read }, parti: { effect: read }, testo: { effect: read },
  conteggi: { effect: read }, testa: { effect: read, answer_headers: { X-Conto: { type: integer }, X-Ora: { type: integer, required: true } } } }
`

const sloppyKindsDocument = `openapi: 3.0.3
info: {title: Sedi, version: '1'}
paths:
  /m: {get: {operationId: modulo, responses: {'200': {description: ok, content: {application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Sede'}}}}}}}
  /f: {get: {operationId: mappa, responses: {'200': {description: ok, content: {application/x-www-form-urlencoded: {schema: {
    type: object, additionalProperties: {type: integer}}}}}}}}
  /r: {get: {operationId: righe, responses: {'200': {description: ok, content: {text/csv: {schema: {type: array, items: {$ref: '#/components/schemas/Sede'}}}}}}}}
  /x: {get: {operationId: xml, responses: {'200': {description: ok, content: {application/xml: {schema: {$ref: '#/components/schemas/Sede'}}}}}}}
  /p: {get: {operationId: parti, responses: {'200': {description: ok, content: {multipart/form-data: {schema: {$ref: '#/components/schemas/Sede'}}}}}}}
  /t: {get: {operationId: testo, responses: {'200': {description: ok, content: {text/plain: {schema: {type: boolean}}}}}}}
  /j: {get: {operationId: conteggi, responses: {'200': {description: ok, content: {application/json: {schema: {type: object,
    additionalProperties: {type: integer}}}}}}}}
  /h: {get: {operationId: testa, responses: {'200': {description: ok, content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}}}}}
components:
  schemas:
    Sede:
      type: object
      required: [id, nota]
      xml: {name: sede}
      properties:
        id: {type: integer}
        lat: {type: number}
        aperta: {type: boolean}
        dal: {type: string, format: date}
        stato: {type: string, enum: [a, b], xml: {attribute: true}}
        nota: {type: string, nullable: true, maxLength: 3}
`

// TestTolerantKinds: in forms, CSV, XML, text and maps too, one value that is not as the description says is read as what it means or loses
// its field, where it may, and is counted; without tolerant the answer is refused.
func TestTolerantKinds(t *testing.T) {
	const form, csvText, parted = formType, "text/csv", "multipart/form-data; boundary=b"
	sent := func(pairs ...string) (body string) {
		for i := 0; i < len(pairs); i += 2 {
			body += "--b\r\nContent-Disposition: form-data; name=\"" + pairs[i] + "\"\r\n\r\n" + pairs[i+1] + "\r\n"
		}
		return body + "--b--\r\n"
	}
	for _, x := range []struct {
		operation, contentType, body, want string
		count                              int64
	}{
		{"modulo", form, "id=1&nota=x&lat=45.4&aperta=true", `{"id":1,"lat":45.4,"aperta":true,"nota":"x"}`, 0},
		{"modulo", form, "id=+1+&nota=x&lat=nord&aperta=True&dal=04/11/2026&stato=z", `{"id":1,"aperta":true,"nota":"x"}`, 5},
		{"modulo", form, "id=1&nota=lunga", `{"id":1,"nota":null}`, 1},
		{"modulo", form, "id=uno&nota=x", "invalid /id", 0},
		{"modulo", form, "id=1&nota=%zz", "invalid /nota", 0},
		{"mappa", form, "a=1&b=due&c=3", `{"a":1,"c":3}`, 1},
		{
			"righe", csvText, "id,lat,aperta,stato,nota\r\n1,45.4,TRUE,a,x\r\n 2 ,nord,si,z,lunga\r\n", `[{"id":1,"lat":45.4,"aperta":true,"stato":"a","nota":"x"},` +
				`{"id":2,"nota":null}]`, 6,
		},
		{"righe", csvText, "id,nota\r\nuno,x\r\n", "invalid /0/id", 0},
		{
			"xml", "application/xml", `<sede stato="z"><id> 1 </id><lat>nord</lat><aperta>True</aperta><dal><giorno>4</giorno></dal><nota>x</nota></sede>`,
			`{"id":1,"aperta":true,"nota":"x"}`, 4,
		},
		{"xml", "application/xml", `<sede><id>1</id><lat/><nota>lunga</nota></sede>`, `{"id":1,"nota":null}`, 2},
		{"xml", "application/xml", `<sede><id>uno</id><nota>x</nota></sede>`, "invalid /id", 0},
		{"xml", "application/xml", `<sede><id>1</id><lat>nord<x></lat><nota>x</nota></sede>`, "invalid /lat", 0},
		{"parti", parted, sent("id", " 1 ", "lat", "nord", "aperta", "TRUE", "nota", "lunga"), `{"id":1,"aperta":true,"nota":null}`, 4},
		{"parti", parted, sent("id", "uno", "nota", "x"), "invalid /id", 0},
		{"testo", "text/plain", " True ", `true`, 1},
		{"testo", "text/plain", "si", "invalid ", 0},
		{"conteggi", jsonType, `{"a":1,"b":"due","c":"3"}`, `{"a":1,"c":3}`, 2},
		{"testa", jsonType, `{"n":1}`, `{"n":1,"X-Ora":9}`, 1},
	} {
		for _, tolerant := range []bool{true, false} {
			text := sloppyKinds
			if !tolerant {
				text = strings.Replace(text, ", tolerant: true", "", 1)
			}
			s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}, "c/api.yaml": {Data: []byte(sloppyKindsDocument)}},
				http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("X-Conto", "molti")
					w.Header().Set("X-Ora", "9")
					answering(200, x.contentType, x.body)(w)
				}))
			op := s.Connector.Operation(x.operation)
			do, err := caller.Call(op, op.Output)
			if err != nil {
				t.Fatal(err)
			}
			v, err := do(context.Background(), schema.RecordOf(op.Input))
			got, want, count := string(codec.AppendJSON(nil, v)), x.want, x.count
			if f := connectors.AsFault(err); f != nil {
				got = string(f.Kind.String()) + " " + f.Path
			}
			if !tolerant && count > 0 {
				want, count = "invalid", 0
				got, _, _ = strings.Cut(got, " ")
			}
			if got != want || s.Tolerated() != count {
				t.Errorf("%s %q, tolerant %v\nfound    %s, %d counted (%v)\nexpected %s, %d", x.operation, x.body, tolerant, got, s.Tolerated(), err, want, count)
			}
		}
	}
}
