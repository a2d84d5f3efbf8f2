package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
)

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestReadFile is row Y07.
func TestReadFile(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "x.yaml"), "a: 1\n")
	write(t, filepath.Join(dir, "routes/multe.yaml"), "a: 1\n")
	write(t, filepath.Join(dir, "half.yaml"), "a: 1\nb: \"x")
	write(t, filepath.Join(dir, "empty.yaml"), "")
	write(t, filepath.Join(dir, "folder/x"), "")
	for _, err := range []error{
		os.Symlink(filepath.Join(outside, "x.yaml"), filepath.Join(dir, "out.yaml")),
		os.Symlink("routes/multe.yaml", filepath.Join(dir, "in.yaml")),
		syscall.Mkfifo(filepath.Join(dir, "fifo.yaml"), 0o644),
		os.WriteFile(filepath.Join(dir, "large.yaml"), nil, 0o644),
		os.Truncate(filepath.Join(dir, "large.yaml"), 100<<20),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	fsys, closer, err := config.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	at := diag.Pos{File: "fondaco.yaml", Line: 3, Col: 9}
	for name, want := range map[string]string{
		"routes/multe.yaml": "",
		"in.yaml":           "",
		"routes/multa.yaml": "fondaco.yaml:3:9: E003 the file routes/multa.yaml is not there\n= did you mean routes/multe.yaml?",
		"out.yaml":          "fondaco.yaml:3:9: E003 the file out.yaml is a link that leads outside of the project",
		"fifo.yaml":         "fondaco.yaml:3:9: E003 fifo.yaml is a device, pipe or socket, expected a file",
		"large.yaml":        "fondaco.yaml:3:9: E003 the file large.yaml has 104857600 bytes, expected at most 4194304",
		"folder":            "fondaco.yaml:3:9: E003 folder is a folder, expected a file",
		"../x.yaml":         `fondaco.yaml:3:9: E003 "../x.yaml" is not a file of the project: expected a path inside of its folder, with slashes and without ..`,
		"/etc/passwd":       `fondaco.yaml:3:9: E003 "/etc/passwd" is not a file of the project: expected a path inside of its folder, with slashes and without ..`,
		"empty.yaml":        "empty.yaml:1:1: E001 the file is empty\n= write it, or take it away",
		"half.yaml":         "half.yaml:2:4: E001 this quote is never closed\n= close it with \"",
	} {
		var out diag.List
		n := config.ReadFile(fsys, name, &out, at)
		if told(&out) != want || (n != nil) != (want == "") {
			t.Errorf("%s gave %s\nwant %s", name, told(&out), want)
		}
	}
}

func TestFiles(t *testing.T) {
	fsys := fstest.MapFS{
		"routes/b.yaml": {}, "routes/a/c.yaml": {}, "routes/.x.yaml": {}, "routes/.git/d.yaml": {}, "routes/x.txt": {},
		"routes/a.yml": {},
	}
	var out diag.List
	if got := config.Files(fsys, "routes", &out, ".yaml", ".yml"); !slices.Equal(got,
		[]string{"routes/a/c.yaml", "routes/a.yml", "routes/b.yaml"}) || out.Len() > 0 {
		t.Errorf("gave %v %s", got, told(&out))
	}
	if got := config.Files(fsys, "tests", &out, ".yaml"); got != nil || out.Len() > 0 {
		t.Errorf("gave %v %s", got, told(&out))
	}
}
