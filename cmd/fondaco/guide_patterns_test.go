package main

import "testing"

// TestGuidePatterns: what docs/guide/patterns.md shows checks clean.
func TestGuidePatterns(t *testing.T) {
	topics := guideBlocks(t, "topics", "topics")[0]
	for _, text := range guideBlocks(t, "patterns", "collect") {
		if code, out, problems := command(t, written(t, guided(topics, text)), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
}
