package rest

import (
	"net/http"
	"testing"
)

// claiming is a document whose answers, request and failures have formats.
const claiming = `{"openapi":"3.0.3","info":{"title":"Anagrafe","version":"1"},"paths":{"/persone":{"post":{"operationId":"cerca",
"requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Persona"}}}},
"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Persona"}}}},
	"404":{"description":"no","content":{"application/problem+json":{"schema":{"type":"object","properties":{"instance":{"type":"string","format":"uri"}}}}}}}}}},
"components":{"schemas":{"Persona":{"type":"object","properties":{"posta":{"type":"string","format":"email"},"foto":{"type":"string","format":"uri"},
	"chiave":{"type":"string","format":"uuid"},"eta":{"type":"integer","format":"int32"},"nato":{"type":"string","format":"date"},
	"amici":{"type":"array","items":{"$ref":"#/components/schemas/Persona"}}}}}}}`

// TestClaimedFormats: what an answer says against a format of JSON Schema is counted and not refused; whole numbers and dates stay facts,
// and so does every format of what is sent.
func TestClaimedFormats(t *testing.T) {
	server := &recorder{}
	s, caller := behind(t, withDocument(`connector: anagrafe
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: api.json }
operations: { cerca: { effect: read } }
`, claiming), server)
	for _, x := range []struct {
		status  int
		answer  string
		want    string
		counted int64
	}{
		{http.StatusOK, `{"posta":"a@b.it","foto":"https://a.example/x","chiave":"5bd1a9c2-0001-4000-8000-0123456789ab"}`, "", 0},
		{http.StatusOK, `{"posta":"non ne ha","foto":"/foto/1.png","chiave":"7","eta":3}`, "", 3},
		{http.StatusOK, `{"amici":[{"posta":"x"},{"amici":[{"foto":"y"}]}]}`, "", 2},
		{http.StatusOK, `{"posta":"x","eta":3000000000}`, `invalid 200 /eta ""`, 0},
		{http.StatusOK, `{"nato":"ieri"}`, `invalid 200 /nato ""`, 0},
		{http.StatusNotFound, `{"instance":"/persone"}`, `not-found 404  ""`, 1},
	} {
		server.reply = answering(x.status, jsonType, x.answer)
		before := s.Tolerated()
		if x.want == "" {
			x.want = x.answer
		}
		if got := call(t, s, caller, "cerca", `{"eta":1}`); got != x.want || s.Tolerated()-before != x.counted {
			t.Errorf("%s: found %s, counted %d", x.answer, got, s.Tolerated()-before)
		}
	}
	in := s.Connector.Operation("cerca").Input
	if in.Fields[in.Index("posta")].Type.Claimed {
		t.Error("what is sent is only claimed")
	}
}
