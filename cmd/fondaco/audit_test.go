package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/console"
	"fondaco/store/sqlitefile"
)

// TestAudit: what a letter holds is shown masked; its bytes for a reason, which is in the audit before; replays and
// discards are there too; nothing is done that cannot be written there; what is altered by hand is found.
func TestAudit(t *testing.T) {
	t.Parallel()
	p, dir, id := withLetter(t, `server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }`)
	ask := func(code int, args ...string) string {
		t.Helper()
		got, out, problems := command(t, dir, append(args, "--console", p.console)...)
		if got != code {
			t.Fatalf("%v: %d, expected %d\n%s%s", args, got, code, out, problems)
		}
		return out + problems
	}
	if said := ask(exitUsage, "dead", "show", id, "--reveal"); !strings.Contains(said, "needs a reason") {
		t.Error(said)
	}
	if said := ask(exitUsage, "dead", "show", id, "--reveal", "--reason", " "); !strings.Contains(said, "needs a reason") {
		t.Error(said)
	}
	for _, query := range []url.Values{
		{"id": {id}, "who": {"x"}},
		{"id": {id}, "why": {"x"}},
		{"id": {"nobody"}, "who": {"x"}, "why": {"x"}},
	} {
		if code, body := p.askConsole(http.MethodPost, console.RevealPath+"?"+query.Encode()); code != http.StatusUnprocessableEntity ||
			strings.Contains(body, `"body"`) {
			t.Errorf("revealed by %v: %d %s", query, code, body)
		}
	}
	if said := ask(exitOK, "audit", "list"); strings.Contains(said, "letters.reveal") {
		t.Errorf("nothing was shown, and the audit says\n%s", said)
	}
	if said := ask(exitOK, "dead", "show", id, "--reveal", "--reason", "the citizen asks what became of it"); !strings.Contains(said,
		`{"number":14}`) {
		t.Error(said)
	}
	ask(exitOK, "dead", "replay", id, "--yes", "--why", "repaired")
	list := ask(exitOK, "audit", "list")
	for _, want := range []string{
		"letters.reveal", "letters " + id, "the citizen asks what became of it", "letters.replay", "repaired", me(),
	} {
		if !strings.Contains(list, want) {
			t.Errorf("the audit lacks %q:\n%s", want, list)
		}
	}
	verified := ask(exitOK, "audit", "verify")
	head := strings.Fields(verified)[len(strings.Fields(verified))-1]
	if !strings.HasPrefix(head, "2:") || !p.log.tells(head) {
		t.Errorf("the head %s is not in the log\n%s", head, p.log.String())
	}
	ask(exitOK, "audit", "verify", "--head", head)
	if said := ask(exitFailed, "audit", "verify", "--head", "3"+head[1:]); !strings.Contains(said, "entry 3 was noted") {
		t.Error(said)
	}

	db, err := sqlitefile.OpenWriter(filepath.Join(dir, "data", "fondaco.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec := func(text string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	exec("update audit set who = 'nobody' where n = 1")
	if said := ask(exitFailed, "audit", "verify"); !strings.Contains(said, "entry 1 is not as it was written") {
		t.Error(said)
	}
	// Where nothing can be written into the audit, nothing is shown or done.
	exec("create trigger none before insert on audit begin select raise(abort, 'no'); end")
	code, body := p.askConsole(http.MethodPost, console.RevealPath+"?"+url.Values{"id": {id}, "who": {"x"}, "why": {"x"}}.Encode())
	if code != http.StatusServiceUnavailable || strings.Contains(body, "MTQ") || strings.Contains(body, `"body"`) {
		t.Errorf("revealed without a record: %d %s", code, body)
	}
	for _, path := range []string{console.ReplayPath, console.DiscardPath} {
		code, body := p.askConsole(http.MethodPost, path+"?"+url.Values{"id": {id}, "who": {"x"}, "expect": {"1"}}.Encode())
		var what console.Acted
		if err := json.Unmarshal([]byte(body), &what); err != nil || code == http.StatusOK && what.Error == "" {
			t.Errorf("%s without a record: %d %s", path, code, body)
		}
	}
	exec("drop trigger none")
	eventually(t, func() string { // the store heals by itself
		if _, out, problems := command(t, dir, "dead", "show", id, "--console", p.console); strings.Contains(out, "discarded") ||
			!strings.Contains(out, id) {
			return out + problems
		}
		return ""
	})
}
