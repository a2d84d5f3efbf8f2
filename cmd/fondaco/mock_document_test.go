package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ofAnother is a document of somebody else, with examples.
const ofAnother = `openapi: 3.1.0
info: { title: Biblioteca, version: 1.0.0 }
paths:
  /libri:
    get:
      operationId: libri
      parameters: [{ name: pagina, in: query, schema: { type: integer, minimum: 1 } }]
      responses:
        '200':
          description: I libri
          content:
            application/json:
              schema: { type: array, items: { $ref: '#/components/schemas/Libro' } }
              examples:
                pieno: { value: [{ titolo: I Malavoglia, copie: 2 }] }
                vuoto: { $ref: '#/components/examples/Nessuno' }
        '404': { description: Non c'è, content: { application/problem+json: { schema: { type: object } } } }
    post:
      operationId: nuovo
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: '#/components/schemas/Libro' } } }
      responses:
        '201': { description: Fatto, content: { application/json: { schema: { $ref: '#/components/schemas/Libro' } } } }
  /libri/{codice}/testo:
    get:
      parameters: [{ name: codice, in: path, required: true, schema: { type: string } }]
      responses:
        '200': { description: Il testo, content: { text/plain: { schema: { type: string }, example: Da una sera all'altra } } }
components:
  schemas:
    Libro:
      type: object
      required: [titolo]
      additionalProperties: false
      properties: { titolo: { type: string, minLength: 2 }, copie: { type: integer, minimum: 0, maximum: 9 } }
  examples:
    Nessuno: { value: [] }
`

// TestMockOfADocument: examples by name, values by seed, and requests that do not fit.
func TestMockOfADocument(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "biblioteca.yaml")
	if err := os.WriteFile(file, []byte(ofAnother), 0o600); err != nil {
		t.Fatal(err)
	}
	api := mocking(t, file)
	ask := func(method, path, body string, head ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, api+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(head); i += 2 {
			req.Header.Add(head[i], head[i+1])
		}
		answer, text := answered(t, req)
		return answer.StatusCode, string(text)
	}
	const asJSON, jsonMedia = "Content-Type", "application/json"
	big := `{"titolo":"` + strings.Repeat("x", 2<<20) + `"}`
	for _, c := range []struct {
		method, path, body string
		head               []string
		status             int
		text               string
	}{
		{"GET", "/libri", "", nil, 200, `[{"titolo":"I Malavoglia","copie":2}]`},
		{"GET", "/libri", "", []string{"Prefer", "example=vuoto"}, 200, `[]`},
		{"GET", "/libri", "", []string{"Prefer", "example=vuota"}, 400, `there are: pieno, vuoto.`},
		{"GET", "/libri", "", []string{"Prefer", "code=404"}, 404, `"status":404`},
		{"GET", "/libri", "", []string{"Prefer", "code=500"}, 400, `no answer 500; it has 200, 404.`},
		{"GET", "/libri?pagina=0", "", nil, 422, `"parameter":"pagina"`},
		{"GET", "/libri?pagine=1", "", nil, 400, `it knows pagina`},
		{"GET", "/libri/x/testo", "", nil, 200, `Da una sera all'altra`},
		{"POST", "/libri", `{"titolo":"x"}`, []string{asJSON, jsonMedia}, 422, `"pointer":"#/titolo"`},
		{"POST", "/libri", `{`, []string{asJSON, jsonMedia}, 400, `not what JSON admits`},
		{"POST", "/libri", ``, []string{asJSON, jsonMedia}, 400, ``},
		{"POST", "/libri", `<a/>`, []string{asJSON, "text/xml"}, 415, ``},
		{"POST", "/libri", big, []string{asJSON, jsonMedia}, 413, ``},
		{"DELETE", "/libri", "", nil, 405, ``},
	} {
		if status, text := ask(c.method, c.path, c.body, c.head...); status != c.status || !strings.Contains(text, c.text) {
			t.Errorf("%s %s %.30s %q: found %d %s", c.method, c.path, c.body, c.head, status, text)
		}
	}
	began := time.Now()
	if status, _ := ask("GET", "/libri", "", "Prefer", "delay=300ms"); status != 200 || time.Since(began) < 300*time.Millisecond {
		t.Errorf("the answer came after %s", time.Since(began))
	}
	const book = `{"titolo":"La coscienza di Zeno"}`
	_, first := ask("POST", "/libri", book, asJSON, jsonMedia)
	_, again := ask("POST", "/libri", book, asJSON, jsonMedia)
	other := map[string]bool{first: true}
	for _, seed := range []string{"2", "3", "4", "5", "6"} {
		api = mocking(t, file, "--seed", seed)
		_, text := ask("POST", "/libri", book, asJSON, jsonMedia)
		other[text] = true
	}
	if first != again || len(other) < 3 {
		t.Errorf("the same seed: %s and %s; of six seeds %d answers", first, again, len(other))
	}
}

// TestMockOfWhatIsNone: a document that cannot be read, and the flag of what mock once did.
func TestMockOfWhatIsNone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "rotto.yaml")
	if err := os.WriteFile(file, []byte("openapi: 3.0.3\ninfo: { title: x, version: 1.0.0 }\npaths: { /a: { get: { responses: { '200': {"+
		" description: x, content: { application/json: { schema: { $ref: '#/components/schemas/Manca' } } } } } } } }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, problems := command(t, ".", "mock", file, "--listen", "127.0.0.1:0"); code != exitFailed || !strings.Contains(problems, "rotto.yaml:3") ||
		!strings.Contains(problems, "Manca") {
		t.Errorf("exit code %d: %s", code, problems)
	}
	if code, _, problems := command(t, "../..", "mock", exampleCity, "--system", "iris"); code != exitUsage ||
		!strings.Contains(problems, "fondaco simulate") {
		t.Errorf("exit code %d: %s", code, problems)
	}
}

// TestMockOfAccepted: a request that is done later is pending, and then done.
func TestMockOfAccepted(t *testing.T) {
	t.Parallel()
	api := mocking(t, exampleCity)
	doc := openapiOf(t, exampleCity)
	tried := 0
	for i := range doc.Operations {
		op := &doc.Operations[i]
		if op.Responses[0].Status != http.StatusAccepted {
			continue
		}
		tried++
		answer, body := answered(t, sampleRequest(t, api, op))
		if answer.StatusCode != http.StatusAccepted || !bytes.Contains(body, []byte(`"state":"accepted"`)) {
			t.Fatalf("%s: %d %s", op.ID, answer.StatusCode, body)
		}
		get := func(path string) (*http.Response, []byte) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			return answered(t, req)
		}
		at := answer.Header.Get("Location")
		for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			answer, body = get(at)
			if answer.StatusCode == http.StatusSeeOther {
				break
			}
		}
		if answer.StatusCode != http.StatusSeeOther || !bytes.Contains(body, []byte(`"state":"done"`)) {
			t.Fatalf("%s: %d %s", op.ID, answer.StatusCode, body)
		}
		if result, text := get(answer.Header.Get("Location")); result.StatusCode/100 != 2 {
			t.Errorf("%s: the result is %d %s", op.ID, result.StatusCode, text)
		}
	}
	if tried == 0 {
		t.Error("no operation of the city accepts requests to do them later")
	}
}
