package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDemoDialsNothingBeside: not only systems are simulated in the demo. Login services, the storages of the project
// and those who want to be told of an end are not connected to either, and what is kept is not kept where the project
// keeps it.
func TestDemoDialsNothingBeside(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	dir := simulatedProject(t, v, "url: { type: string }", `rest: { endpoint: "${param.url}" }`, `url: "http://ADDR"`)
	elsewhere := filepath.Join(t.TempDir(), "real.db")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(text, "ADDR", v.addr)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("fondaco.yaml", `project: prova
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
auth:
  altri: { jwt: { issuer: "https://altri.example", audience: ["https://api.example"], keys: "${env.ALTRI_KEYS}", algorithms: [RS256] } }
  spid: { jwt: { issuer: "http://ADDR", audience: ["https://api.example"], keys: "http://ADDR/jwks", algorithms: [RS256] } }
storage: { state: "`+elsewhere+`", topics: "kafka://ADDR", cache: "redis://ADDR" }
systems:
  sportello: { connector: ./connectors/sportello, params: { url: "http://ADDR" } }
`)
	write("routes/due.yaml", `routes:
  mie:
    http: GET /mie
    auth: { scheme: spid }
    steps:
      - { call: sportello.cose, as: c }
    respond: { body: { nome: "${c.nome}" } }
  manda:
    http: POST /manda
    auth: none
    accept: async
    reply_to: { allow: ["http://ADDR/"] }
    body: { type: object, properties: { a: { type: string } } }
    steps:
      - { call: sportello.cose, as: c }
    respond: { status: 201, body: { nome: "${c.nome}" } }
`)
	demo := background(t, dir, func(string) (string, bool) { return "", false }, "demo", ".")
	api := shown(t, demo, `OpenAPI +(http://[0-9.:]+)/openapi.json`)
	token := shown(t, demo, `/mie -H 'Authorization: Bearer ([^']+)'`)
	ask := func(method, path, body string, header ...string) (int, http.Header) {
		req, err := http.NewRequestWithContext(t.Context(), method, api+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode, res.Header
	}
	if status, _ := ask(http.MethodGet, "/mie", "", "Authorization", "Bearer "+token); status != 200 {
		t.Errorf("the demo's own token: %d", status)
	}
	if status, _ := ask(http.MethodGet, "/mie", "", "Authorization", "Bearer "+token[:len(token)-4]+"AAAA"); status != 401 {
		t.Errorf("another token: %d", status)
	}
	status, header := ask(http.MethodPost, "/manda", `{"a":"b"}`, "Content-Type", "application/json", "X-ReplyTo", "http://"+v.addr+"/fine")
	if status != 202 {
		t.Errorf("an async route: %d\n%s", status, demo.String())
	}
	eventually(t, func() string {
		if status, _ := ask(http.MethodGet, header.Get("Location")+"/result", ""); status != 201 {
			return "the operation has not ended"
		}
		return ""
	})
	shown(t, demo, `(is not sent to 127.0.0.1:\d+: the demo calls nobody)`)
	if n := v.calls.Load(); n > 0 {
		t.Errorf("%d connections to what is real", n)
	}
	if _, err := os.Stat(elsewhere); err == nil {
		t.Error("the state of the project was opened")
	}
}

// TestSimulatedSessionAndRedirect: a log-in goes to the simulator too, and nothing that a simulator answers leads away
// from it.
func TestSimulatedSessionAndRedirect(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	dir := simulatedProject(t, v, "url: { type: string }\n  utente: { type: string, default: dime }\n  pin: { type: string, secret: true, "+
		"pattern: \"^[0-9]{4}$\" }",
		`rest: { endpoint: "${param.url}" }`, `url: "http://ADDR", pin: "${secret.pin}"`)
	files := map[string]string{
		"connectors/sportello/connector.yaml": `connector: sportello
version: 1.0.0
title: Lo sportello
params:
  url: { type: string }
  utente: { type: string, default: dime }
  pin: { type: string, secret: true, pattern: "^[0-9]{4}$" }
rest: { endpoint: "${param.url}/v1" }
session:
  login: entra
  with: { utente: "${param.utente}", pin: "${param.pin}" }
  ticket: ${answer.ticket}
  send: ticket
operations:
  entra:
    post: /entra
    effect: idempotent
    body: { type: object, required: [utente, pin], properties: { utente: { type: string }, pin: { type: string } } }
    answer: { type: object, required: [ticket], properties: { ticket: { type: string } } }
  cose:
    get: /cose
    effect: read
    query: { ticket: { type: string } }
    answer: { type: object, required: [nome], properties: { nome: { type: string } } }
  via:
    get: /via
    effect: read
    query: { ticket: { type: string } }
    answer: { type: object, required: [nome], properties: { nome: { type: string } } }
samples: samples/
`,
		"connectors/sportello/samples/entra.yaml": "- answer: { ticket: T-1 }\n",
		"connectors/sportello/samples/cose.yaml":  "- when: { ticket: T-1 }\n  answer: { nome: simulato }\n",
		"connectors/sportello/samples/via.yaml":   "- status: 302\n  headers: { Location: \"http://" + v.addr + "/via\" }\n",
		"routes/via.yaml": "routes:\n  via:\n    http: GET /via\n    auth: none\n    steps:\n      - { call: " +
			"sportello.via, as: c, catch: { invalid: { nome: altrove } } }\n    respond: { body: { nome: \"${c.nome}\" } }\n",
		"tests/via.yaml": "tests:\n  - test: non si segue\n    request: { path: /via }\n    answer: { body: { nome: " +
			"altrove } }\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, out, problems := command(t, dir, "test", "."); code != exitOK || !strings.Contains(out, "2 passed") {
		t.Errorf("exit code %d\n%s%s", code, out, problems)
	}
	if n := v.calls.Load(); n > 0 {
		t.Errorf("the real system was connected to %d times", n)
	}
}
