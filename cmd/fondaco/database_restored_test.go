package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestDatabaseRestored: a database that its own tools have brought back to an earlier moment is marked as that: schedules are held until an
// operator releases them. While a process runs it is refused, and so is a moment that is to come.
func TestDatabaseRestored(t *testing.T) {
	t.Parallel()
	db := database(t)
	system, at := newDues(t)
	dir := written(t, cityProject(db.Address("fondaco", "postgres"), "embedded"))
	migrated(t, db, dir)
	env := []string{"DUES=" + at.URL, "FONDACO_SECRET_DUES=k"}
	p := startProcess(t, dir, env...)
	system.ticked(t, 1)
	moment := time.Now().UTC().Format(time.RFC3339)
	mark := func(moment string) (int, string, string) {
		return command(t, dir, "migrate", ".", "--owner", db.Address("owner", "postgres"), "--restored", moment)
	}
	if code, _, problems := mark(moment); code != exitFailed || !strings.Contains(problems, "stop them first; nothing was changed") {
		t.Errorf("while a process runs: %d %s", code, problems)
	}
	p.end()
	for _, wrong := range []string{"yesterday", "2999-01-31T09:00:00Z"} {
		if code, _, problems := mark(wrong); code != exitUsage || !strings.Contains(problems, wrong) {
			t.Errorf("%s: %d %s", wrong, code, problems)
		}
	}
	if code, out, problems := mark(moment); code != exitOK || !strings.Contains(out, "it is as it was at "+moment) ||
		!strings.Contains(out, "fondaco release") {
		t.Fatal(code, out, problems)
	}
	again := time.Now()
	p = startProcess(t, dir, env...)
	if code, status, detail := p.readiness("restore"); code != http.StatusOK || status != "warn" || !strings.Contains(detail, moment) {
		t.Errorf("readyz returns %d, restore %s %s", code, status, detail)
	}
	if code, body, _ := p.ask(http.MethodPost, "/payments", `{"number":1}`); code != http.StatusAccepted { // what may be done twice is done
		t.Errorf("a payment is answered %d %s", code, body)
	}
	system.paidFrom(t, 1, 2)
	system.mu.Lock()
	for what := range system.paid {
		if due, err := time.Parse(time.RFC3339, what); err == nil && due.After(again) {
			t.Errorf("while it is held the schedule ran for %s", what)
		} else if err != nil && strings.Contains(what, "T") {
			t.Error(err)
		}
	}
	system.mu.Unlock()
	if code, out, problems := command(t, dir, "release", "--console", p.console, "--why", "nothing was done since"); code != exitOK {
		t.Fatal(code, out, problems)
	}
	system.ticked(t, 1)
	eventually(t, func() string {
		if code, status, detail := p.readiness("restore"); code != http.StatusOK || status != "pass" {
			return fmt.Sprintf("readyz returns %d, restore %s %s", code, status, detail)
		}
		return ""
	})
	p.end()
}
