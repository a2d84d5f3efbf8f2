package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

const wideAPI = `openapi: 3.0.3
info: { title: TITLE, version: "2" }
servers: [{ url: "https://biblioteca.example.org/v2" }]
security: [{ accesso: [leggi] }]
paths:
  /libri/{isbn}:
    get:
      operationId: libro
      summary: TITLE
      parameters: [{ name: isbn, in: path, required: true, schema: { type: string } }]
      responses:
        "200":
          description: ok
          content: { application/json: { schema: { type: object, required: [titolo], properties: { titolo: { type: string, example: TITLE } } } } }
components:
  securitySchemes:
    accesso: { type: oauth2, flows: { clientCredentials: { tokenUrl: "https://login.example.org/token", scopes: { leggi: x } } } }
`

// TestImportWidth: an imported connector has lines of at most 140 characters, and checks clean.
func TestImportWidth(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	command(t, dir, "new", "town")
	dir = filepath.Join(dir, "town")
	api := strings.ReplaceAll(wideAPI, "TITLE", `"`+strings.TrimSpace(strings.Repeat("Consultazione dei libri: ", 7))+`"`)
	if err := os.WriteFile(filepath.Join(dir, "api.yaml"), []byte(api), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, problems := command(t, dir, "import", "openapi", "api.yaml", "--name", "libri"); code != exitOK || problems != "" {
		t.Fatalf("exit code %d\n%s%s", code, out, problems)
	}
	for name, within := range map[string]string{"connector.yaml": "oauth2: {", "samples/libro.yaml": "titolo:"} {
		written, err := os.ReadFile(filepath.Join(dir, "connectors/libri", name))
		if err != nil || !strings.Contains(string(written), within) {
			t.Fatalf("expected %q in %s, %v:\n%s", within, name, err, written)
		}
		for i, line := range strings.Split(string(written), "\n") {
			if n := utf8.RuneCountInString(line); n > 140 {
				t.Errorf("%s:%d: found a line of %d characters: %s", name, i+1, n, line)
			}
		}
	}
	project := filepath.Join(dir, "fondaco.yaml")
	text, err := os.ReadFile(project)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "systems:\n", "systems:\n  libri:\n    connector: ./connectors/libri\n"+
		"    params: { endpoint: \"${env.L_URL}\", client_id: a, client_secret: \"${secret.l}\" }\n", 1))
	if err := os.WriteFile(project, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, problems := command(t, dir, "check"); code != exitOK || problems != "" {
		t.Errorf("check: exit code %d\n%s%s", code, out, problems)
	}
	if err := os.WriteFile(filepath.Join(dir, "in.json"), []byte(`{"isbn": "1"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, problems := command(t, dir, "call", "libri.libro", "--simulated", "--with", "in.json")
	if title := strings.Repeat("Consultazione dei libri: ", 6); code != exitOK || !strings.Contains(out, title) {
		t.Errorf("expected the sample's %q, found exit code %d\n%s%s", title, code, out, problems)
	}
}
