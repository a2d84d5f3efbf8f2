package main

import "testing"

// TestGuideIdempotency: what docs/guide/idempotency.md shows checks clean.
func TestGuideIdempotency(t *testing.T) {
	t.Parallel()
	for _, text := range guideBlocks(t, "idempotency", "idempotency") {
		if code, out, problems := command(t, written(t, guided("", text)), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
}
