package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// anprWSDL is a WSDL with schemas beside it.
const anprWSDL = "../../examples/dime/connectors/anpr/wsdl/6001servizioCertificazione.wsdl"

// TestImport: a connector made of a WSDL checks clean and answers at once; a second import changes nothing.
func TestImport(t *testing.T) {
	t.Parallel()
	source, err := filepath.Abs(anprWSDL)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	command(t, dir, "new", "town")
	dir = filepath.Join(dir, "town")
	code, out, problems := command(t, dir, "import", "wsdl", source, "--name", "anagrafe")
	if code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, out, problems)
	}
	for _, want := range []string{
		"connectors/anagrafe is written", "wsdl/tipoDato.xsd", "emissioneCertificato",
		`params: { endpoint: "${env.ANAGRAFE_URL}" }`, "fondaco call anagrafe.", "Review:",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("expected %q in\n%s", want, out)
		}
	}
	project := filepath.Join(dir, "fondaco.yaml")
	text, err := os.ReadFile(project)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "systems:\n",
		"systems:\n  anagrafe:\n    connector: ./connectors/anagrafe\n    params: { endpoint: \"${env.ANAGRAFE_URL}\" }\n", 1))
	if err := os.WriteFile(project, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out, problems := command(t, dir, "check"); code != exitOK || problems != "" {
		t.Errorf("check: exit code %d\n%s%s", code, out, problems)
	}
	_, in, _ := command(t, dir, "call", "anagrafe.emissioneCertificato", "--sample")
	if err := os.WriteFile(filepath.Join(dir, "in.json"), []byte(in), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, problems := command(t, dir, "call", "anagrafe.emissioneCertificato", "--with", "in.json", "--simulated"); code != exitOK ||
		!strings.HasPrefix(out, "{") {
		t.Errorf("call: exit code %d\n%s%s", code, out, problems)
	}
	written := filepath.Join(dir, "connectors", "anagrafe", "connector.yaml")
	if err := os.WriteFile(written, []byte("# mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, problems = command(t, dir, "import", "wsdl", source, "--name", "anagrafe")
	if kept, err := os.ReadFile(written); code != exitUsage || err != nil || string(kept) != "# mine\n" ||
		!strings.Contains(problems, "connectors/anagrafe is there already, with connector.yaml") {
		t.Errorf("a second time: exit code %d, %v, %s: %s", code, err, kept, problems)
	}
}

// TestImportLayout: files keep their places to each other, also those above the WSDL; addresses are told.
func TestImportLayout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const wsdl = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" xmlns:wsp="http://www.w3.org/ns/ws-policy" xmlns:sp="http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702" targetNamespace="urn:t">
<wsp:Policy><sp:UsernameToken><sp:HashPassword/></sp:UsernameToken><sp:IncludeTimestamp/></wsp:Policy>
<types><x:schema targetNamespace="urn:t"><x:include schemaLocation="../xsd/tipi.xsd"/>MORE</x:schema></types>
<message name="in"><part name="p" element="t:chiedi"/></message><message name="out"><part name="p" element="t:dai"/></message>
<portType name="T"><operation name="getDato"><input message="t:in"/><output message="t:out"/></operation></portType>
<binding name="B" type="t:T"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="getDato"><s:operation soapAction="a"/><input><s:body use="literal"/></input><output><s:body use="literal"/></output></operation></binding>
<service name="DatiTributiService"><port name="P" binding="t:B"><s:address location="http://dati.example.org/ws"/></port></service></definitions>`
	for name, text := range map[string]string{
		"vendor/wsdl/dati.wsdl": strings.Replace(wsdl, "MORE", "", 1),
		"vendor/wsdl/altro.wsdl": strings.Replace(wsdl, "MORE",
			`<x:import namespace="urn:altrove" schemaLocation="http://altrove.example.org/a.xsd"/>`, 1),
		"vendor/wsdl/noto.txt": "no part of it",
		"vendor/xsd/tipi.xsd": `<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t"><x:element name="chiedi" type="x:int"/>
<x:element name="dai"><x:complexType><x:choice><x:element name="cognome" type="x:string"/><x:element name="altro" type="x:int"/></x:choice></x:complexType></x:element></x:schema>`,
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if code, out, problems := command(t, dir, "import", "wsdl", "vendor/wsdl/dati.wsdl"); code != exitOK || problems != "" {
		t.Fatalf("exit code %d\n%s%s", code, out, problems)
	}
	for file, want := range map[string]string{
		"wsdl/wsdl/dati.wsdl": "definitions", "wsdl/xsd/tipi.xsd": "cognome", "samples/getDato.yaml": "cognome: \"Rossi\"",
		"schemas/getDato.output.json": `"cognome"`,
		"connector.yaml": "wsdl: wsdl/wsdl/dati.wsdl\n  endpoint: ${param.endpoint}\n  username_token: { username: \"${param.username}\", " +
			"password: \"${param.password}\", digest: true } # its policy asks for it\n  timestamp: true",
	} {
		if text, err := os.ReadFile(filepath.Join(dir, "connectors/dati-tributi", file)); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, expected %q in\n%s", file, err, want, text)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "connectors/dati-tributi/wsdl/wsdl/noto.txt")); err == nil {
		t.Error("a file is copied that is no part of the WSDL")
	}
	code, out, problems := command(t, dir, "import", "wsdl", "vendor/wsdl/altro.wsdl", "--name", "altro")
	if code != exitFailed || !strings.Contains(out, "imports http://altrove.example.org/a.xsd, which is never fetched") ||
		!strings.Contains(problems, "addresses are never fetched") {
		t.Errorf("an address: exit code %d\n%s%s", code, out, problems)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"niente.wsdl"}, exitUsage, "there is no file niente.wsdl"},
		{[]string{"vendor"}, exitUsage, "vendor is a folder"},
		{[]string{}, exitUsage, "expected one"},
		{[]string{"vendor/wsdl/noto.txt"}, exitFailed, "not XML"},
		{[]string{"vendor/xsd/tipi.xsd"}, exitFailed, "expected the definitions of WSDL 1.1"},
		{[]string{"vendor/wsdl/dati.wsdl", "--name", "Dati"}, exitUsage, "expected small letters"},
		{[]string{"vendor/wsdl/dati.wsdl", "--to", "../fuori"}, exitUsage, "expected a folder inside of the project"},
		{[]string{"vendor/wsdl/dati.wsdl", "--port", "Q"}, exitFailed, "it has DatiTributiService/P (SOAP 1.1)"},
	} {
		code, out, problems := command(t, dir, append([]string{"import", "wsdl"}, c.args...)...)
		if code != c.code || !strings.Contains(problems, c.want) {
			t.Errorf("%v: exit code %d, expected %d and %q in\n%s%s", c.args, code, c.code, c.want, out, problems)
		}
	}
}

// libraryAPI is an OpenAPI document; one of its operations is not supported.
const libraryAPI = `openapi: 3.0.3
info: { title: Biblioteca Comunale, version: "1" }
servers: [{ url: https://biblioteca.example.org/v2 }]
components:
  securitySchemes: { chiave: { type: apiKey, in: header, name: X-Chiave } }
security: [{ chiave: [] }]
paths:
  /libri/{isbn}:
    get:
      operationId: libro
      summary: Un libro
      parameters: [{ name: isbn, in: path, required: true, schema: { type: string } }]
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object, required: [titolo], properties: { titolo: { type: string } } } } } } }
    put:
      operationId: aggiorna libro
      parameters: [{ name: isbn, in: path, required: true, schema: { type: string } }]
      requestBody: { content: { application/json: { schema: { type: object, properties: { titolo: { type: string } } } } } }
      responses: { "204": { description: ok } }
    post:
      parameters: [{ name: isbn, in: path, required: true, schema: { type: string } }]
      responses: { "204": { description: ok } }
  /libri/{codice}:
    delete:
      operationId: elimina
      parameters: [{ name: codice, in: path, required: true, schema: { type: string } }]
      responses: { "200": { description: ok, content: { application/yaml: { schema: { type: object } } } } }
