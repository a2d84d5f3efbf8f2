package main

import "testing"

// TestGuideConsole: what docs/guide/console.md shows checks clean.
func TestGuideConsole(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"server", "console_hosts", "traces"} {
		for _, text := range guideBlocks(t, "console", name) {
			if code, out, problems := command(t, written(t, map[string]string{"fondaco.yaml": "project: office\ntitle: Office\n" + text}), "check",
				"."); code != exitOK {
				t.Errorf("%s\n%d %s%s", text, code, out, problems)
			}
		}
	}
}
