package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/engine"
)

// vendor is a real system on a real socket: nothing that simulates may connect to it.
type vendor struct {
	addr  string
	calls atomic.Int64 // connections
}

func newVendor(t *testing.T) *vendor {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := &vendor{addr: l.Addr().String()}
	server := &http.Server{
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				v.calls.Add(1)
			}
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"nome":"vero","access_token":"vero","token_type":"Bearer"}`)
		}),
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return v
}

const restOperations = `operations:
  cose:
    get: /cose
    effect: read
    answer: { type: object, required: [nome], properties: { nome: { type: string } } }
samples: samples/
`

const soapOperations = `operations:
  cose: { operation: Cose, effect: read }
samples: samples/
`

// namings are the ways in which a connector and a project say where a system is. ADDR is the real system's address.
var namings = []struct{ name, params, protocol, given string }{
	{"a parameter called url", "url: { type: string }", "rest: { endpoint: \"${param.url}\" }", `url: "http://ADDR"`},
	{"a parameter with a path", "url: { type: string }", "rest: { endpoint: \"${param.url}/v1\" }", `url: "http://ADDR/base"`},
	{"a literal address", "", "rest: { endpoint: \"http://ADDR/v1/\" }", ""},
	{"a default", "url: { type: string, default: \"http://ADDR\" }", "rest: { endpoint: \"${param.url}\" }", ""},
	{
		"two parameters", "host: { type: string }\n  port: { type: integer }", "rest: { endpoint: \"http://${param.host}:${param.port}/api\" }",
		`host: "HOST", port: PORT`,
	},
	{"the environment", "", "rest: { endpoint: \"${env.REAL_URL}\" }", ""},
	{
		"a parameter from the environment", "indirizzo: { type: string, format: uri }", "rest: { endpoint: \"${param.indirizzo}\" }",
		`indirizzo: "${env.REAL_URL}"`,
	},
	{
		"a variable that is not set", "host: { type: string }\n  port: { type: integer }",
		"rest: { endpoint: \"https://${param.host}:${param.port}/api\" }", `host: "${env.MISSING_A}", port: "${env.MISSING_B}"`,
	},
	{"a secret", "", "rest: { endpoint: \"https://${secret.host}/api\" }", ""},
	{
		"endpoint beside the address", "endpoint: { type: string }\n  url: { type: string }",
		"rest: { endpoint: \"${param.url}\", headers: { X-Endpoint: \"${param.endpoint}\" } }", `endpoint: "http://ADDR", url: "http://ADDR"`,
	},
	{
		"a token's address", "url: { type: string }\n  key: { type: string, secret: true }",
		"rest: { endpoint: \"${param.url}\", auth: { oauth2: { token_url: \"http://ADDR/token\", client_id: a, client_secret: " +
			"\"${param.key}\" } } }", `url: "http://ADDR", key: "${secret.key}"`,
	},
	{
		"a token's parameter", "endpoint: { type: string }\n  login: { type: string }",
		"rest: { endpoint: \"${param.endpoint}\", auth: { oauth2: { token_url: \"${param.login}\", client_id: a, client_secret: " +
			"\"${secret.key}\" } } }", `endpoint: "http://ADDR", login: "http://ADDR/oauth/token"`,
	},
	{
		"TLS and a certificate", "url: { type: string }",
		"rest: { endpoint: \"${param.url}\", tls: { certificate: client.pem, key: \"${secret.tls}\" } }", `url: "https://ADDR"`,
	},
	{
		"soap: a parameter called url", "url: { type: string }", "soap: { wsdl: cose.wsdl, endpoint: \"${param.url}\" }",
		`url: "http://ADDR/ws"`,
	},
	{"soap: a literal address", "", "soap: { wsdl: cose.wsdl, endpoint: \"http://ADDR/ws/cose?x=1\" }", ""},
	{
		"soap: two parameters", "host: { type: string }\n  port: { type: integer }",
		"soap: { wsdl: cose.wsdl, endpoint: \"http://${param.host}:${param.port}/ws\" }", `host: "HOST", port: PORT`,
	},
	{
		"soap: a token's address", "url: { type: string }",
		"soap: { wsdl: cose.wsdl, endpoint: \"${param.url}\", auth: { oauth2: { token_url: \"http://ADDR/token\", client_id: a, " +
			"client_secret: \"${secret.key}\" } } }", `url: "http://ADDR"`,
	},
	{
		"soap: signed with a secret key", "url: { type: string }",
		"soap: { wsdl: cose.wsdl, endpoint: \"${param.url}\", signature: { modi: [INTEGRITY_SOAP_01], certificate: client.pem, key: " +
			"\"${secret.key}\", trusted: client.pem, answers: true } }", `url: "http://ADDR"`,
	},
}

// simulatedProject writes a project whose one system is named so.
func simulatedProject(t *testing.T, v *vendor, params, protocol, given string) string {
	t.Helper()
	host, port, _ := strings.Cut(v.addr, ":")
	fill := strings.NewReplacer("ADDR", v.addr, "HOST", host, "PORT", port).Replace
	operations := restOperations
	files := map[string]string{}
	if strings.HasPrefix(protocol, "soap") {
		operations = soapOperations
		files["connectors/sportello/cose.wsdl"] = coseWSDL
	}
	if params != "" {
		params = "params:\n  " + params + "\n"
	}
	files["fondaco.yaml"] = fill("project: prova\nserver: { listen: \"127.0.0.1:0\", console: \"127.0.0.1:0\" }\nsystems:\n  sportello: { " +
		"connector: ./connectors/sportello, params: { " + given + " } }\n")
	files["connectors/sportello/connector.yaml"] = fill("connector: sportello\nversion: 1.0.0\ntitle: Lo sportello\n" + params + protocol +
		"\n" + operations)
	files["connectors/sportello/samples/cose.yaml"] = "- answer: { nome: simulato }\n"
	files["routes/cose.yaml"] = "routes:\n  cose:\n    http: GET /cose\n    auth: none\n    steps:\n      - { call: sportello.cose, as: c " +
		"}\n    respond: { body: { nome: \"${c.nome}\" } }\n"
	files["tests/cose.yaml"] = "tests:\n  - test: si risponde\n    request: { path: /cose }\n    answer: { body: { nome: simulato } }\n"
	return written(t, files)
}

const coseWSDL = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:cose" targetNamespace="urn:cose">
<types><x:schema targetNamespace="urn:cose" elementFormDefault="qualified">
<x:element name="Cose"><x:complexType><x:sequence/></x:complexType></x:element>
<x:element name="CoseResponse"><x:complexType><x:sequence><x:element name="nome" type="x:string"/></x:sequence></x:complexType></x:element>
</x:schema></types>
<message name="In"><part name="p" element="t:Cose"/></message><message name="Out"><part name="p" element="t:CoseResponse"/></message>
<portType name="P"><operation name="Cose"><input message="t:In"/><output message="t:Out"/></operation></portType>
<binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Cose"><s:operation soapAction="cose"/><input><s:body use="literal"/></input><output><s:body use="literal"/></output></operation></binding>
<service name="S"><port name="P" binding="t:B"><s:address location="http://127.0.0.1:9/ws"/></port></service>
</definitions>`

