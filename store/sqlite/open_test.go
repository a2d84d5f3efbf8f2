package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/sqlitefile"
)

var now = time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC)

// place is a closed file with something of everything.
func place(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	fill(t.Context(), t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

var (
	longBody = bytes.Repeat([]byte("the body of an answer. "), 60)
	claim    = store.Claim{Scope: "s", Key: "k", Lease: time.Minute, Keep: time.Hour}
)

func fill(ctx context.Context, t *testing.T, s store.Store) {
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(s.Inbox().Done(ctx, "t", "g", now, "1"))
	r, err := s.Idempotency().Reserve(ctx, claim, now)
	check(err)
	check(s.Idempotency().Record(ctx, r.Token, store.Answer{Status: 200, Header: [][2]string{{"A", "b"}}, Body: longBody}, now))
	check(s.Operations().Create(ctx, store.Operation{
		ID: "o", Route: "r", State: store.Done, Created: now, Updated: now,
		Answer: store.Answer{Status: 200, Body: longBody},
	}))
	_, err = s.DeadLetters().Keep(ctx, store.DeadLetter{ID: "l", Topic: "t", Reason: "x", Kept: now, Body: longBody})
	check(err)
	_, _, err = s.Schedules().Acquire(ctx, "s", "o", now, time.Minute)
	check(err)
	check(s.Schedules().SetLastRun(ctx, "s", 1, now))
	_, err = s.DeadLetters().Keep(ctx, store.DeadLetter{ID: "old", Topic: "gone", Kept: now.Add(-10 * 365 * 24 * time.Hour)})
	check(err)
	_, err = s.Sweep(ctx, now)
	check(err)
	_, err = s.Collections().Add(ctx, "r", "k", "m", "", longBody, now, now)
	check(err)
}

func contents(t *testing.T, dir string) map[string]string {
	all := map[string]string{}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name()] = string(b)
	}
	return all
}

// What is not ours, or not now, is refused in words and left as it was.
func TestRefusedWithoutAWrite(t *testing.T) {
	query := func(text string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			db, err := sql.Open("sqlite", sqlitefile.Address(path, ""))
			if err == nil {
				_, err = db.Exec(text)
			}
			if err != nil {
				t.Fatal(err)
			}
			db.Exec("pragma wal_checkpoint(truncate)")
			db.Close()
		}
	}
	write := func(b []byte) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	next, now := len(migrations)+1, len(migrations)
	for name, c := range map[string]struct {
		spoil func(*testing.T, string)
		says  string
	}{
		"newer version": {
			query(fmt.Sprintf("pragma user_version = %d", next)),
			fmt.Sprintf("written by a newer version of fondaco (format %d, this one knows %d)", next, now) +
				"; run that version, or give this one a place of its own; nothing was changed",
		},
		"other project": {
			query("update meta set value = 'chioggia' where name = 'project'"),
			`it belongs to project "chioggia" and this is project "venezia"; give each project a place of its own; nothing was changed`,
		},
		"other application":     {query("pragma application_id = 7"), "none of fondaco's states"},
		"fondaco's topics":      {query("pragma application_id = 0x464e4454"), "none of fondaco's states"},
		"somebody's database":   {query("pragma application_id = 0; pragma user_version = 0"), "none of fondaco's states"},
		"no database":           {write([]byte("a letter to the mayor, which nobody may overwrite\n")), "none of fondaco's states"},
		"a database's look":     {write(append([]byte("SQLite format 3\x00"), bytes.Repeat([]byte{0xff}, 8192)...)), "none of fondaco's states"},
		"an empty file":         {write(nil), "the file is empty, which one of ours never is"},
		"project's name absent": {query("delete from meta"), "none of fondaco's states"},
	} {
		t.Run(name, func(t *testing.T) {
			path := place(t)
			c.spoil(t, path)
			before := contents(t, filepath.Dir(path))
			s, err := Open(t.Context(), path, Options{Project: "venezia"})
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "state "+path) {
				t.Errorf("the error is\n%v\nand should say %s", err, c.says)
			}
			after := contents(t, filepath.Dir(path))
			for f := range after {
				if after[f] != before[f] {
					t.Errorf("%s was changed", f)
				}
			}
			if len(after) != len(before) {
				t.Errorf("%d files became %d", len(before), len(after))
			}
		})
	}
}

func TestFolderMustExist(t *testing.T) {
	_, err := Open(t.Context(), filepath.Join(t.TempDir(), "absent", "state.db"), Options{})
	if err == nil || !strings.Contains(err.Error(), "the folder must exist and be writable") {
		t.Error(err)
	}
}

// child is this test binary in another role; see TestMain.
func child(t *testing.T, role string, args ...string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Env = append(os.Environ(), "FONDACO_TEST_ROLE="+role)
	return c
}

// One opener at a time, in this process and among processes; a killed holder holds nothing.
func TestLock(t *testing.T) {
	path := place(t)
	first, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, Options{Project: "venezia"}); err == nil ||
		!strings.Contains(err.Error(), "stop it, or give this one a place of its own") {
		t.Errorf("a second opener in the process: %v", err)
	}
	out, err := child(t, "open", path).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another process") {
		t.Errorf("a second process: %v, %s", err, out)
	}
	if err := first.Inbox().Done(t.Context(), "t", "g", now, "2"); err != nil {
		t.Errorf("the first holder was disturbed: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if out, err := child(t, "open", path).CombinedOutput(); err != nil {
		t.Errorf("after the close: %v, %s", err, out)
	}
}

