package main

import (
	"os"
	"regexp"
	"testing"
)

// TestGuideSimulators: the samples that docs/guide/simulators.md shows check clean.
func TestGuideSimulators(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/guide/simulators.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"fondaco.yaml": `project: office
title: An office
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
systems:
  ufficio: { connector: ./connectors/ufficio, params: { endpoint: "http://127.0.0.1:1" } }
`,
		"connectors/ufficio/connector.yaml": `connector: ufficio
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  apri:
    put: /pratiche/{id}
    effect: idempotent
    body: { type: object, required: [chi], properties: { chi: { type: string } } }
    answer: { type: object, required: [numero], properties: { numero: { type: string } } }
  elenco:
    get: /pratiche
    effect: read
    query: { chi: { type: string } }
    answer: { type: array, items: { type: object, required: [id, stato], properties: { id: { type: string }, stato: { type: string, enum: [aperta, chiusa] } } } }
samples: samples/
`,
		"routes/elenco.yaml": `routes:
  elenco:
    http: GET /pratiche
    auth: none
    query: { chi: { type: string, required: true } }
    steps:
      - { call: ufficio.elenco, with: { chi: "${query.chi}" }, as: elenco }
    respond: { body: "${elenco}" }
`,
		"tests/elenco.yaml": `tests:
  - test: what is there from the beginning
    request: { path: "/pratiche?chi=anna" }
    answer: { body: [ { id: "1", stato: aperta } ] }
`,
	}
	shown := regexp.MustCompile("(?s)<!-- simulators: (\\S+) -->\n```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(shown) != 2 {
		t.Fatalf("the page shows %d samples", len(shown))
	}
	for _, m := range shown {
		files[m[1]] = m[2]
	}
	folder := written(t, files)
	for _, word := range []string{"check", "test"} {
		if code, out, problems := command(t, folder, word, "."); code != exitOK {
			t.Errorf("%s: %d %s%s", word, code, out, problems)
		}
	}
	files["connectors/ufficio/samples/elenco.yaml"] = "- { kept: { in: pratike }, gives: \"${kept}\" }\n"
	if code, _, problems := command(t, written(t, files), "check", "."); code != exitFailed ||
		!regexp.MustCompile(`E303 found "pratike".*\n(.*\n)*.*did you mean "pratiche"`).MatchString(problems) {
		t.Errorf("a list that nothing is kept in: %d %s", code, problems)
	}
}
