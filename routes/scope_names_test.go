package routes_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
)

// TestScopeNames: over all scripts each trigger brings the names that the table of the reference page says, and every row is seen.
func TestScopeNames(t *testing.T) {
	base := ParseArchive(read(t, "testdata/base.txtar"))
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, n := range routes.ScopeNames() {
		for _, by := range n.By {
			want[by+" "+n.Name] = true
		}
	}
	seen := map[string]bool{}
	for _, file := range files {
		if filepath.Base(file) == "base.txtar" {
			continue
		}
		var out diag.List
		typed := routes.Check(routes.Load(config.Source{FS: ParseArchive(read(t, file)).FS(base)}, all.Protocols, &out), &out)
		for by, names := range typed.Brought() {
			for _, name := range names {
				if pair := by + " " + name; want[pair] || !out.Failed() { // a project with problems may name what it may not
					seen[pair] = true
				}
			}
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(seen)) {
		if !want[pair] {
			t.Errorf("the trigger and name %q are not in the table", pair)
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(want)) {
		if !seen[pair] {
			t.Errorf("no script has the trigger and name %q", pair)
		}
	}
}

// namesProject is a project with a route in which each name of the table is in scope, where EXPR stands.
const namesProject = `routes:
  http:
    http: PUT /things/{id}
    auth: { scheme: cittadino }
    path: { id: { type: integer } }
    query: { page: { type: integer } }
    header: { X-Office: { type: string } }
    cookie: { seen: { type: string } }
    body: { type: object, required: [title], properties: { title: { type: string } } }
    steps:
      - set: { value: "${EXPR}" }
    respond: { body: { value: "${value}" } }
`

var namesRoutes = map[string]string{
	"http": namesProject,
	"": `routes:
  sub:
    input: { type: object, required: [title], properties: { title: { type: string } } }
    steps:
      - set: { value: "${EXPR}" }
`,
	"topic": `routes:
  topic:
    topic: filed
    steps:
      - log: seen
        fields: { value: "${EXPR}" }
`,
	"messages": `routes:
  topic:
    topic: filed
    collect: { by: "${message.data.kind}", within: 1m }
    steps:
      - log: seen
        fields: { value: "${EXPR}" }
`,
	"schedule": `routes:
  nightly:
    schedule: { cron: "0 2 * * *", zone: Europe/Rome }
    steps:
      - log: seen
        fields: { value: "${EXPR}" }
`,
	"fault": `routes:
  fault:
    http: GET /fault
    auth: none
    steps:
      - call: sportello.persona
        with: { id: 1 }
        as: found
        catch: { unavailable: { id: 0, nome: "${EXPR}", saldo: 0 } }
    respond: { body: { id: "${found.id}" } }
`,
	"missing": `routes:
  missing:
    http: GET /missing
    auth: none
    steps:
      - parallel:
          person:
            optional: true
            steps:
              - call: sportello.persona
                with: { id: 1 }
                as: person
    respond: { body: { missing: "${missing}", value: "${EXPR}" } }
`,
}

// TestScopeNamesExamples checks every example of a name, where it is in scope: those that are right have no problem, the others the
// one that the table says.
func TestScopeNamesExamples(t *testing.T) {
	base := ParseArchive(read(t, "testdata/base.txtar"))
	for _, n := range routes.ScopeNames() {
		where := n.Name
		switch {
		case n.Name == "key":
			where = "messages"
		case n.Name == "env", n.Name == "project":
			where = "http"
		case n.Name != "messages" && n.By != nil:
			where = n.By[0]
		}
		for _, e := range n.Shown {
			text := strings.ReplaceAll(namesRoutes[where], "EXPR", strings.ReplaceAll(e.Text, `"`, `\"`))
			script := Archive{Files: []File{{Name: "routes/a.yaml", Text: text}, {Name: "fondaco.yaml", Text: namesTopic}}}
			var out diag.List
			routes.Check(routes.Load(config.Source{FS: script.FS(base)}, all.Protocols, &out), &out)
			var found []string
			for _, p := range out.Sorted() {
				line := string(p.Code) + " " + p.Message
				if p.Hint != "" {
					line += " = " + p.Hint
				}
				found = append(found, line)
			}
			if got := strings.Join(found, "; "); got != e.Problem || text == "" {
				t.Errorf("%s\nfound    %s\nexpected %s", e.Text, got, e.Problem)
			}
		}
	}
}

// namesTopic is the project's own file: that of the scripts, with a topic.
const namesTopic = `project: prova
title: Prova
systems:
  sportello:
    connector: ./connectors/sportello
    params: { endpoint: "${env.SPORTELLO_URL}" }
constants:
  stamp: 16.00
  offices: { north: N1, south: S1 }
topics:
  filed:
    schema: { type: object, required: [number, kind], properties: { number: { type: integer }, kind: { type: string } } }
auth:
  cittadino:
    jwt: { issuer: https://login.example, audience: prova, keys: keys.json, algorithms: [ES256], claims: { subject: sub, fiscal_code: cf } }
`