// A file of an older format is brought to the present one with what it holds; a step that fails leaves it as it was.
func TestMigration(t *testing.T) {
	path := place(t)
	o := Options{Project: "venezia"}
	broken := append(slices.Clone(migrations), "alter table inbox add column note text", "alter table no_such_table add column note text")
	before := contents(t, filepath.Dir(path))[filepath.Base(path)]
	_, err := openWith(t.Context(), path, o, broken, faults{})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("bringing it to format %d: ", len(broken))) ||
		!strings.Contains(err.Error(), "no_such_table") {
		t.Fatalf("a broken step: %v", err)
	}
	if contents(t, filepath.Dir(path))[filepath.Base(path)] != before {
		t.Error("the file was changed by steps that failed")
	}
	next := append(slices.Clone(migrations), "alter table inbox add column note text not null default 'x'")
	s, err := openWith(t.Context(), path, o, next, faults{})
	if err != nil {
		t.Fatal(err)
	}
	if seen, err := s.Inbox().Seen(t.Context(), "t", "g", "1"); err != nil || !seen {
		t.Errorf("what it held: %v, %v", seen, err)
	}
	if err := s.Inbox().Done(t.Context(), "t", "g", now, "2"); err != nil {
		t.Error(err)
	}
	s.Close()
	if _, err = Open(t.Context(), path, o); err == nil ||
		!strings.Contains(err.Error(), fmt.Sprintf("format %d, this one knows %d", len(next), len(migrations))) {
		t.Errorf("the older version after that: %v", err)
	}
}

// Every write is synced before it is told: what the file is opened with.
func TestDurableSettings(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for setting, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "cell_size_check": "1"} {
		var got string
		if err := s.file.Load().conn.QueryRowContext(t.Context(), "pragma "+setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, expected %s (%v)", setting, got, want, err)
		}
	}
}

// Row P9: of every flipped bit and every truncation either the file is refused, or what is read is right, or an error
// reports that it is damaged. A wrong value is never returned.
func TestDamageIsFound(t *testing.T) {
	path := place(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused, damagedReads, right := 0, 0, 0
	try := func(what string, content []byte) {
		path := filepath.Join(t.TempDir(), "state.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), path, Options{Project: "venezia"})
		if err != nil {
			refused++
			return
		}
		defer s.Close()
		for part, read := range reads {
			switch same, err := read(t.Context(), s); {
			case err != nil:
				if !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrAbsent) && !errors.Is(err, store.ErrIO) {
					t.Errorf("%s: %s: %v", what, part, err)
				}
				damagedReads++
			case !same:
				t.Errorf("%s: %s: a wrong value was given", what, part)
			default:
				right++
			}
		}
	}
	flip := func(at int) {
		b := bytes.Clone(good)
		b[at] ^= 1 << (at % 8)
		try("a bit of byte "+string(rune('0'+at%10)), b)
	}
	for at := 0; at < len(good); { // bodies, where SQLite itself has no check
		i := bytes.Index(good[at:], longBody[:100])
		if i < 0 {
			break
		}
		for j := -40; j < 200; j += 12 {
			flip(at + i + j)
		}
		at += i + len(longBody)
	}
	for i := range 80 { // anywhere
		flip((i*15013 + 13) % len(good))
	}
	for i := range 8 {
		try("truncated", good[:len(good)*i/8])
	}
	if refused < 5 || damagedReads < 40 {
		t.Errorf("refused %d, damaged %d, right %d: the damage did not hit", refused, damagedReads, right)
	}
	t.Logf("refused %d, damaged %d, right %d", refused, damagedReads, right)
}

// reads read back what fill wrote. What can no longer be found by its key is absent and no wrong value.
var reads = map[string]func(ctx context.Context, s store.Store) (bool, error){
	"operation": func(ctx context.Context, s store.Store) (bool, error) {
		o, err := s.Operations().Get(ctx, "o")
		return o.Route == "r" && o.State == store.Done && o.Updated.Equal(now) && o.Answer.Status == 200 &&
			bytes.Equal(o.Answer.Body, longBody), err
	},
	"operations": func(ctx context.Context, s store.Store) (bool, error) {
		l, err := s.Operations().List(ctx, store.Done, 10, "")
		return len(l) == 0 || l[0].ID == "o" && l[0].Updated.Equal(now), err
	},
	"dead letter": func(ctx context.Context, s store.Store) (bool, error) {
		l, err := s.DeadLetters().Get(ctx, "l")
		return l.Topic == "t" && l.Reason == "x" && l.State == store.LetterWaiting && l.Kept.Equal(now) && bytes.Equal(l.Body, longBody), err
	},
	"schedule": func(ctx context.Context, s store.Store) (bool, error) {
		at, err := s.Schedules().LastRun(ctx, "s")
		return at.Equal(now) || at.IsZero(), err
	},
	"tallies": func(ctx context.Context, s store.Store) (bool, error) {
		all, err := s.DeadLetters().Tallies(ctx)
		i := slices.IndexFunc(all, func(t store.Tally) bool { return t.Topic == "gone" })
		return i < 0 || all[i] == store.Tally{Topic: "gone", Gone: 1}, err
	},
	"idempotency": func(ctx context.Context, s store.Store) (bool, error) {
		r, err := s.Idempotency().Reserve(ctx, claim, now)
		return r.State == store.Reserved || r.State == store.Answered && r.Answer.Status == 200 && len(r.Answer.Header) == 1 &&
			bytes.Equal(r.Answer.Body, longBody), err
	},
	"collection": func(ctx context.Context, s store.Store) (bool, error) {
		l, err := s.Collections().Due(ctx, now, 10)
		if err != nil || len(l) == 0 {
			return true, err
		}
		c, err := s.Collections().Take(ctx, l[0].ID, now, time.Minute)
		return c.Key == "k" && len(c.Bodies) == 1 && bytes.Equal(c.Bodies[0], longBody), err
	},
}
