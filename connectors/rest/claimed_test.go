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

// TestClaimedElsewhere: so is what an answer says in XML, CSV, lines, a form, parts and text.
func TestClaimedElsewhere(t *testing.T) {
	const record = `{"type":"object","xml":{"name":"p"},"properties":{"posta":{"type":"string","format":"email"},` +
		`"foto":{"type":"array","items":{"type":"string","format":"uri"}},"altro":{"type":"string","format":"uuid"}}}`
	const rows = `{"type":"array","items":{"type":"object","properties":{"posta":{"type":"string","format":"email"},"altro":{"type":"string","format":"uuid"}}}}`
	for _, x := range []struct {
		media, schema, comes, answer, want string
		counted                            int64
	}{
		{"application/xml", record, "application/xml", "<p><posta>x</posta><foto>/a</foto><foto>https://a.example</foto></p>", `{"posta":"x","foto":["/a","https://a.example"]}`, 2},
		{"application/xml", record, "application/xml", "<p><posta>a@b.it</posta></p>", `{"posta":"a@b.it"}`, 0},
		{"text/csv", rows, "text/csv", "posta,altro\r\nx,y\r\na@b.it,\r\n", `[{"posta":"x","altro":"y"},{"posta":"a@b.it"}]`, 2},
		{"application/x-ndjson", record, "application/x-ndjson", "{\"posta\":\"x\"}\n{\"posta\":\"y\"}\n", `[{"posta":"x"},{"posta":"y"}]`, 2},
		{"application/x-www-form-urlencoded", record, "application/x-www-form-urlencoded", "posta=x&foto=/a&foto=/b", `{"posta":"x","foto":["/a","/b"]}`, 3},
		{
			"multipart/form-data", `{"type":"object","properties":{"posta":{"type":"string","format":"email"},"dentro":` + record + `}}`,
			"multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=posta\r\n\r\nx\r\n" +
				"--B\r\nContent-Disposition: form-data; name=dentro\r\n\r\n{\"posta\":\"y\"}\r\n--B--\r\n",
			`{"posta":"x","dentro":{"posta":"y"}}`, 2,
		},
		{"text/plain", `{"type":"string","format":"uuid"}`, "text/plain", "x", `"x"`, 1},
		{"*/*", `{"type":"string","format":"uuid"}`, "text/plain", "x", `"x"`, 1},
		{"*/*", `{"type":"string","format":"uuid"}`, "application/json", `"x"`, `"x"`, 1},
		{"text/plain", `{"oneOf":[{"type":"string","format":"uuid"},{"type":"string","format":"email"}]}`, "text/plain", "a@b.it", `"a@b.it"`, 0},
	} {
		server := &recorder{reply: answering(http.StatusOK, x.comes, x.answer)}
		s, caller := behind(t, withDocument(`connector: anagrafe
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: api.json }
operations: { cerca: { effect: read } }
`, `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"operationId":"cerca","responses":{"200":{"description":"ok","content":{"`+
			x.media+`":{"schema":`+x.schema+`}}}}}}}}`), server)
		if got := call(t, s, caller, "cerca", `{}`); got != x.want || s.Tolerated() != x.counted {
			t.Errorf("%s as %s: found %s, counted %d, expected %s, %d", x.media, x.comes, got, s.Tolerated(), x.want, x.counted)
		}
	}
}
