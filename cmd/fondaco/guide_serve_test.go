package main

import (
	"os"
	"strings"
	"testing"
)

// TestGuideServeSOAP does what docs/guide/serve-soap.md says, in a new project.
func TestGuideServeSOAP(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/guide/serve-soap.md")
	if err != nil {
		t.Fatal(err)
	}
	g := &guide{dir: t.TempDir()}
	g.run(t, "fondaco new city")
	g.run(t, "cd city")
	commands := 0
	for _, m := range block.FindAllStringSubmatch(string(page), -1) {
		how, where, kind, text := m[1], m[2], m[3], m[4]
		switch {
		case kind == "sh":
			g.printed.Reset()
			for line := range strings.Lines(text) {
				commands++
				g.run(t, strings.TrimSpace(line))
			}
		case how == "file":
			g.write(t, where, text)
		case how == "append":
			g.write(t, where, g.read(t, where)+text)
		case how == "under":
			file, heading, _ := strings.Cut(where, " ")
			g.write(t, file, strings.Replace(g.read(t, file), "\n"+heading+"\n", "\n"+heading+"\n"+text, 1))
		case how == "steps":
			file, soap, _ := strings.Cut(where, " ")
			head := "    soap: " + soap + "\n    steps:\n"
			g.write(t, file, strings.Replace(g.read(t, file), head, head+text, 1))
		case kind == "text":
			for line := range strings.Lines(text) {
				if !strings.Contains(g.printed.String(), strings.TrimSuffix(line, "\n")) {
					t.Errorf("the page shows %q, found\n%s", line, g.printed.String())
				}
			}
		default:
			t.Errorf("the page has a block that is not tried: %s", text)
		}
	}
	if commands != 8 {
		t.Errorf("the page has %d commands", commands)
	}
}
