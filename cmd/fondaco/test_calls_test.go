package main

import (
	"strings"
	"testing"
)

// A project's tests say what systems are asked for: each input, how often, or not at all. What does not come is told with what
// came instead.
func TestCallsOfProjectTests(t *testing.T) {
	t.Parallel()
	dir := written(t, map[string]string{
		"fondaco.yaml": "project: prova\nsystems: { archivio: { connector: ./connectors/archivio } }\n",
		"connectors/archivio/connector.yaml": `connector: archivio
version: 1.0.0
rest: { endpoint: "http://archivio.example" }
operations:
  legge:
    get: /pratiche/{id}
    path: { id: { type: string } }
    query: { anno: { type: integer } }
    effect: read
    answer: { type: object, properties: { id: { type: string } } }
  scrive:
    put: /pratiche
    effect: idempotent
    body: { type: object, properties: { id: { type: string }, importo: { type: number } } }
    answer: { type: object, properties: {} }
samples: samples
`,
		"connectors/archivio/samples/legge.yaml":  "- answer: { id: altra }\n",
		"connectors/archivio/samples/scrive.yaml": "- answer: {}\n",
		"routes/r.yaml": `routes:
  copia:
    http: GET /copia
    auth: none
    query: { anno: { type: integer } }
    steps:
      - parallel:
          uno: { steps: [{ call: archivio.legge, with: { id: "1/26", anno: "${query.anno}" }, as: a }] }
          due: { steps: [{ call: archivio.legge, with: { id: "2/26", anno: "${query.anno}" }, as: b }] }
      - { call: archivio.scrive, with: { id: "1/26", importo: 12.50 }, when: "query.anno == 2026" }
    respond: { body: { fatto: true } }
`,
		"tests/t.yaml": `tests:
  - test: in any order, whole and in part
    request: { path: "/copia?anno=2026" }
    answer: { body: { "...": "..." } }
    calls:
      archivio.legge: [{ "...": "...", anno: 2026 }, { id: 1/26, anno: 2026 }]
      archivio.scrive: { id: 1/26, importo: 12.50 }
  - test: how often, and not at all
    request: { path: "/copia?anno=2025" }
    answer: { status: 200 }
    calls: { archivio.legge: 2, archivio.scrive: [] }
  - test: a case for one of them
    request: { path: "/copia?anno=2025" }
    systems: { archivio.legge: [{ when: { id: 2/26 }, answer: { id: x } }, { answer: { id: y } }], archivio.scrive: { status: 500 } }
    answer: { status: 200 }
  - test: another input
    request: { path: "/copia?anno=2026" }
    answer: { status: 200 }
    calls: { archivio.scrive: { id: 1/26, importo: 12.6 } }
  - test: an input that none has
    request: { path: "/copia?anno=2025" }
    answer: { status: 200 }
    calls: { archivio.legge: [{ id: 1/26, anno: 2025 }, { id: 3/26, anno: 2025 }] }
  - test: too often
    request: { path: "/copia?anno=2026" }
    answer: { status: 200 }
    calls: { archivio.scrive: 0 }
  - test: nothing fits the when
    request: { path: "/copia?anno=2026" }
    systems: { archivio.scrive: { when: { importo: 13 }, answer: {} } }
    answer: { status: 200 }
  - test: nothing is called
    request: { path: "/copia?anno=2025" }
    systems: { archivio.scrive: { when: { importo: 13 }, answer: {} } }
    answer: { status: 200 }
  - test: the case before takes it
    request: { path: "/copia?anno=2026" }
    systems: { archivio.scrive: [{ answer: {} }, { when: { id: 1/26 }, answer: {} }] }
    answer: { status: 200 }
`,
	})
	code, out, problems := command(t, dir, "test", ".")
	if code != exitFailed || !strings.Contains(out, "3 passed, 6 failed") {
		t.Errorf("exit %d, expected 3 that pass and 6 that fail:\n%s%s", code, out, problems)
	}
	for _, want := range []string{
		`calls: archivio.scrive: the input.importo is 12.50, expected 12.6`,
		`calls: no call of archivio.legge has the input {"id":"3/26","anno":2025}; the input was, one after the other, {`,
		`calls: archivio.scrive was called once, expected 0 times; the input was {"id":"1/26","importo":12.50}`,
		`systems: the case of archivio.scrive at tests/t.yaml:30:33 answered no call: its when is {"importo":13}; the input was {"id":"1/26","importo":12.50}`,
		`systems: the case of archivio.scrive at tests/t.yaml:34:33 answered no call; the operation was not called`,
		`systems: the case of archivio.scrive at tests/t.yaml:38:50 answered no call: a case before it answers what fits it`,
	} {
		if strings.Count(out, want) != 1 {
			t.Errorf("expected once %q in:\n%s", want, out)
		}
	}
}

// What a file of tests says of calls is read strictly.
func TestCallsOfProjectTestsAreChecked(t *testing.T) {
	t.Parallel()
	dir := written(t, map[string]string{
		"fondaco.yaml": "project: prova\nsystems: { archivio: { connector: ./connectors/archivio } }\n",
		"connectors/archivio/connector.yaml": "connector: archivio\nversion: 1.0.0\nrest: { endpoint: \"http://archivio.example\" " +
			"}\noperations: { legge: { get: /x } }\n",
		"routes/r.yaml": "routes: { qui: { http: GET /qui, auth: none, respond: { body: qui } } }\n",
		"tests/t.yaml": `tests:
  - test: x
    request: { path: /qui }
    answer: { status: 200 }
    calls: { archivio.lege: 1, archivo.legge: 1, archivio: 1, archivio.legge: spesso }
`,
	})
	code, out, problems := command(t, dir, "test", ".")
	all := out + problems
	for _, want := range []string{
		`archivio has no operation "lege"`, `did you mean "legge"`, `the project has no system "archivo"`,
		`found the system archivio alone, expected an operation: archivio.OPERATION`,
		`expected how many calls there are, or a list of their inputs`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("expected %q in:\n%s", want, all)
		}
	}
	if code == exitOK {
		t.Error("it passed")
	}
}
