package routes

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/connectors/policy"
)

// TestStanding: answers that stand in are counted each, and logged when they begin and when that is over.
func TestStanding(t *testing.T) {
	var lines bytes.Buffer
	s := &connectors.System{Name: "anagrafe"}
	tell := standing(s, slog.New(slog.NewTextHandler(&lines, nil)))
	for _, x := range []policy.Standing{
		{Operation: "leggi", Began: true, Err: errors.New("down")},
		{Operation: "leggi", Err: errors.New("down")},
		{Operation: "leggi", Ended: true},
	} {
		tell(x)
	}
	text := lines.String()
	if s.Stale() != 2 || strings.Count(text, "level=WARN") != 1 || strings.Count(text, "level=INFO") != 1 || strings.Count(text, "\n") != 2 ||
		!strings.Contains(text, "system=anagrafe operation=leggi") || !strings.Contains(text, "error=down") {
		t.Errorf("%d counted, %s", s.Stale(), text)
	}
	next := &connectors.System{Name: "anagrafe"}
	if next.Takes(s); next.Stale() != 2 {
		t.Errorf("the next one counts %d", next.Stale())
	}
	standing(s, nil)(policy.Standing{Operation: "leggi", Began: true})
}
