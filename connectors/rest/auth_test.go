package rest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/transport"
	"fondaco/schema"
	"fondaco/transform"
)

const guarded = `connector: atti
version: 1.0.0
params: { endpoint: { type: string }, chiave: { type: string, secret: true } }
rest: { endpoint: "${param.endpoint}", auth: AUTH }
operations:
  leggi: { get: "/atti/{id}", effect: read, cookies: { lingua: { type: string } }, answer: { type: object, properties: { n: { type: integer } } } }
samples: samples
`

// TestAuthSimulated: the simulator asks for what the connector sends, and nobody else is let in.
func TestAuthSimulated(t *testing.T) {
	for _, auth := range []string{
		`{ digest: { username: rossi, password: "${param.chiave}" } }`, `{ api_key: { cookie: chiave, value: "${param.chiave}" } }`,
		`{ api_key: { header: X-Chiave, value: "${param.chiave}" } }`,
	} {
		s, caller := system(t, fstest.MapFS{
			"c/connector.yaml":     {Data: []byte(strings.Replace(guarded, "AUTH", auth, 1))},
			"c/samples/leggi.yaml": {Data: []byte("- answer: { n: 1 }\n")},
		}, "c")
		if got := call(t, s, caller, "leggi", `{"id":"a b","lingua":"it"}`); got != `{"n":1}` {
			t.Errorf("%s: found %s", auth, got)
		}
		endpoint, _, err := s.Param("endpoint")
		if err != nil {
			t.Fatal(err)
		}
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint+"/atti/1", nil)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: found %d of a stranger", auth, res.StatusCode)
		}
	}
}

// TestCallerSimulated: the simulators of systems that are called with the caller's token, and of the server that exchanges it.
func TestCallerSimulated(t *testing.T) {
	for _, auth := range []string{
		`{ caller: token }`, `{ exchange: { token_url: "${param.endpoint}/token", client_id: a, client_secret: "${param.chiave}", audience: x } }`,
	} {
		s, caller := system(t, fstest.MapFS{
			"c/connector.yaml":     {Data: []byte(strings.Replace(guarded, "AUTH", auth, 1))},
			"c/samples/leggi.yaml": {Data: []byte("- answer: { n: 1 }\n")},
		}, "c")
		op := s.Connector.Operation("leggi")
		leggi, err := caller.Call(op, op.Output)
		if err != nil {
			t.Fatal(err)
		}
		slots := schema.Slots(op.Input)
		slots[op.Input.Index("id")+1] = schema.Text("1")
		in := schema.Record(op.Input, slots)
		if got, err := leggi(connectors.WithCallerToken(t.Context(), "anna"), in); err != nil || got.Get("n").Int() != 1 {
			t.Errorf("%s: found %v", auth, err)
		}
		if _, err := leggi(t.Context(), in); connectors.AsFault(err) == nil || connectors.AsFault(err).Kind != connectors.Refused {
			t.Errorf("%s: found %v without a caller", auth, err)
		}
	}
}

// TestAuthProblems: one place for a key, one way to log in.
func TestAuthProblems(t *testing.T) {
	for auth, want := range map[string]string{
		`{ api_key: { cookie: a, query: b, value: "${param.chiave}" } }`:                      "api_key needs one of header, query and cookie",
		`{ api_key: { value: "${param.chiave}" } }`:                                           "api_key needs one of header, query and cookie",
		`{ api_key: { cookie: "a;b", value: "${param.chiave}" } }`:                            "found ';' in the name of the cookie",
		`{ bearer: "${param.chiave}", digest: { username: a, password: "${param.chiave}" } }`: "auth says both digest and bearer",
		`{ caller: pass }`: `found "pass", expected token`,
		`{ caller: token, bearer: "${param.chiave}" }`:  "auth says both bearer and caller",
		`{ digest: { username: a, password: aperta } }`: "password",
	} {
		var out diag.List
		connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(strings.Replace(strings.Replace(guarded, "AUTH", auth, 1),
			"samples: samples\n", "", 1))}}, "c", registry, transform.Constants{}, &out, diag.Pos{})
		if all := out.Sorted(); len(all) != 1 || !strings.Contains(all[0].Message, want) {
			t.Errorf("%s: found %s, expected %s", auth, problems(&out), want)
		}
	}
}

// TestTokenOrForm: a form that bears a token is a call of the system, and no request for a token.
func TestTokenOrForm(t *testing.T) {
	tokens := &transport.Tokens{ClientID: "a", ClientSecret: "b", Token: "t"}
	for token, want := range map[string]bool{"Bearer t": false, "": true} {
		r := httptest.NewRequest(http.MethodPost, "/pagamenti", strings.NewReader("importo=1"))
		r.Header.Set("Content-Type", formType)
		r.Header.Set("Authorization", token)
		if got := tokens.Answer(httptest.NewRecorder(), r); got != want {
			t.Errorf("%q: found %v", token, got)
		}
	}
}
