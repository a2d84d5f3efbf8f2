package main

import (
	"strings"
	"testing"
)

// TestGuideDatabase: the connector and the samples that docs/guide/database.md shows check clean, a simulated call ends as the
// page says, and its route is started by a row.
func TestGuideDatabase(t *testing.T) {
	t.Parallel()
	const route = `routes:
  registra:
    http: POST /versamenti
    auth: none
    body: { type: object, required: [iuv], properties: { iuv: { type: string } } }
    steps:
      - call: tributi.registra
        with: { iuv: "${body.iuv}", codice_fiscale: RSSMRA80A01L736U, importo: 10.50, data: "${date(\"2026-06-16\")}" }
        as: versamento
    respond: { status: 201, body: { id: "${versamento.id}" } }
`
	const tests = `tests:
  - test: registered
    request: { method: POST, path: /versamenti, body: { iuv: "1" } }
    answer: { status: 201, body: { id: 4512 } }
  - test: there already
    request: { method: POST, path: /versamenti, body: { iuv: "02000100000009424" } }
    answer:
      status: 409
      body: { type: "about:blank", title: Conflict, status: 409, detail: This payment is registered already. }
`
	const found = `tests:
  - test: a new row
    request: { database: registro.nuovePosizioni }
    answer:
      published:
        - { topic: posizioni.nuove, key: RSSMRA80A01L736U, event: { codice_fiscale: RSSMRA80A01L736U, anno: 2026, dovuto: 120.50 } }
`
	files := map[string]string{
		"fondaco.yaml": `project: office
systems:
  tributi: { connector: ./connectors/tributi, params: { endpoint: "postgresql://127.0.0.1:1/tributi", password: "${secret.tributi}" } }
  registro: { connector: ./connectors/registro, params: { endpoint: "postgresql://127.0.0.1:1/tributi" } }
topics:
  posizioni.nuove:
    schema:
      type: object
      required: [codice_fiscale, anno, dovuto]
      properties: { codice_fiscale: { type: string }, anno: { type: integer }, dovuto: { type: number } }
`,
		"routes/avvisa.yaml":                              strings.Join(guideBlocks(t, "database", "route"), ""),
		"tests/avvisa.yaml":                               found,
		"connectors/registro/connector.yaml":              strings.Join(guideBlocks(t, "database", "watches"), "") + "samples: samples/\n",
		"connectors/registro/samples/nuovePosizioni.yaml": "- answer: [ { id: 3, cod_fisc: RSSMRA80A01L736U, anno: 2026, dovuto: 120.50 } ]\n",
		"routes/registra.yaml":                            route,
		"tests/registra.yaml":                             tests,
		"connectors/tributi/connector.yaml":               strings.Join(guideBlocks(t, "database", "connector"), "") + "samples: samples/\n",
		"connectors/tributi/samples/registra.yaml":        strings.Join(guideBlocks(t, "database", "sample"), ""),
	}
	files["in.json"] = `{"iuv":"1","codice_fiscale":"RSSMRA80A01L736U","importo":10.50,"data":"2026-06-16"}`
	dir := written(t, files)
	for _, name := range []string{"check", "test"} {
		if code, out, problems := command(t, dir, name, "."); code != exitOK {
			t.Errorf("%s: %d %s%s", name, code, out, problems)
		}
	}
	code, out, wire := command(t, dir, "call", "tributi.registra", "--with", "in.json", "--simulated", "--wire")
	for _, want := range []string{"/* fondaco: registra */ insert into versamenti", `"importo": 10.50`, `"id": 4512`} {
		if code != exitOK || !strings.Contains(wire, want) {
			t.Errorf("%d: %s is not shown: %s%s", code, want, out, wire)
		}
	}
	if strings.Contains(out+wire, "RSSMRA80A01L736U") {
		t.Errorf("personal data is shown: %s", wire)
	}
}
