package soap

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/schema"
	"fondaco/transform"
)

// TestGuarded: a simulator asks for what the connector's auth and sign say, and lets in who has it and nobody else.
func TestGuarded(t *testing.T) {
	for _, words := range []string{
		`auth: { basic: { username: rossi, password: "${param.chiave}" } }`,
		`auth: { bearer: "${param.chiave}" }`,
		`auth: { digest: { username: rossi, password: "${param.chiave}" } }`,
		`auth: { api_key: { header: X-Chiave, value: "${param.chiave}" } }`,
		`auth: { aws: { access_key: AK, secret_key: "${param.chiave}", region: eu-south-1, service: execute-api } }`,
		`auth: { caller: token }`,
		`sign: { headers: { X-Firma: "${hex(hmac(\"SHA-512\", param.chiave, method + path + nonce))}" } }`,
	} {
		text := "connector: prova\nversion: 1.0.0\nparams: { endpoint: { type: string }, chiave: { type: string, secret: true } }\n" +
			"soap: { wsdl: s.wsdl, endpoint: \"${param.endpoint}\", " + words + " }\noperations: { op: { effect: read } }\n"
		var out diag.List
		files := fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}, "c/s.wsdl": {Data: []byte(tiny)}}
		c := connectors.Load(files, "c", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
		if c == nil || out.Failed() {
			t.Fatal(words, out.Sorted())
		}
		s := &connectors.System{Name: "prova", Connector: c, Params: map[string]config.Ref{}}
		s.Override("endpoint", "http://127.0.0.1:1")
		s.Override("chiave", "segreto")
		op := c.Operation("op")
		answer := schema.RecordOf(op.Output, schema.Text("sì"))
		handler, err := played(c, simulate.New(s, map[string][]*simulate.Case{"op": {{Sample: connectors.Sample{Answer: answer}}}}))
		if err != nil {
			t.Fatal(words, err)
		}
		server := httptest.NewServer(handler)
		defer server.Close()
		s.Override("endpoint", server.URL)
		caller, err := Protocol.Open(t.Context(), s, connectors.Deps{})
		if err != nil {
			t.Fatal(words, err)
		}
		defer func() { _ = caller.Close() }()
		do, err := caller.Call(op, op.Output)
		if err != nil {
			t.Fatal(words, err)
		}
		got, err := do(connectors.WithCallerToken(t.Context(), "anna"), schema.RecordOf(op.Input, schema.Text("x")))
		if err != nil || got.Get("value").Str() != "sì" {
			t.Errorf("%s: found %v", words, err)
		}
		envelope := `<s:Envelope xmlns:s="` + soap11 + `"><s:Body><a xmlns="urn:t">x</a></s:Body></s:Envelope>`
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(envelope))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "text/xml")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: found %d of a stranger", words, res.StatusCode)
		}
	}
}