`

// TestImportOpenAPI: a connector made of an OpenAPI document checks clean and answers at once; what is not supported is left out
// with its reason, and operations can be chosen.
func TestImportOpenAPI(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	command(t, dir, "new", "town")
	dir = filepath.Join(dir, "town")
	if err := os.WriteFile(filepath.Join(dir, "api.yaml"), []byte(libraryAPI), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, problems := command(t, dir, "import", "openapi", "api.yaml")
	if code != exitOK || problems != "" {
		t.Fatalf("exit code %d\n%s%s", code, out, problems)
	}
	for _, want := range []string{
		"connectors/biblioteca-comunale is written", "3 operations of Biblioteca Comunale",
		"DELETE /libri/{codice}: the answer cannot be read: bodies of application/yaml are not supported",
		`endpoint: "${env.BIBLIOTECA_COMUNALE_URL}"`, `api_key: "${secret.biblioteca_comunale}"`, "fondaco call biblioteca-comunale.libro",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("expected %q in\n%s", want, out)
		}
	}
	written, err := os.ReadFile(filepath.Join(dir, "connectors/biblioteca-comunale/connector.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"  endpoint: { type: string, format: uri } # in the document: https://biblioteca.example.org/v2\n", "  openapi: api.yaml\n",
		"  auth: { api_key: { header: X-Chiave, value: \"${param.api_key}\" } }\n",
		"  libro:\n    title: \"Un libro\"\n    effect: read # review: guessed from the method\n",
		"  aggiorna_libro:\n    operation: \"aggiorna libro\"\n    effect: idempotent # review: guessed from the method\n",
		"  post_libri_isbn:\n    operation: \"POST /libri/{isbn}\"\n    effect: once # review: guessed from the name\n",
		"#   DELETE /libri/{codice}: the answer cannot be read",
	} {
		if !strings.Contains(string(written), want) {
			t.Errorf("expected %q in\n%s", want, written)
		}
	}
	project := filepath.Join(dir, "fondaco.yaml")
	text, err := os.ReadFile(project)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "systems:\n",
		"systems:\n  biblioteca:\n    connector: ./connectors/biblioteca-comunale\n    params: { endpoint: \"${env.B_URL}\", api_key: "+
			"\"${secret.b}\" }\n", 1))
	if err := os.WriteFile(project, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, problems := command(t, dir, "check"); code != exitOK || problems != "" {
		t.Errorf("check: exit code %d\n%s%s", code, out, problems)
	}
	for _, operation := range []string{"libro", "aggiorna_libro", "post_libri_isbn"} {
		_, in, _ := command(t, dir, "call", "biblioteca."+operation, "--sample")
		if err := os.WriteFile(filepath.Join(dir, "in.json"), []byte(in), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out, problems := command(t, dir, "call", "biblioteca."+operation, "--with", "in.json", "--simulated"); code != exitOK {
			t.Errorf("call %s: exit code %d\n%s%s", operation, code, out, problems)
		}
	}
	code, out, problems = command(t, dir, "import", "openapi", "api.yaml", "--operations", "libro,POST /libri/{isbn}", "--name", "due")
	if code != exitOK || !strings.Contains(out, "2 operations of") || strings.Contains(out, "Left out") {
		t.Errorf("exit code %d\n%s%s", code, out, problems)
	}
	code, _, problems = command(t, dir, "import", "openapi", "api.yaml", "--operations", "libre", "--name", "tre")
	if code != exitFailed || !strings.Contains(problems, `has no operation "libre"`) || !strings.Contains(problems, `"libro"`) {
		t.Errorf("exit code %d\n%s", code, problems)
	}
	code, _, problems = command(t, dir, "import", "openapi", "fondaco.yaml", "--name", "tre")
	if code != exitFailed || !strings.Contains(problems, "is not an OpenAPI document") {
		t.Errorf("exit code %d\n%s", code, problems)
	}
}
