package main

import (
	"bytes"
	"context"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
)

// TestCarriedCity: the program carries every file of the example city as it is, also of a folder that is new.
func TestCarriedCity(t *testing.T) {
	t.Parallel()
	is, want := contents(t, carried), contents(t, os.DirFS(exampleCity))
	for name, text := range want {
		if got, ok := is[name]; !ok || !bytes.Equal(got, text) {
			t.Errorf("%s is not carried, or is another (there: %t): add it to the go:embed line of examples/dime/carried.go", name, ok)
		}
	}
	if len(is) < 150 || len(is) > len(want) {
		t.Errorf("%d files are carried, the folder has %d", len(is), len(want))
	}
}

// contents reads the files of a project, without Go's and without what a run keeps.
func contents(t *testing.T, files fs.FS) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path == "data" {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".go") {
			return err
		}
		all[path], err = fs.ReadFile(files, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDemoAnywhere: in a folder that has nothing to do with Fondaco the demo serves the city that the program carries, leaves nothing there
// and among the temporary files, and goes on with what a demo before was sent where --data says so.
func TestDemoAnywhere(t *testing.T) {
	t.Parallel()
	dir, temporary, data := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "kept", "here")
	p := startDemoIn(t, dir, temporary)
	if status, answer, _ := p.ask(http.MethodGet, "/openapi.json", ""); status != http.StatusOK || !strings.Contains(answer, "/maree/previsioni") {
		t.Errorf("%d %s", status, answer)
	}
	if !strings.Contains(p.out.String(), "fondaco demo --into") || strings.Contains(p.out.String(), "Change a file") {
		t.Errorf("it does not say how to change the city:\n%s", p.out.String())
	}
	for origin, allowed := range map[string]string{"http://localhost:5173": "http://localhost:5173", "http://localhost.example": ""} {
		_, _, h := p.ask(http.MethodOptions, "/maree/previsioni", "", "Origin", origin, "Access-Control-Request-Method", "GET")
		if h.Get("Access-Control-Allow-Origin") != allowed {
			t.Errorf("pages of %s: %v", origin, h)
		}
	}
	sendInvoice(p, 111)
	eventuallyMetrics(p, `fondaco_messages_total{outcome="done",route="protocolla-da-sdi"} 1`)
	p.end()
	for _, folder := range []string{dir, temporary} {
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("it left %v, %v", left, err)
		}
	}

	p = startDemoIn(t, dir, temporary, "--data", data)
	sendInvoice(p, 111) // what the demo before was sent is gone with it
	eventuallyMetrics(p, `fondaco_messages_total{outcome="done",route="protocolla-da-sdi"} 1`)
	p.end()
	p = startDemoIn(t, dir, temporary, "--data", data)
	sendInvoice(p, 111)
	eventuallyMetrics(p, `fondaco_messages_total{outcome="repeated",route="protocolla-da-sdi"} 1`)
}

// TestDemoInto: the city is written into a new or an empty folder, checks clean there, can be changed by its owner, and goes over nothing.
func TestDemoInto(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	overwrite(t, dir, map[string]string{"full/note.txt": "mine", "file": "mine"})
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"demo", "--into", "new/city"}, exitOK, "fondaco check new/city"},
		{[]string{"demo", "--into", "empty"}, exitOK, "fondaco test empty"},
		{[]string{"check", "new/city"}, exitOK, "no problem"},
		{[]string{"demo", "--into", "full"}, exitFailed, "found note.txt in it, expected an empty folder"},
		{[]string{"demo", "--into", "empty"}, exitFailed, "expected an empty folder"},
		{[]string{"demo", "--into", "file"}, exitFailed, "not a directory"},
		{[]string{"demo", "--into", ""}, exitUsage, "found no folder"},
		{[]string{"demo", "other", "--into", "x"}, exitUsage, `found "other" beside --into`},
		{[]string{"demo", "--into", "x", "--data", "y"}, exitUsage, "found --data beside --into"},
	} {
		var out bytes.Buffer
		w := &engine.World{Args: c.args, Env: func(string) (string, bool) { return "", false }, Dir: dir, Stdout: &out, Stderr: &out, Now: time.Now}
		if code := run(t.Context(), w); code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("%q: exit code %d, expected %d\n%s", c.args, code, c.code, out.String())
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || !slices.EqualFunc(entries, []string{"empty", "file", "full", "new"}, func(e fs.DirEntry, name string) bool { return e.Name() == name }) {
		t.Errorf("found %v, %v", entries, err)
	}
	written := os.DirFS(filepath.Join(dir, "new/city"))
	is, want := contents(t, written), contents(t, carried)
	for name, text := range want {
		if !bytes.Equal(is[name], text) {
			t.Errorf("%s was not written as it is", name)
		}
		if info, err := fs.Stat(written, name); err != nil || info.Mode().Perm()&0o600 != 0o600 {
			t.Errorf("%s cannot be changed: %v, %v", name, info, err)
		}
	}
}

// TestDemoPrefersTheFolder: a project in the current folder is served rather than the city, also one that cannot be read.
func TestDemoPrefersTheFolder(t *testing.T) {
	t.Parallel()
	dir := written(t, map[string]string{"fondaco.yaml": "project: [\n"})
	var out bytes.Buffer
	w := &engine.World{Args: []string{"demo"}, Env: func(string) (string, bool) { return "", false }, Dir: dir, Stdout: &out, Stderr: &out, Now: time.Now}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // where it is served all the same
	defer cancel()
	if code := run(ctx, w); code != exitFailed || !strings.Contains(out.String(), "fondaco.yaml:") {
		t.Errorf("exit code %d\n%s", code, out.String())
	}
}
