package sqlitefile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// filled makes a file with so many rows of 4 KiB, by a connection that is returned. Without shrinks it is as files were
// before they gave anything back.
func filled(t *testing.T, path string, rows int, shrinks bool) *sql.Conn {
	t.Helper()
	if err := os.WriteFile(path+lockEnd, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !shrinks {
		db, err := sql.Open("sqlite", Address(path, pragmas))
		if err == nil {
			_, err = db.ExecContext(t.Context(), "create table old (x)")
		}
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	db, err := OpenWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	for _, text := range []string{
		"create table meta (name text primary key, value text not null) without rowid",
		"insert into meta values ('" + scrubbed + "', '1')",
		"create table row (id integer primary key, body blob)",
		fmt.Sprintf("with recursive n(i) as (select 1 union all select i + 1 from n where i < %d) insert into row select i, "+
			"randomblob(4000) from n", rows),
	} {
		if _, err := conn.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// tidied calls Tidy as a writer does until the file is smaller than most bytes.
func tidied(t *testing.T, conn *sql.Conn, path string, most int64) {
	t.Helper()
	tidy := NewTidier()
	defer tidy.Stop()
	size := int64(0)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		select {
		case <-tidy.Due():
			tidy.Tidy(t.Context(), conn)
		case <-time.After(10 * time.Millisecond):
		}
		i, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if size = i.Size(); size <= most {
			return
		}
	}
	t.Fatalf("the file still has %d bytes, expected %d at most", size, most)
}

// TestShrink: what a backlog filled is given back when it is gone, a new file's by itself and an old one's once it was written
// anew at a start; what is left is whole, and some room stays.
func TestShrink(t *testing.T) {
	const rows = 6000 // 24 MB: more than a step
	for name, shrinks := range map[string]bool{"a new file": true, "an old file": false} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			conn := filled(t, path, rows, shrinks)
			if err := Scrub(t.Context(), conn); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.ExecContext(t.Context(), "delete from row where id % 100 > 0"); err != nil {
				t.Fatal(err)
			}
			tidied(t, conn, path, 12<<20)
			if i, err := os.Stat(path); err != nil || i.Size() < keptPages*4096 {
				t.Errorf("%v: no room stays", i.Size())
			}
			var n, bytes int
			if err := conn.QueryRowContext(t.Context(), "select count(*), sum(length(body)) from row").Scan(&n, &bytes); err != nil ||
				n != rows/100 || bytes != n*4000 {
				t.Error(n, bytes, err)
			}
			if err := (Kind{}).Sound(t.Context(), conn, path); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestOpenWritesNothing: opening a file that is there changes no byte of it.
func TestOpenWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	conn := filled(t, path, 10, true)
	if done, err := cutLog(t.Context(), conn); !done || err != nil {
		t.Fatal(done, err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	db, err := OpenWriter(path)
	if err == nil {
		_, err = db.ExecContext(t.Context(), "select 1")
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := cutLog(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Error("the file is another one", err)
	}
}

// TestSoundAtOnce: a small file is read as a whole before it is served, and a large one is left for later; both are found
// damaged by Sound.
func TestSoundAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		rows  int
		later bool
	}{"small": {2000, false}, "large": {soundAtOnce/4096 + 1000, true}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			conn := filled(t, path, c.rows, true)
			kind := Kind{Name: "state"}
			if later, err := kind.SoundAtOnce(t.Context(), conn, path); err != nil || later != c.later {
				t.Fatal(later, err)
			}
			if _, err := cutLog(t.Context(), conn); err != nil {
				t.Fatal(err)
			}
			_ = conn.Close()
			damage(t, path)
			db, err := OpenWriter(path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			if conn, err = db.Conn(context.Background()); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			later, err := kind.SoundAtOnce(t.Context(), conn, path)
			if later != c.later || (err != nil) == c.later {
				t.Errorf("of a damaged file: %v, %v", later, err)
			}
			if err := kind.Sound(t.Context(), db, path); !errors.Is(err, ErrDamaged) {
				t.Errorf("%v, expected %v", err, ErrDamaged)
			}
		})
	}
}

// damage overwrites pages in the middle of a file.
func damage(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	i, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 64<<10)
	for n := range noise {
		noise[n] = 0xa5
	}
	if _, err := f.WriteAt(noise, i.Size()/2/4096*4096); err != nil {
		t.Fatal(err)
	}
}
