package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Each plausible mistake is one problem, at one place: no other comes of it. Correct ones stand in fine.
func TestOneMistakeIsOneProblem(t *testing.T) {
	t.Parallel()
	root := "../../../shared/cases/mistakes"
	list, err := os.ReadDir(root)
	if err != nil {
		t.Skip("the gathered mistakes are absent: ../shared/cases/mistakes")
	}
	fine := []string{ // a number with a leading zero is the number; yes and no are texts in YAML 1.2; a file may end in .yml; log is a step
		"04-octal-in-enum-const-0123-as-number", "07-nested-double-quotes-escaped-ok", "08-step-name-log-does-not-exist", "24-unused-call-answer",
		"36-enum-yes-no-unquoted",
		"41-file-ends-yml", "49-unknown-key-in-fondaco-server", "56-p-stato-spaces",
	}
	two := []string{"37-enum-numbers-for-string"} // two numbers are two places
	for _, dir := range list {
		if !dir.IsDir() {
			continue
		}
		want := `(?s)\n1 (problem|warning) in 1 file\n$`
		switch {
		case slices.Contains(fine, dir.Name()):
			want = `, no problem\n$`
		case slices.Contains(two, dir.Name()):
			want = `\n2 problems in 1 file\n$`
		}
		_, out, problems := command(t, filepath.Join(root, dir.Name()), "check", ".")
		if all := out + problems; !regexp.MustCompile(want).MatchString(all) {
			t.Errorf("%s: expected %s, found\n%s", dir.Name(), strings.TrimSuffix(want, "$"), all)
		}
	}
}

// An unknown key of a connector's operation is one problem: what it should have said is missed neither by the connector's own conditions
// nor by the routes that call it.
func TestUnknownKeyOfOperation(t *testing.T) {
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
    effect: read
    anser: { type: object, required: [stato], properties: { stato: { type: string } } }
    fails: [{ when: answer.stato == "chiusa", as: conflict }]
`,
		"routes/r.yaml": `routes:
  stato:
    http: GET /stato/{id}
    auth: none
    steps: [{ call: archivio.legge, with: { id: "${path.id}" }, as: p }]
    respond: { body: "${p.stato}" }
`,
	})
	_, out, problems := command(t, dir, "check", ".")
	if all := out + problems; !strings.Contains(all, `unknown key "anser" in "legge"`) || !strings.HasSuffix(all, "\n1 problem in 1 file\n") {
		t.Errorf("expected one problem, found\n%s", all)
	}
}
