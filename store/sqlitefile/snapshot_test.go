package sqlitefile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var testKind = Kind{Mark: 0x464e4499, Formats: 1, Name: "test", Several: "tests"}

// counted makes a file of ours with a counter in it.
func counted(t *testing.T, name string) (path string, db *sql.DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := makePrivate(path + lockEnd); err != nil {
		t.Fatal(err)
	}
	db, err := OpenWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec(fmt.Sprintf("create table meta (name text primary key, value text not null); insert into meta values "+
		"('project', 'one');"+
		"create table counter (n integer not null, ballast blob not null); insert into counter values (0, zeroblob(2000000)); pragma "+
		"application_id = %d; pragma user_version = 1; pragma synchronous = off", testKind.Mark)); err != nil {
		t.Fatal(err)
	}
	return path, db
}

func counter(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", Address(path, "mode=ro&immutable=1"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRow("select n from counter").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSnapshotIsOfOneMoment: while a writer counts in the one file and then in the other, copies of both are never further
// apart than the two are at a moment.
func TestSnapshotIsOfOneMoment(t *testing.T) {
	first, one := counted(t, "first.db")
	second, two := counted(t, "second.db")
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	begun := make(chan struct{})
	writing.Go(func() {
		for n := 1; ctx.Err() == nil; n++ {
			for _, db := range []*sql.DB{one, two} {
				if _, err := db.Exec("update counter set n = ?", n); err != nil {
					t.Error(err)
				}
			}
			if n == 1 {
				close(begun)
			}
		}
	})
	<-begun
	views := 300
	if testing.Short() {
		views = 50
	}
	for i := range views { // the views that copies are made of
		a, err := openCopying(t.Context(), Copy{Kind: testKind, Path: first, Project: "one"})
		if err != nil {
			t.Fatal(err)
		}
		b, err := openCopying(t.Context(), Copy{Kind: testKind, Path: second, Project: "one"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := freeze(t.Context(), nil, []*copying{a, b}); err != nil {
			t.Fatal(err)
		}
		var x, y int
		if err := errors.Join(a.read.QueryRowContext(t.Context(), "select n from counter").Scan(&x),
			b.read.QueryRowContext(t.Context(), "select n from counter").Scan(&y)); err != nil {
			t.Fatal(err)
		}
		if x != y && x != y+1 {
			t.Errorf("view %d: %d and %d: not of one moment", i, x, y)
		}
		a.close()
		b.close()
	}
	for i := range 3 {
		dir := t.TempDir()
		a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
		at := time.Date(2026, 1, 31, 12, i, 0, 0, time.UTC)
		clock := func() time.Time { return at }
		moment, _, err := Snapshot(t.Context(), clock, Copy{testKind, first, "one", a}, Copy{testKind, second, "one", b})
		if err != nil || !moment.Equal(at) {
			t.Fatalf("copied at %v, %v; expected %v", moment, err, at)
		}
		for _, file := range []string{a, b} {
			if format, err := testKind.Verify(t.Context(), file, "one"); err != nil || format != 1 {
				t.Error(format, err)
			}
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Error(info, err)
			}
		}
		if x, y := counter(t, a), counter(t, b); x != y && x != y+1 {
			t.Errorf("copy %d: %d and %d: not of one moment", i, x, y)
		}
	}
	stop()
	writing.Wait()
}

// TestSnapshotRefuses: what is another project's, of a newer version or not there is not copied, and a copy that is not
// wanted any more ends.
func TestSnapshotRefuses(t *testing.T) {
	file, db := counted(t, "file.db")
	to := filepath.Join(t.TempDir(), "copy")
	_, _, err := Snapshot(t.Context(), nil, Copy{testKind, file, "two", to})
	if err == nil || !strings.Contains(err.Error(), `it belongs to project "one" and this is project "two"`) {
		t.Error(err)
	}
	if _, _, err = Snapshot(t.Context(), nil, Copy{testKind, file + "-none", "one", to}); err == nil {
		t.Error("a file that is not there is copied")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err = Snapshot(ended, nil, Copy{testKind, file, "one", to}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := db.Exec("pragma user_version = 2"); err != nil {
		t.Fatal(err)
	}
	if _, _, err = Snapshot(t.Context(), nil, Copy{testKind, file, "one", to}); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Error(err)
	}
}

// TestVerifyFindsDamage: a copy with a page that is not as it was written is refused.
func TestVerifyFindsDamage(t *testing.T) {
	file, _ := counted(t, "file.db")
	to := filepath.Join(t.TempDir(), "copy")
	if _, _, err := Snapshot(t.Context(), nil, Copy{testKind, file, "one", to}); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 4096), 4096); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := testKind.Verify(t.Context(), to, "one"); err == nil {
		t.Error("a damaged copy is good")
	}
}
