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

const sloppy = `connector: sportello
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", tolerant: true }
operations:
  persona: { get: /p, effect: read, answer: { type: object, required: [nome], properties: { nome: { type: string } } } }
  nota: { get: /n, effect: read, answer: { type: string }, answer_content: text/plain }
  atto: { get: /a, effect: read, answer: { type: string, format: binary }, answer_content: application/pdf }
  modulo: { get: /m, effect: read, answer: { type: object, required: [nome], properties: { nome: { type: string } } }, answer_content: application/x-www-form-urlencoded }
`

// TestTolerant: answers whose head is not as it should be are taken where the connector says tolerant, and counted; else
// they are refused.
func TestTolerant(t *testing.T) {
	const refused = "refused"
	for _, x := range []struct {
		operation, contentType, body string
		want                         string // of a tolerant connector
		strict                       bool   // taken by every connector, and not counted
	}{
		{"persona", "application/json", `{"nome":"Niccolò"}`, `{"nome":"Niccolò"}`, true},
		{"persona", "", `{"nome":"Niccolò"}`, `{"nome":"Niccolò"}`, false},
		{"persona", "text/html; charset=utf-8", `{"nome":"Niccolò"}`, `{"nome":"Niccolò"}`, false},
		{"persona", "text/html; charset=iso-8859-1", "{\"nome\":\"Niccol\xf2\"}", `{"nome":"Niccolò"}`, false},
		{"persona", ";", `{"nome":"Ada"}`, `{"nome":"Ada"}`, false},
		{"persona", "application/json", "{\"nome\":\"Niccol\xf2 \x80\"}", `{"nome":"Niccolò €"}`, false},
		{"persona", "application/json; charset=utf-8", "{\"nome\":\"Niccol\xf2\"}", `{"nome":"Niccolò"}`, false},
		{"persona", "application/json; charset=x-mac", `{"nome":"Ada"}`, `{"nome":"Ada"}`, false},
		{"persona", "application/json; charset=utf-16", "\xff\xfe{", refused, false},
		{"persona", "text/html", `<html>`, refused, false},
		{"persona", "application/json", `{"nome":1}`, `{"nome":"1"}`, false},
		{"persona", "application/json", `{"nome":[]}`, refused, false},
		{"persona", "", ``, refused, false},
		{"nota", "", "Città", `"Città"`, false},
		{"nota", "text/plain", "Citt\xe0", `"Città"`, false},
		{"nota", "application/octet-stream", "Citt\xe0", `"Città"`, false},
		{"nota", "text/html", "Città", refused, false},
		{"atto", "application/pdf", "%PDF", `"JVBERg=="`, true},
		{"atto", "application/x-download", "%PDF", `"JVBERg=="`, false},
		{"atto", "", "%PDF\xff", `"JVBERv8="`, true},
		{"atto", "text/html", "no", refused, false},
		{"atto", "application/problem+json", "{}", refused, false},
		{"modulo", "text/plain", "nome=Ada", `{"nome":"Ada"}`, false},
		{"modulo", "text/html", "nome=Ada", refused, false},
	} {
		for _, tolerant := range []bool{true, false} {
			text := sloppy
			if !tolerant {
				text = strings.Replace(sloppy, ", tolerant: true", "", 1)
			}
			s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}},
				http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					answering(200, x.contentType, x.body)(w)
				}))
			op := s.Connector.Operation(x.operation)
			do, err := caller.Call(op, op.Output)
			if err != nil {
				t.Fatal(err)
			}
			v, err := do(context.Background(), schema.RecordOf(op.Input))
			got, want, counted := string(codec.AppendJSON(nil, v)), x.want, int64(0)
			if err != nil {
				got = refused
				if f := connectors.AsFault(err); f == nil || f.Kind != connectors.Invalid {
					t.Errorf("found %v", err)
				}
			}
			if tolerant && want != refused && !x.strict {
				counted = 1
			}
			if !tolerant && !x.strict {
				want = refused
			}
			if got != want || s.Tolerated() != counted {
				t.Errorf("%s %q %q, tolerant %v\nfound    %s, %d counted (%v)\nexpected %s, %d", x.operation, x.contentType, x.body, tolerant, got,
					s.Tolerated(), err, want, counted)
			}
		}
	}
}

const sloppyValues = `connector: sportello
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", tolerant: true }
operations:
  sedi:
    get: /s
    effect: read
    answer:
      type: array
      items:
        type: object
        required: [id]
        properties: { id: { type: integer }, lat: { type: number }, stato: { type: string, enum: [a] }, dal: { type: string, format: date } }
`

// TestTolerantValues: a value that is not as the description says is read as what it means or loses its field, where it may, and
// each is counted; what is wrong even so is told of the reading that was tried last, with its place.
func TestTolerantValues(t *testing.T) {
	for _, x := range []struct {
		contentType, body, want, path string
		count                         int64
	}{
		{
			"application/json", `[{"id":"1","lat":"45.440800","stato":"z"},{"id":2,"dal":"04/11/2026"}]`, `[{"id":1,"lat":45.440800},{"id":2}]`, "", 4,
		},
		{"text/html", `[{"id":"1","dal":"04/11/2026"}]`, `[{"id":1}]`, "", 3},
		{"application/json", "[{\"id\":\"N\xb0 1\"}]", "/0/id: expected an integer, found text", "/0/id", 0},
		{"text/html", `[{"id":"uno"}]`, "/0/id: expected an integer, found text", "/0/id", 0},
		{
			"text/html", `<html>`, "the answer is no JSON by its Content-Type, and does not read as such: at byte 0: expected a value", "", 0,
		},
	} {
		s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(sloppyValues)}},
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answering(200, x.contentType, x.body)(w) }))
		op := s.Connector.Operation("sedi")
		do, err := caller.Call(op, op.Output)
		if err != nil {
			t.Fatal(err)
		}
		v, err := do(context.Background(), schema.Record(op.Input, schema.Slots(op.Input)))
		got, path := string(codec.AppendJSON(nil, v)), ""
		if f := connectors.AsFault(err); f != nil {
			got, path = f.Err.Error(), f.Path
		}
		if got != x.want || path != x.path || s.Tolerated() != x.count {
			t.Errorf("%s %s: %s at %q, %d tolerated, expected %s at %q, %d", x.contentType, x.body, got, path, s.Tolerated(), x.want, x.path, x.count)
		}
	}
}
