package main

import "testing"

// TestGuideNetwork: what docs/guide/network.md shows checks clean.
func TestGuideNetwork(t *testing.T) {
	t.Parallel()
	for _, text := range guideBlocks(t, "network", "network") {
		if code, out, problems := command(t, written(t, map[string]string{"fondaco.yaml": "project: office\ntitle: Office\n" + text}), "check",
			"."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
}
