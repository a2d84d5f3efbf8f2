package rest

import (
	"net/http"
	"strings"
	"testing"

	"fondaco/schema"
)

// oddities are what published documents do: paths told apart by a fragment, an answer of 204 with a body, formats of whole
// numbers without limits, a default that is not a date.
const oddities = `{"openapi":"3.0.3","info":{"title":"Archivio","version":"1"},"paths":{
"/cartelle/{id}#condividi":{"put":{"operationId":"condividi","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"integer","format":"int32"}},
	{"name":"dal","in":"query","schema":{"type":"string","format":"date","default":"2025-10-15T13:52:38.342Z"}}],
	"responses":{"204":{"description":"ok","content":{"application/json":{"schema":{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}}}}}}},
"/conti":{"get":{"operationId":"conti","parameters":[
	{"name":"piccolo","in":"query","schema":{"type":"integer","format":"int32","minimum":-3000000000,"maximum":7}},
	{"name":"aperto","in":"query","schema":{"type":"integer","format":"int32","minimum":5,"exclusiveMinimum":true}},
	{"name":"senza","in":"query","schema":{"type":"integer","format":"uint16"}},
	{"name":"lungo","in":"query","schema":{"type":"integer","format":"int64"}}],"responses":{"200":{"description":"ok"}}}}}}`

// TestOddities: a fragment is never sent, what is not a date is no default, and 204 has no body.
func TestOddities(t *testing.T) {
	server := &recorder{reply: answering(http.StatusNoContent, "", "")}
	s, caller := behind(t, withDocument(strings.Replace(wiresConnector[:strings.Index(wiresConnector, "operations:")], "sportello", "archivio",
		1)+
		"operations: { condividi: { effect: idempotent }, conti: { effect: read } }\n", oddities), server)
	if got := call(t, s, caller, "condividi", `{"id":3}`); got != "null" {
		t.Errorf("found %s", got)
	}
	if server.got.line != "PUT /cartelle/3" {
		t.Errorf("sent %s", server.got.line)
	}
	in := s.Connector.Operation("conti").Input
	for name, fits := range map[string][2][]int64{
		"piccolo": {{-2147483648, 7}, {-2147483649, 8}},
		"aperto":  {{6, 2147483647}, {5, 2147483648}},
		"senza":   {{0, 65535}, {-1, 65536}},
		"lungo":   {{-1 << 62, 1 << 62}, nil},
	} {
		of := in.Fields[in.Index(name)].Type
		for i, list := range fits {
			for _, n := range list {
				if err := schema.Check(schema.Int(n), of); (err == nil) != (i == 0) {
					t.Errorf("%s: %d: %v", name, n, err)
				}
			}
		}
	}
}
