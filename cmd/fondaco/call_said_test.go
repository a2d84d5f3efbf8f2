package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCallSaid: a call that fails prints what the system said, with personal data masked, also within the detail.
func TestCallSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"fondaco.yaml": "project: p\ntitle: P\nsystems:\n  bib: { connector: ./connectors/bib, params: { endpoint: \"${env.BIB_URL}\" } }\n",
		"connectors/bib/connector.yaml": `connector: bib
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  prestito:
    get: /prestiti
    effect: read
    answer: { type: object, properties: { titolo: { type: string } } }
    error: { type: object, required: [codice], properties: { codice: { type: string }, nome: { type: string } } }
    fails: [{ when: error.codice == "SOSPESO", as: refused, detail: "Sospesa: ${error.nome ?? \"?\"}" }]
    personal: [nome]
samples: samples
`,
		"connectors/bib/samples/prestito.yaml": "- status: 403\n  answer: { codice: SOSPESO, nome: Ada Rossi }\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, problems := command(t, dir, "call", "bib.prestito", "--simulated")
	for _, want := range []string{
		"bib.prestito: refused\n", "  reason: HTTP status 403\n", "  detail: Sospesa: ***\n",
		`  said: { "codice": "SOSPESO", "nome": "***" }` + "\n", "  status: 403\n",
	} {
		if code != exitFailed || !strings.Contains(problems, want) {
			t.Errorf("exit code %d, expected %q in\n%s%s", code, want, out, problems)
		}
	}
}
