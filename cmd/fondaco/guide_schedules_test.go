package main

import (
	"strings"
	"testing"
)

// TestGuideSchedules: what docs/guide/schedules.md shows checks clean, and explain reports when it is due.
func TestGuideSchedules(t *testing.T) {
	t.Parallel()
	topics := guideBlocks(t, "topics", "topics")[0]
	for _, text := range guideBlocks(t, "schedules", "schedule") {
		dir := written(t, guided(topics, text))
		if code, out, problems := command(t, dir, "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
		code, out, problems := command(t, dir, "explain", "tides", "--project", ".")
		if code != exitOK || !strings.Contains(out, `schedule: */10 * * * * Europe/Rome; next 20`) || strings.Count(out, ", 20") != 2 {
			t.Errorf("%d %s%s", code, out, problems)
		}
	}
}