// background runs a command until the test ends, and returns what it prints.
func background(t *testing.T, dir string, env func(string) (string, bool), args ...string) (out *watched) {
	t.Helper()
	out = &watched{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	w := &engine.World{Args: args, Env: env, Dir: dir, Stdout: out, Stderr: out, Now: time.Now}
	go func() { ended <- run(ctx, w) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Error("the command does not end")
		}
	})
	return out
}

// shown waits until a command has printed something that fits, and returns its first group.
func shown(t *testing.T, out *watched, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern)
	var text string
	eventually(t, func() string {
		if m := found.FindStringSubmatch(out.String()); m != nil {
			text = m[1]
			return ""
		}
		return pattern + " is not in\n" + out.String()
	})
	return text
}

func httpGet(t *testing.T, address string) (int, string) {
	t.Helper()
	res, err := http.Get(address) //nolint:noctx // a test's own
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// TestSimulatedSystemsDialNothingElse: whatever the parameters are called that say where a system is, a system that is
// simulated is called at its simulator alone, and neither its secrets nor its environment are needed.
func TestSimulatedSystemsDialNothingElse(t *testing.T) {
	t.Parallel()
	for _, c := range namings {
		t.Run(c.name, func(t *testing.T) {
			v := newVendor(t)
			dir := simulatedProject(t, v, c.params, c.protocol, c.given)
			env := func(name string) (string, bool) {
				if name == "REAL_URL" {
					return "http://" + v.addr, true
				}
				if strings.HasPrefix(name, "FONDACO_SECRET_") {
					t.Errorf("the secret %s was read", name)
				}
				return "", false
			}
			if err := os.WriteFile(dir+"/client.pem", []byte("no PEM"), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"test", "."}, {"call", "sportello.cose", "--simulated"}} {
				var out, problems bytes.Buffer
				w := &engine.World{Args: args, Env: env, Dir: dir, Stdout: &out, Stderr: &problems, Now: time.Now}
				if code := run(t.Context(), w); code != exitOK {
					t.Errorf("%v: exit code %d\n%s%s", args, code, out.String(), problems.String())
				}
			}
			demo := background(t, dir, env, "demo", ".")
			api := shown(t, demo, `OpenAPI +(http://[0-9.:]+)/openapi.json`)
			if status, body := httpGet(t, api+"/cose"); status != 200 || body != `{"nome":"simulato"}` {
				t.Errorf("demo: %d %s\n%s", status, body, demo.String())
			}
			shown(t, background(t, dir, env, "simulate", "."), `(?s)sportello +(http://127.0.0.1:\d+).*FONDACO_SECRET_NAME=simulated`)
			if n := v.calls.Load(); n > 0 {
				t.Errorf("the real system was connected to %d times", n)
			}
		})
	}
}
