package connectors_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/transform"
)

const good = `connector: prova
version: 1.0.0
implements: [cose@1]
params:
  endpoint: { type: string, format: uri }
  token: { type: string, secret: true }
  canale: { type: string, default: dime }
  livello: { type: integer, minimum: 1, required: false }
rest:
  endpoint: ${param.endpoint}
  auth: { bearer: "${param.token}" }
  headers: { X-Canale: "${param.canale}" }
operations:
  leggi:
    get: /cose/{id}
    effect: read
    answer:
      type: object
      required: [esito]
      properties:
        esito: { type: object, required: [codice], properties: { codice: { type: string }, descrizione: { type: string } } }
        persone: { type: array, items: { type: object, properties: { codiceFiscale: { type: string } } } }
    fails:
      - when: answer.esito.codice != "0"
        as: refused
        detail: Errore ${answer.esito.codice}
    personal: [codiceFiscale]
`

// cose is the interface that good implements.
const cose = `interface: cose
version: 1
operations:
  leggi:
    input: { type: object, required: [id], properties: { id: { type: string } } }
    output: { type: object, required: [esito], properties: { esito: { type: object, required: [codice], properties: { codice: { type: string }, descrizione: { type: string } } }, persone: { type: array, items: { type: object, properties: { codiceFiscale: { type: string } } } } } }
`

// load reads a connector, and returns its problems as they are printed, without the pictures.
func load(t *testing.T, text string) (*connectors.Connector, string) {
	t.Helper()
	var out diag.List
	c := connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}, "interfaces/cose.yaml": {Data: []byte(cose)}}, "c",
		all.Protocols, transform.Constants{}, &out, diag.Pos{})
	return c, problems(&out)
}

