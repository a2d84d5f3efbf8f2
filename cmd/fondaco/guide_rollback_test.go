package main

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestGuideRollback runs the commands of docs/guide/reload.md that roll a release back, against a project that is served.
func TestGuideRollback(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/guide/reload.md")
	if err != nil {
		t.Fatal(err)
	}
	backend := httptest.NewServer(&flaky{})
	t.Cleanup(backend.Close)
	dir := reloadProject(t, backend.URL)
	p := watching(t, dir)
	p.serves(0)
	first := p.kept().Serving
	rewrite(t, dir, "routes/altra.yaml", versionRoute(1))
	p.serves(1)
	p.serving(first)
	_, part, _ := strings.Cut(string(guide), "\n## Back to a release before")
	part, _, _ = strings.Cut(part, "\n## ")
	ran := 0
	for line := range strings.Lines(part) {
		words, ours := strings.CutPrefix(strings.TrimSpace(line), "$ fondaco rollback ")
		if !ours {
			continue
		}
		ran++
		words = strings.ReplaceAll(words, "5b1f0c", first[:6])
		var args []string
		for i, quoted := range strings.Split(words, `"`) {
			if i%2 == 1 {
				args = append(args, quoted)
			} else {
				args = append(args, strings.Fields(quoted)...)
			}
		}
		p.rollback(exitOK, "", args...)
		switch {
		case strings.Contains(words, "--end"):
			p.serves(1)
		case !strings.Contains(words, "--list"):
			p.serves(0)
		}
		p.stands(!strings.Contains(words, "--end") && !strings.Contains(words, "--list"))
	}
	if ran != 4 {
		t.Errorf("the guide has %d commands, expected 4", ran)
	}
}
