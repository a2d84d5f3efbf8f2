package sqlitefile

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var compacting = Kind{Mark: 0x46544553, Formats: 1, Name: "things", Several: "things", Plural: true}

// loose makes a file of that kind that is for the most part free.
func loose(t *testing.T, path string, shrinks bool) {
	t.Helper()
	made := path + ".made"
	conn := filled(t, made, 3000, shrinks)
	for _, text := range []string{
		"pragma application_id = 0x46544553", "pragma user_version = 1", "insert into meta values ('project', 'p')",
		"update row set body = cast(printf('%.4000c', 'x') || ' of a citizen' as blob) where id = 100",
		"delete from row where id % 100 > 0",
	} {
		if _, err := conn.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	if done, err := cutLog(t.Context(), conn); !done || err != nil {
		t.Fatal(done, err)
	}
	text, err := os.ReadFile(made)
	if err == nil {
		err = os.WriteFile(path, text, private)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func sizeOf(t *testing.T, path string) int64 {
	t.Helper()
	i, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return i.Size()
}

// TestCompact: a file is written anew with what it holds and nothing else, a new one and one of an earlier version; it returns its
// free pages to the disk by itself afterwards, and what stood in the old one is overwritten.
func TestCompact(t *testing.T) {
	for name, shrinks := range map[string]bool{"a new file": true, "an old file": false} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			loose(t, path, shrinks)
			if err := os.WriteFile(path+compactEnd, []byte("of one that was cut short"), 0o600); err != nil {
				t.Fatal(err)
			}
			old := path + ".old"
			if err := os.Link(path, old); err != nil {
				t.Fatal(err)
			}
			before, after, err := compacting.Compact(t.Context(), path, "p")
			if err != nil || before < 12_000_000 || after > 400_000 || after != sizeOf(t, path) {
				t.Fatal(before, after, err)
			}
			i, err := os.Stat(path)
			if err != nil || i.Mode().Perm()&0o077 != 0 {
				t.Error("others may read it: ", i.Mode(), err)
			}
			if text, err := os.ReadFile(old); err != nil || bytes.Contains(text, []byte("of a citizen")) {
				t.Error("what the file held stays on the disk: ", err)
			}
			if _, err := os.Stat(path + compactEnd); !os.IsNotExist(err) {
				t.Error("the copy is left", err)
			}
			if _, err := compacting.Verify(t.Context(), path, "p"); err != nil {
				t.Fatal(err)
			}
			db, err := OpenWriter(path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			var rows, bytes, mode, clean int
			if err := db.QueryRowContext(t.Context(), "select count(*), sum(length(body)), (select auto_vacuum from pragma_auto_vacuum), (select "+
				"count(*) from meta where name = ?) from row", scrubbed).
				Scan(&rows, &bytes, &mode, &clean); err != nil || rows != 30 || bytes != 30*4000+len(" of a citizen") || mode != incremental ||
				clean != 1 {
				t.Error(rows, bytes, mode, clean, err)
			}
		})
	}
}

// TestCompactRefuses: where there is no room, or the file is open, another's or damaged, it is left as it was, and the error
// says which and why.
func TestCompactRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	loose(t, path, true)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plenty := func(string) (int64, error) { return 1 << 50, nil }
	refused := func(words, project string, free func(string) (int64, error)) {
		t.Helper()
		if _, _, err := compacting.compact(t.Context(), path, project, free); err == nil || !strings.Contains(err.Error(), words) ||
			!strings.Contains(err.Error(), path) {
			t.Errorf("%v, expected %q", err, words)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, text) {
			t.Error("the file is another one", err)
		}
		if _, err := os.Stat(path + compactEnd); !os.IsNotExist(err) {
			t.Error("the copy is left", err)
		}
	}
	refused("the disk has no room to write them anew: 16000000 bytes are free", "p", func(string) (int64, error) { return 16_000_000, nil })
	refused(`they belong to project "p"`, "other", plenty)
	lock, err := compacting.Acquire(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	refused("has them open", "p", plenty)
	lock.Release()
}