func problems(out *diag.List) string {
	var b strings.Builder
	for _, p := range out.Sorted() {
		b.WriteString(p.Pos.String() + ": " + string(p.Code) + " " + p.Message)
		if p.Hint != "" {
			b.WriteString(" = " + p.Hint)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestLoad(t *testing.T) {
	c, wrong := load(t, good)
	if wrong != "" {
		t.Fatal(wrong)
	}
	if c.Name != "prova" || c.Protocol.Name != "rest" || strings.Join(c.OperationNames(), " ") != "leggi" ||
		c.Implements[0].Value != "cose@1" {
		t.Errorf("%+v", c)
	}
	for name, want := range map[string]connectors.Param{
		"endpoint": {Required: true}, "token": {Required: true, Secret: true}, "canale": {Default: "dime"}, "livello": {},
	} {
		p := c.Param(name)
		if p == nil || p.Required != want.Required || p.Secret != want.Secret || p.Default != want.Default {
			t.Errorf("%s: %+v", name, p)
		}
	}
	op := c.Operation("leggi")
	persons := op.Output.Fields[op.Output.Index("persone")].Type
	if op.Effect != connectors.Read || !persons.Elem.Fields[0].Type.Personal || op.Output.Fields[0].Type.Personal {
		t.Errorf("%+v", op)
	}
	if c.Operation("scrivi") != nil || c.Param("x") != nil {
		t.Error("found what is not there")
	}
}

// TestLoadProblems: each mistake, made in the good connector, and what is said of it.
func TestLoadProblems(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"unknown field", "effect: read", "efect: read", "c/connector.yaml:16:5: E101 unknown key \"efect\" in \"leggi\" = did you mean " +
			"\"effect\"?\n"},
		{"effect", "effect: read", "effect: reed", "c/connector.yaml:16:13: E104 effect: found \"reed\", expected read, idempotent or once = " +
			"did you mean \"read\"?\n"},
		{
			"no protocol", good[strings.Index(good, "rest:"):strings.Index(good, "operations:")], "",
			"c/connector.yaml:1:1: E303 the connector says no protocol = write one of rest, soap, database, files, queue, mail\n",
		},
		{"misspelt protocol", "rest:", "rost:", "c/connector.yaml:9:1: E101 unknown key \"rost\" = did you mean \"rest\"?\n"},
		{
			"two protocols", "operations:\n", "soap: { wsdl: x.wsdl, endpoint: \"${param.endpoint}\" }\noperations:\n",
			"c/connector.yaml:13:1: E303 the connector speaks rest already, expected one protocol\n",
		},
		{"interface", "cose@1", "cose", "c/connector.yaml:3:14: E104 found \"cose\", expected an interface and its version, as sanzioni@1\n"},
		{
			"parameter", "${param.endpoint}", "${param.endpint}",
			"c/connector.yaml:10:13: E105 the connector has no parameter \"endpint\" = did you mean \"endpoint\"?\n",
		},
		{"literal secret", `"${param.token}"`, "abcdef", "c/connector.yaml:11:19: E106 bearer: a secret is written into the file = write " +
			"${secret.bearer}, and put the value into the secrets folder or FONDACO_SECRET_BEARER\n"},
		{
			"open secret", `"${param.token}"`, `"${param.canale}"`,
			"c/connector.yaml:11:20: E303 bearer is a secret, and the parameter \"canale\" does not say that it is one = write secret: true in " +
				"the parameter\n",
		},
		{
			"two kinds of auth", `{ bearer: "${param.token}" }`, `{ bearer: "${param.token}", api_key: { query: k, value: "${param.token}" } }`,
			"c/connector.yaml:11:66: E303 auth says both bearer and api_key, expected one of them\n",
		},
		{
			"a key nowhere", `bearer: "${param.token}"`, `api_key: { value: "${param.token}" }`,
			"c/connector.yaml:11:30: E303 api_key needs one of header, query and cookie: where the key is sent\n",
		},
		{"header", "X-Canale", "Host", "c/connector.yaml:12:14: E303 the header Host is the transport's own\n"},
		{"header's name", "X-Canale", "\"X Canale\"", "c/connector.yaml:12:16: E104 found ' ' in the name of a header\n"},
		{
			"path", "effect: read", "effect: read\n    path: { codice: { type: string } }",
			"c/connector.yaml:17:13: E303 leggi: the path has no {codice}\n",
		},
		{"no path", "get: /cose/{id}\n", "title: x\n", "c/connector.yaml:14:3: E303 leggi: the operation says no path = write for example " +
			"get: /letture/{utenza}\n"},
		{"relative path", "get: /cose", "get: cose", "c/connector.yaml:15:10: E104 found \"cose/{id}\", expected a path that begins with /\n"},
		{
			"rule's field", "esito.codice !=", "esito.codce !=",
			"c/connector.yaml:24:28: E203 answer.esito has no field \"codce\" = did you mean \"codice\"?\n",
		},
		{"rule's kind", "as: refused", "as: refuse", "c/connector.yaml:25:13: E104 found \"refuse\", expected one of unavailable, timeout, " +
			"refused, invalid, not-found, conflict, unknown = did you mean \"refused\"?\n"},
		{
			"rule's condition", `answer.esito.codice != "0"`, `answer.esito.codice`,
			"c/connector.yaml:24:15: E204 expected a condition, found text\n",
		},
		{
			"rule's detail", "${answer.esito.codice}", "${answer.esito.code}",
			"c/connector.yaml:26:39: E203 answer.esito has no field \"code\" = it has codice and descrizione\n",
		},
		{
			"personal", "personal: [codiceFiscale]", "personal: [codicefiscale]",
			"c/connector.yaml:27:16: E303 personal: no field of leggi is called \"codicefiscale\" = did you mean \"codiceFiscale\"?\n",
		},
		{"name", "connector: prova", "connector: Prova", "c/connector.yaml:1:12: E104 found 'P' in the name \"Prova\", expected small " +
			"letters, digits and -, a letter first\n"},
	} {
		if !strings.Contains(good, c.from) {
			t.Fatalf("%s: the connector has no %q", c.name, c.from)
		}
		_, got := load(t, strings.Replace(good, c.from, c.to, 1))
		if got != c.want {
			t.Errorf("%s:\nfound    %s\nexpected %s", c.name, got, c.want)
		}
	}
}

// TestLoadNothing: no file, an empty file, no YAML.
func TestLoadNothing(t *testing.T) {
	var out diag.List
	if c := connectors.Load(fstest.MapFS{}, "c", all.Protocols, transform.Constants{}, &out, diag.Pos{File: "fondaco.yaml", Line: 4, Col: 16}); c != nil ||
		!out.Failed() {
		t.Errorf("%v %s", c, problems(&out))
	}
	for _, text := range []string{"", "connector: [", "- x\n", "connector: x\nrest: 5\noperations: { a: 1 }\n"} {
		if _, wrong := load(t, text); wrong == "" {
			t.Errorf("%q: no problem", text)
		}
	}
}

// FuzzLoad: no text of a connector makes the reader panic.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("connector: x\nversion: 1\nrest: { endpoint: a, openapi: b }\noperations: { o: { fails: [{ when: answer.x, as: refused }] } }"))
	f.Add([]byte("connector: x\nversion: 1.0.0\nparams: { e: { type: string } }\ndatabase: { url: \"${param.e}\" }\noperations: { o: { " +
		"effect: read, query: \"select 1\", rows: one } }"))
	f.Add([]byte("connector: x\nversion: 1.0.0\nsoap: { wsdl: s.wsdl, endpoint: http://a, signature: { certificate: a, key: b, modi: " +
		"[ID_AUTH_SOAP_02] } }\noperations: { o: {} }"))
	f.Fuzz(func(t *testing.T, text []byte) {
		began := time.Now()
		load := func() (*connectors.Connector, []diag.Problem, bool) {
			var out diag.List
			c := connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: bytes.Clone(text)}}, "c", all.Protocols, transform.Constants{}, &out, diag.Pos{})
			return c, out.Sorted(), out.Failed()
		}
		c, problems, failed := load()
		lines := bytes.Count(text, []byte("\n")) + 1
		for _, p := range problems {
			if p.Message == "" || p.Pos.File == "c/connector.yaml" && (p.Pos.Line < 0 || p.Pos.Line > lines) {
				t.Fatalf("%q: a problem without words or place: %+v", text, p)
			}
		}
		if !failed {
			switch {
			case c == nil || c.Name == "" || c.Protocol == nil || c.Wire == nil:
				t.Fatalf("%q is no connector, and nothing was said: %+v", text, c)
			case slices.ContainsFunc(c.Operations, func(op *connectors.Operation) bool {
				return op.Input == nil || op.Output == nil || c.Operation(op.Name) != op
			}):
				t.Fatalf("%q has an operation without types", text)
			}
		}
		_, again, _ := load()
		if !slices.EqualFunc(problems, again, func(a, b diag.Problem) bool {
			return a.Pos == b.Pos && a.Message == b.Message &&
				a.Hint == b.Hint
		}) {
			t.Fatalf("%q has other problems the second time:\n%v\n%v", text, problems, again)
		}
		if took := time.Since(began); took > time.Minute {
			t.Fatalf("%q took %v", text, took)
		}
	})
}
