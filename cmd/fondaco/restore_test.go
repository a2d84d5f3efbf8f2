package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/engine/storage"
)

// refusedCommand runs a command that must fail, with words in what it says.
func refusedCommand(t *testing.T, words, dir string, args ...string) {
	t.Helper()
	if code, out, problems := command(t, dir, args...); code != exitFailed || !strings.Contains(problems, words) {
		t.Errorf("%v: %d %s%s, expected %q", args, code, out, problems, words)
	}
}

// TestRestoreRefuses: a backup that is damaged anywhere, another's, or in the way of what is there is not restored, and
// nothing is changed then; so is one while the project is served.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	_, p, dir, _ := registryOf(t, savedProject)
	p.result(p.send("/plain", "good-1"))
	backup := filepath.Join(t.TempDir(), "one")
	refusedCommand(t, "is not a backup", dir, "restore", t.TempDir())
	done(t, dir, "backup", backup)
	refusedCommand(t, "is not empty", dir, "backup", backup)
	refusedCommand(t, "another process, or another part of this one, has", dir, "restore", backup, "--replace")
	p.end()
	refusedCommand(t, "say --replace", dir, "restore", backup)

	other := written(t, map[string]string{"fondaco.yaml": "project: other\ntitle: Another\nserver: { listen: \"127.0.0.1:0\" }\n"})
	refusedCommand(t, `is a backup of the project "registry", and this is "other"`, other, "restore", backup)
	refusedCommand(t, "there is nothing to copy", other, "backup", backup+"-other")

	elsewhere := written(t, savedProject)
	for _, name := range []string{storage.StateName, storage.TopicsName, storage.ManifestName} {
		file := filepath.Join(backup, name)
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(whole); at += 1 + len(whole)/inLong(40, 10) {
			broken := append([]byte{}, whole...)
			broken[at] ^= 4
			for _, text := range [][]byte{broken, whole[:at]} {
				if err := os.WriteFile(file, text, 0o600); err != nil {
					t.Fatal(err)
				}
				refusedCommand(t, "", elsewhere, "restore", backup)
			}
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		refusedCommand(t, "", elsewhere, "restore", backup)
		if err := os.WriteFile(file, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"state.db", "state-topics.db"} {
		if _, err := os.Stat(filepath.Join(elsewhere, name)); !os.IsNotExist(err) {
			t.Errorf("%s was made: %v", name, err)
		}
	}
	done(t, elsewhere, "restore", backup)
}

// TestRestoreKeepsWhatWasThere: what a restore replaces stays beside it, whole; what was cut short is not served, and is
// completed by another run.
func TestRestoreKeepsWhatWasThere(t *testing.T) {
	t.Parallel()
	_, p, dir, env := registryOf(t, savedProject)
	p.result(p.send("/plain", "good-1"))
	backup := filepath.Join(t.TempDir(), "one")
	done(t, dir, "backup", backup)
	later := p.send("/plain", "good-2")
	p.result(later)
	p.kill() // its logs lie beside the files
	cut := filepath.Join(dir, "state.db"+storage.RestoringEnd)
	if err := os.WriteFile(cut, []byte("20260101T000000.000Z\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refusedCommand(t, "a restore into state.db was cut short", dir, "backup", backup+"-two")
	if code, out, problems := command(t, dir, "check"); code != exitFailed ||
		!strings.Contains(problems, "a restore into state.db was cut short") {
		t.Error(code, out, problems)
	}
	out := done(t, dir, "restore", backup)
	for _, name := range []string{"state.db", "state-topics.db"} {
		if before := filepath.Join(dir, name+storage.BeforeEnd+"20260101T000000.000Z"); !strings.Contains(out, before) {
			t.Errorf("%s is not named in %s", before, out)
		}
	}
	p = startProcess(t, dir, env...)
	if code, body, _ := p.ask("GET", later+"/result", ""); code != 404 {
		t.Error("an operation of after the backup is there: ", code, body)
	}
	p.end()

	// What was there is a state: put back, it knows what it knew.
	for _, end := range []string{"", "-wal"} {
		for _, name := range []string{"state.db", "state-topics.db"} {
			err := os.Rename(filepath.Join(dir, name+storage.BeforeEnd+"20260101T000000.000Z"+end), filepath.Join(dir, name+end))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
	}
	p = startProcess(t, dir, env...)
	p.result(later)
	if code, status, _ := p.readiness("restore"); code != 200 || status != "pass" {
		t.Error(code, status)
	}
	refusedCommand(t, "the state was not restored from a backup", dir, "release", "--console", p.console)
}

// TestReleaseNotDone: on an operator's word that nothing was done between a backup and its restore, what waited is done, and
// an operator can say the same of one letter.
func TestReleaseNotDone(t *testing.T) {
	t.Parallel()
	files := maps.Clone(savedProject)
	files["routes/entries.yaml"] = strings.Replace(files["routes/entries.yaml"], "workers: 2", "workers: 1", 1)
	r, p, dir, env := registryOf(t, files)
	backup := filepath.Join(t.TempDir(), "one")
	p.send("/file", "hang-2") // it is begun, and the next wait behind it
	r.called(t, "hang-2")
	waiting := p.send("/file", "good-3")
	done(t, dir, "backup", backup)
	p.kill()

	for _, word := range []string{"", "--not-done"} {
		dir := written(t, files)
		done(t, dir, "restore", backup)
		p := startProcess(t, dir, env...)
		args := []string{"release", "--console", p.console}
		if word != "" {
			args = append(args, word)
		}
		done(t, dir, args...)
		if word != "" { // hang-2 was begun before the backup: that stays in doubt
			p.result(waiting)
			p.unknown(dir, 1)
			if n := r.of(&r.calls)["good-3"]; n != 1 {
				t.Errorf("good-3 is called %d times", n)
			}
			p.end()
			continue
		}
		eventually(t, func() string {
			if n := p.reasons(dir)["outcome-unknown"]; n != 2 {
				return p.log.String()
			}
			return ""
		})
		if r.of(&r.calls)["good-3"] != 0 {
			t.Error("what is in doubt is done")
		}
		for _, l := range p.letters(dir) {
			done(t, dir, "dead", "replay", l.ID, "--not-done", "--yes", "--console", p.console)
		}
		p.result(waiting)
		eventually(t, func() string {
			if n := r.of(&r.calls)["hang-2"]; n != 2 {
				return "hang-2 is not done again"
			}
			return ""
		})
		p.kill()
		r.mu.Lock()
		r.calls["good-3"] = 0
		r.mu.Unlock()
	}
}

// TestScheduleHeld: no run of a restored state's schedules comes due before an operator releases it; afterwards those that were
// missed run, and their calls which may not be made twice are in doubt.
func TestScheduleHeld(t *testing.T) {
	t.Parallel()
	files := maps.Clone(savedProject)
	files["routes/due.yaml"] = strings.NewReplacer("hang-", "run-").Replace(dueEntries)
	r, p, dir, env := registryOf(t, files)
	runs := func() int {
		n := 0
		for text := range r.of(&r.calls) {
			if strings.HasPrefix(text, "run-") {
				n++
			}
		}
		return n
	}
	eventually(t, func() string {
		if runs() == 0 {
			return "nothing runs"
		}
		return ""
	})
	backup := filepath.Join(t.TempDir(), "one")
	done(t, dir, "backup", backup)
	was := runs()
	eventually(t, func() string {
		if runs() <= was+1 {
			return "nothing runs after the backup"
		}
		return ""
	})
	p.kill()
	done(t, dir, "restore", backup, "--replace")
	before := runs()
	p = startProcess(t, dir, env...)
	p.result(p.send("/plain", "good-1"))
	if _, metrics, _ := p.ask("GET", p.probes+"/metrics", ""); strings.Contains(metrics, "fondaco_schedule_next_run_timestamp_seconds{") {
		t.Error("a schedule waits for its next run")
	}
	if n := runs(); n != before {
		t.Errorf("%d runs while all is held", n-before)
	}
	if !p.log.tells("the state was restored from a backup") {
		t.Error(p.log.String())
	}
	done(t, dir, "release", "--console", p.console)
	eventually(t, func() string {
		if runs() < before+2 {
			return "the schedule does not run: " + p.log.String()
		}
		return ""
	})
	r.once(t)
	eventually(t, func() string {
		if p.reasons(dir)["outcome-unknown"] == 0 {
			return "the runs that were missed are not in doubt"
		}
		return ""
	})
}
