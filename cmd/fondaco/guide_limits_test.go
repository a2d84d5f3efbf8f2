package main

import "testing"

// TestGuideLimits: what docs/guide/limits.md shows checks clean.
func TestGuideLimits(t *testing.T) {
	t.Parallel()
	for _, text := range guideBlocks(t, "limits", "limits") {
		if code, out, problems := command(t, written(t, guided("", text)), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
	for _, text := range guideBlocks(t, "limits", "server") {
		files := map[string]string{"fondaco.yaml": "project: office\ntitle: Office\n" + text}
		if code, out, problems := command(t, written(t, files), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
}
