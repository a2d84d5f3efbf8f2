package kept

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
)

// begun is when the first release of a test was kept.
var begun = time.Date(2026, 12, 1, 2, 0, 0, 0, time.UTC)

// read reads files of a project, by names, and secrets.
func read(t *testing.T, files fs.FS, names ...string) *config.Reading {
	t.Helper()
	source, r := config.Source{FS: files, Secrets: func(string) (config.Secret, bool, error) {
		return config.NewSecret("canarino-segreto"), true, nil
	}}.Record()
	for _, name := range names {
		if _, err := fs.ReadFile(source.FS, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if _, ok, err := source.Secrets("token"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	return r
}

func project(text string) fstest.MapFS {
	return fstest.MapFS{"fondaco.yaml": {Data: []byte(text)}, "routes/a.yaml": {Data: []byte("routes: {}")}, "other.txt": {Data: []byte("no")}}
}

// TestKeepWhole: what was read is kept, readable by its owner alone, and nothing else of the folder, of secrets or of the environment.
func TestKeepWhole(t *testing.T) {
	t.Parallel()
	f := In(filepath.Join(t.TempDir(), "releases"))
	r := read(t, project("project: a"), "fondaco.yaml", "routes/a.yaml", "missing.yaml")
	if err := f.Keep("aa11", r, []string{"routes/a.yaml"}, begun); err != nil {
		t.Fatal(err)
	}
	files, err := f.Read("aa11")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := fs.ReadFile(files, "routes/a.yaml"); err != nil || string(text) != "routes: {}" {
		t.Errorf("found %q, %v", text, err)
	}
	if _, err := fs.Stat(files, "other.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that was not read is kept: %v", err)
	}
	info, err := os.Stat(f.file("aa11"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v, expected 0600", info.Mode(), err)
	}
	all, err := f.List()
	if err != nil || len(all) != 1 || all[0].Hash != "aa11" || fmt.Sprint(all[0].Files) != "[routes/a.yaml]" || !all[0].Served.Equal(begun) {
		t.Errorf("found %+v, %v", all, err)
	}
	raw, err := os.ReadFile(f.file("aa11"))
	if err != nil || bytes.Contains(raw, []byte("canarino")) {
		t.Errorf("a secret is kept, or %v", err)
	}
}

// TestKeepOnce: what is kept already stays the file that it was, and is the latest again; of many the latest stay.
func TestKeepOnce(t *testing.T) {
	t.Parallel()
	f := In(t.TempDir())
	keep := func(hash string, minutes int) {
		t.Helper()
		r := read(t, project("project: "+hash), "fondaco.yaml")
		if err := f.Keep(hash, r, nil, begun.Add(time.Duration(minutes)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	keep("first", 0)
	before, err := os.Stat(f.file("first"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.dir, ".new-123"), nil, 0o600); err != nil { // of a process that was killed
		t.Fatal(err)
	}
	for n := range Most {
		keep(fmt.Sprintf("later%02d", n), n+1)
		if n == 0 {
			keep("first", 2*Most)
		}
	}
	after, err := os.Stat(f.file("first"))
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("it was written again, or %v", err)
	}
	all, err := f.List()
	if err != nil || len(all) != Most || all[0].Hash != "first" || all[1].Hash != "later19" || all[Most-1].Hash != "later01" {
		t.Errorf("found %d, %+v, %v", len(all), all, err)
	}
	if left, _ := filepath.Glob(filepath.Join(f.dir, ".new-*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestKeepRefuses: a project that changed since it was read, or is too large, leaves no file behind; a folder that cannot be written is an
// error.
func TestKeepRefuses(t *testing.T) {
	t.Parallel()
	f := In(t.TempDir())
	files := project("project: a")
	r := read(t, files, "fondaco.yaml")
	files["fondaco.yaml"] = &fstest.MapFile{Data: []byte("project: b")}
	if err := f.Keep("changed", r, nil, begun); !errors.Is(err, config.ErrDiffers) {
		t.Errorf("found %v, expected ErrDiffers", err)
	}
	delete(files, "fondaco.yaml")
	if err := f.Keep("gone", r, nil, begun); !errors.Is(err, config.ErrDiffers) {
		t.Errorf("found %v, expected ErrDiffers", err)
	}
	large := fstest.MapFS{"a.bin": {Data: make([]byte, MaxBytes/2)}, "b.bin": {Data: make([]byte, MaxBytes/2+1)}}
	if err := f.Keep("large", read(t, large, "a.bin", "b.bin"), nil, begun); !errors.Is(err, config.ErrTooMuch) {
		t.Errorf("found %v, expected ErrTooMuch", err)
	}
	if left, err := os.ReadDir(f.dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := In(filepath.Join(file, "releases")).Keep("x", read(t, project(""), "fondaco.yaml"), nil, begun); err == nil {
		t.Error("nothing can be kept in a file, and no error says so")
	}
}

// TestDamaged: whichever byte of a kept release is another, or missing, it is not served otherwise than it was.
func TestDamaged(t *testing.T) {
	t.Parallel()
	f := In(t.TempDir())
	if err := f.Keep("aa11", read(t, project("project: a"), "fondaco.yaml", "routes/a.yaml"), nil, begun); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(f.file("aa11"))
	if err != nil {
		t.Fatal(err)
	}
	same := func(files fs.FS) bool {
		a, err := fs.ReadFile(files, "fondaco.yaml")
		b, err2 := fs.ReadFile(files, "routes/a.yaml")
		return err == nil && err2 == nil && string(a) == "project: a" && string(b) == "routes: {}"
	}
	refused := 0
	for i := range whole {
		for _, bad := range [][]byte{whole[:i], append(append(bytes.Clone(whole[:i]), whole[i]^0x55), whole[i+1:]...)} {
			if err := os.WriteFile(f.file("aa11"), bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if files, err := f.Read("aa11"); err != nil {
				refused++
			} else if !same(files) {
				t.Fatalf("byte %d: another project is read", i)
			}
		}
	}
	if refused < len(whole) {
		t.Errorf("%d of %d damages are noticed", refused, 2*len(whole))
	}
	if _, err := f.Read("bb22"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("found %v of one that is not there", err)
	}
}

// TestMark: a mark is there until it is removed; one that is not whole is an error and no mark.
func TestMark(t *testing.T) {
	t.Parallel()
	f := In(t.TempDir())
	want := Mark{Hash: "aa11", Replaces: "bb22", Since: begun, Who: "anna", Why: "risponde male"}
	if m, err := f.Mark(); err != nil || m != (Mark{}) {
		t.Fatal(m, err)
	}
	if err := f.SetMark(want); err != nil {
		t.Fatal(err)
	}
	if m, err := f.Mark(); err != nil || m != want {
		t.Fatalf("found %+v, %v", m, err)
	}
	for _, text := range []string{"", "{", "{}", "null"} {
		if err := os.WriteFile(f.mark(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if m, err := f.Mark(); err == nil || m != (Mark{}) {
			t.Errorf("%q: found %+v, %v", text, m, err)
		}
	}
	if err := errors.Join(f.Unmark(), f.Unmark()); err != nil {
		t.Error(err)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	all := []Release{{Hash: "aa11"}, {Hash: "aa22"}, {Hash: "cc33"}}
	for prefix, want := range map[string]string{
		"c": "cc33", "aa2": "aa22", "aa11": "aa11", "aa": "! aa11, aa22", "cc34": "! did you mean cc33?", "": "! aa11, aa22, cc33",
		"zzzzzzzz": "! expected one of aa11, aa22, cc33",
	} {
		found, err := Find(all, prefix)
		if says, isErr := strings.CutPrefix(want, "! "); isErr != (err != nil) || !isErr && found != want || isErr && !strings.Contains(err.Error(), says) {
			t.Errorf("%q: found %q, %v, expected %s", prefix, found, err, want)
		}
	}
	if _, err := Find(nil, "aa"); err == nil || err.Error() != "no release is kept" {
		t.Error(err)
	}
}
