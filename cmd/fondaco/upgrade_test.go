package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestUpgradeAndRollback holds docs/guide/upgrade.md: a version with a newer format of the state goes on with what this one
// accepted; this one refuses the files of that one by name, changes nothing, and goes on from the backup that was taken
// before.
func TestUpgradeAndRollback(t *testing.T) {
	t.Parallel()
	next := nextVersion(t)
	system, backend := archiveAway(t)
	dir, env := written(t, officeProject), "ARCHIVE="+backend.URL
	var ids []string
	send := func(p *process, number int) {
		t.Helper()
		code, text, h := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, number))
		if code != 202 {
			t.Fatal(code, text)
		}
		ids = append(ids, strings.TrimPrefix(h.Get("Location"), "/operations/"))
	}
	answers := func(p *process, status int, ids ...string) {
		t.Helper()
		for _, id := range ids {
			eventually(t, func() string {
				if code, text, _ := p.ask(http.MethodGet, "/operations/"+id, ""); code != status {
					return fmt.Sprintf("the operation %s answers %d, expected %d: %s\n%s", id, code, status, text, p.log.String())
				}
				return ""
			})
		}
	}
	noted := func(number int) {
		t.Helper()
		eventually(t, func() string {
			system.mu.Lock()
			defer system.mu.Unlock()
			if system.kept[fmt.Sprint("/notes/", number)] == 0 {
				return fmt.Sprintf("/notes/%d was not done", number)
			}
			return ""
		})
	}

	p := startProcess(t, dir, env)
	for n := range 3 {
		send(p, n+1)
	}
	backup := filepath.Join(t.TempDir(), "before")
	if code, out, problems := command(t, dir, "backup", backup); code != exitOK {
		t.Fatal(code, out, problems)
	}
	p.end()

	system.down.Store(false)
	p = startWith(t, exec.Command(next, "run", "--no-watch", dir), env)
	answers(p, 201, ids...)
	for n := range 3 {
		noted(n + 1)
	}
	send(p, 4)
	answers(p, 201, ids...)
	noted(4)
	p.end()

	files := []string{"data/fondaco.db", "data/fondaco-topics.db"}
	before := sums(t, dir, files)
	bounded, cancel := context.WithTimeout(t.Context(), time.Minute) // one that is not refused serves
	defer cancel()
	refused := exec.CommandContext(bounded, os.Args[0], "run", "--no-watch", dir)
	refused.Env = append(os.Environ(), "FONDACO_TEST_COMMAND=1", env)
	said, err := refused.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "written by a newer version of fondaco (format ") ||
		!strings.Contains(string(said), "nothing was changed") {
		t.Fatalf("the older version says of the newer one's files: %v\n%s", err, said)
	}
	if after := sums(t, dir, files); after != before {
		t.Error("the older version has changed the newer one's files")
	}

	if code, out, problems := command(t, dir, "restore", backup, "--replace"); code != exitOK {
		t.Fatal(code, out, problems)
	}
	p = startProcess(t, dir, env)
	answers(p, 201, ids[:3]...)
	answers(p, 404, ids[3])
	send(p, 5)
	answers(p, 201, ids[4])
	noted(5)
	if _, status, _ := p.readiness("restore"); status != "warn" {
		t.Errorf("a restored project that was not released is %s", status)
	}
	if code, out, problems := command(t, dir, "release", "--why", "back to the version before", "--console", p.console); code != exitOK {
		t.Error(code, out, problems)
	}
}

// sums returns what files of a folder hold, as one value that can be compared.
func sums(t *testing.T, dir string, files []string) (all [2][32]byte) {
	t.Helper()
	for i, name := range files {
		all[i] = sha256.Sum256([]byte(read(t, dir, name)))
	}
	return all
}

// nextVersion builds this program with a format of the state that has one step more.
func nextVersion(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	place := "store/sqlite/migrations.go"
	const begin = "var migrations = []string{"
	text := read(t, root, place)
	i := strings.Index(text, begin)
	if i < 0 {
		t.Fatal("the steps of the state's format are elsewhere")
	}
	end := i + strings.Index(text[i:], "\n}\n")
	text = text[:end] + "\n\t\"create table of_the_next_version (id integer primary key)\"," + text[end:]
	dir := t.TempDir()
	changed, overlay, binary := filepath.Join(dir, "migrations.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "fondaco")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, place): changed}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{changed: text, overlay: string(list)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", binary, "./cmd/fondaco")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}
