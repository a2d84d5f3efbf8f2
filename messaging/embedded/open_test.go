package embedded

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/store/sqlitefile"
)

// place is a closed file with one message for the group g in topic t.
func place(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "topics.db")
	b, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	if err := messaging.Publish(t.Context(), b, "t", kilobyte("k", 1)); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWithoutSince: a file of before, which cannot say since when a message waits for a system, is extended and says so from
// then on.
func TestWithoutSince(t *testing.T) {
	path := place(t)
	db, err := sql.Open("sqlite", sqlitefile.Address(path, ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"alter table again drop column since", "alter table again drop column parked",
		"alter table again drop column patience", "pragma wal_checkpoint(truncate)",
	} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	since := time.Now().Add(-time.Hour)
	for _, want := range []time.Time{{}, since} {
		b, err := Open(t.Context(), path, Options{Project: "venezia"})
		if err != nil {
			t.Fatal(err)
		}
		s, err := b.Subscriber("g", messaging.Options{})
		if err != nil {
			t.Fatal(err)
		}
		in, err := s.Subscribe(t.Context(), "t")
		if err != nil {
			t.Fatal(err)
		}
		e := <-in
		if m, flaw := messaging.Received(e); flaw != nil || !m.Since.Equal(want) {
			t.Errorf("%v, it waits since %v, expected %v", flaw, m.Since, want)
		}
		messaging.Defer(e, time.Now().Add(time.Millisecond), false)
		messaging.Wait(e, since)
		messaging.Nack(e)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
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
	for name, c := range map[string]struct {
		spoil func(*testing.T, string)
		says  string
	}{
		"newer version": {query("pragma user_version = 3"), "newer version of fondaco (format 3, this one knows 2)"},
		"other project": {
			query("update meta set value = 'chioggia' where name = 'project'"),
			`project "chioggia" and this is project "venezia"`,
		},
		"other application":     {query("pragma application_id = 7"), "none of fondaco's topics"},
		"somebody's database":   {query("pragma application_id = 0; pragma user_version = 0"), "none of fondaco's topics"},
		"no database":           {write([]byte("a letter to the mayor, which nobody may overwrite\n")), "none of fondaco's topics"},
		"a database's look":     {write(append([]byte("SQLite format 3\x00"), bytes.Repeat([]byte{0xff}, 8192)...)), "none of fondaco's topics"},
		"a short file":          {write([]byte("SQLite")), "none of fondaco's topics"},
		"project's name absent": {query("delete from meta"), "none of fondaco's topics"},
	} {
		t.Run(name, func(t *testing.T) {
			path := place(t)
			c.spoil(t, path)
			before := contents(t, filepath.Dir(path))
			b, err := Open(t.Context(), path, Options{Project: "venezia"})
			if err == nil {
				b.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
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
	_, err := Open(t.Context(), filepath.Join(t.TempDir(), "absent", "topics.db"), Options{})
	if err == nil || !strings.Contains(err.Error(), "the folder must exist") {
		t.Error(err)
	}
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
	if err := messaging.Publish(t.Context(), first, "t", kilobyte("k", 2)); err != nil {
		t.Errorf("the first holder was disturbed: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if out, err := child(t, "open", path).CombinedOutput(); err != nil {
		t.Errorf("after the close: %v, %s", err, out)
	}
}

// child is this test binary in another role; see TestMain.
func child(t *testing.T, role string, args ...string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Env = append(os.Environ(), "FONDACO_TEST_ROLE="+role)
	return c
}

// Row P9: of every flipped bit and every truncation either the file is refused or the messages are right, or a message
// says that it is damaged. A wrong message without a flaw never comes.
func TestDamageIsFound(t *testing.T) {
	path := place(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := kilobyte("k", 1)
	refused, flawed, right := 0, 0, 0
	try := func(what string, bytes []byte) {
		path := filepath.Join(t.TempDir(), "topics.db")
		if err := os.WriteFile(path, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := Open(t.Context(), path, Options{Project: "venezia"})
		if err != nil {
			refused++
			return
		}
		defer b.Close()
		ctx, end := context.WithCancel(t.Context())
		defer end()
		s, _ := b.Subscriber("g", messaging.Options{})
		in, err := s.Subscribe(ctx, "t")
		if err != nil {
			refused++
			return
		}
		timeout := time.After(3 * time.Second)
		for {
			select {
			case e := <-in:
				m, flaw := messaging.Received(e)
				switch {
				case flaw != nil:
					flawed++
				case m.ID != want.ID || string(m.Body) != string(want.Body) || m.Key != want.Key || m.Type != want.Type || !m.Due.IsZero():
					t.Errorf("%s: a wrong message came", what)
				default:
					right++
				}
				return
			case <-time.After(20 * time.Millisecond):
				if b.Health() != nil {
					refused++
					return
				}
				counts, err := b.Counts(ctx)
				if err == nil && len(counts) == 1 && counts[0].Waiting == 0 {
					t.Errorf("%s: the message is gone and nothing says so: %+v", what, counts)
					return
				}
			case <-timeout:
				t.Errorf("%s: no message, no error", what)
				return
			}
		}
	}
	body := bytes.Index(good, want.Body[:200])
	if body < 0 {
		t.Fatal("the body is not in the file")
	}
	flip := func(at, bit int) { // a copy with one bit turned
		b := bytes.Clone(good)
		b[at] ^= 1 << bit
		try("bit "+strconv.Itoa(bit)+" of byte "+strconv.Itoa(at), b)
	}
	for i := range 120 { // within the record, where SQLite itself has no check
		flip(body-100+i*9, i%8)
	}
	for i := range 40 { // anywhere
		flip((i*7919+13)%len(good), i%8)
	}
	for i := range 8 {
		try("truncated", good[:len(good)*i/8])
	}
	if flawed < 50 || refused < 5 {
		t.Errorf("refused %d, flawed %d, right %d: the damage did not hit", refused, flawed, right)
	}
	t.Logf("refused %d, flawed %d, right %d", refused, flawed, right)
}
