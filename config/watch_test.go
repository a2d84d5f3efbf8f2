package config_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
)

// watching is a project folder that is watched, with a load like a project's: fondaco.yaml, routes, a file that a route
// names, and a secret.
type watching struct {
	t            *testing.T
	dir, secrets string
	watcher      *config.Watcher
	told         chan config.Change
}

func watch(t *testing.T, how func(*config.Watching)) *watching {
	t.Helper()
	w := &watching{t: t, dir: filepath.Join(t.TempDir(), "project"), secrets: t.TempDir(), told: make(chan config.Change, 100)}
	w.write("fondaco.yaml", "a: 1\n")
	w.write("routes/multe.yaml", "a: 1\n")
	write(t, filepath.Join(w.secrets, "password"), "a")
	fsys, closer, err := config.Dir(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	hidden, _, err := config.Dir(w.secrets)
	if err != nil {
		t.Fatal(err)
	}
	source := config.Source{FS: fsys, Secrets: config.SecretsFrom(hidden, nil)}
	load := func() *config.Reading {
		source, reading := source.Record()
		var out diag.List
		config.ReadFile(source.FS, "fondaco.yaml", &out, diag.Pos{})
		for _, file := range config.Files(source.FS, "routes", &out, ".yaml") {
			config.ReadFile(source.FS, file, &out, diag.Pos{})
		}
		config.ReadFile(source.FS, "schemas/multa.yaml", &out, diag.Pos{})
		source.Lookup("secret", "password")
		source.Lookup("secret", "later")
		return reading
	}
	what := config.Watching{Folder: w.dir, Secrets: w.secrets}
	if how != nil {
		how(&what)
	}
	w.watcher = config.NewWatcher(load(), what)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.watcher.Run(ctx, func(c config.Change) *config.Reading {
			reading := load()
			w.told <- c
			return reading
		})
	}()
	t.Cleanup(func() { cancel(); <-ended; closer.Close() })
	return w
}

func (w *watching) path(name string) string { return filepath.Join(w.dir, name) }

func (w *watching) write(name, content string) { w.t.Helper(); write(w.t, w.path(name), content) }

func (w *watching) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// expect waits until one file is told as changed. A change may be told in several parts.
func (w *watching) expect(file string) {
	w.t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case c := <-w.told:
			if slices.Contains(c.Files, file) {
				return
			}
			w.t.Logf("also told: %v", c.Files)
		case <-late:
			w.t.Fatalf("a change of %s was not told", file)
		}
	}
}

// settle makes a change and waits until it is told: all before it was looked at, and told if it was a change.
func (w *watching) settle(n int) {
	w.t.Helper()
	w.write("fondaco.yaml", fmt.Sprintf("settled: %d\n", n))
	w.expect("fondaco.yaml")
}

// swap puts a link in the place of another in one step, as Kubernetes does.
func (w *watching) swap(target, name string) {
	w.t.Helper()
	w.must(os.Symlink(target, w.path("..tmp")))
	w.must(os.Rename(w.path("..tmp"), w.path(name)))
}

// TestWatch waits for what it is told, never for a time.
func TestWatch(t *testing.T) {
	for name, how := range map[string]func(*config.Watching){
		"by events": nil, "by looking": func(w *config.Watching) { w.Polled = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testWatch(watch(t, how))
		})
	}
}

func testWatch(w *watching) {
	w.write("fondaco.yaml", "a: 2\n")
	w.expect("fondaco.yaml")
	w.write("routes/deep/a.yaml", "a")
	w.expect("routes/deep/a.yaml")
	w.write("routes/deep/a.yaml", "b")
	w.expect("routes/deep/a.yaml")
	w.write("schemas/multa.yaml", "a: 1\n") // looked for in vain until now, in a folder that was not there
	w.expect("schemas/multa.yaml")
	w.must(os.Remove(w.path("schemas/multa.yaml")))
	w.expect("schemas/multa.yaml")
	write(w.t, filepath.Join(w.secrets, "password"), "b")
	w.expect("secret password")
	write(w.t, filepath.Join(w.secrets, "later"), "b")
	w.expect("secret later")

	w.write("..v1/map.yaml", "a: 1\n")
	w.write("..v2/map.yaml", "a: 2\n")
	w.swap("..v1", "..data")
	w.swap("../..data/map.yaml", "routes/map.yaml")
	w.expect("routes/map.yaml")
	w.swap("..v2", "..data")
	w.expect("routes/map.yaml")
	w.write("..v2/map.yaml", "a: 3\n") // what a link leads to
	w.expect("routes/map.yaml")

	w.must(os.Rename(w.path("routes"), w.path("old")))
	w.expect("routes/multe.yaml")
	w.must(os.Rename(w.path("old"), w.path("routes")))
	w.expect("routes/multe.yaml")
	w.must(os.Rename(w.dir, w.dir+".old"))
	w.expect("fondaco.yaml")
	w.write("fondaco.yaml", "a: 4\n")
	w.expect("fondaco.yaml")
	w.write("fondaco.yaml", "a: 5\n")
	w.expect("fondaco.yaml")
	w.must(os.RemoveAll(w.dir))
	w.expect("fondaco.yaml")
	w.must(os.Symlink(w.dir+".old", w.dir)) // the folder itself is a link now
	w.expect("routes/multe.yaml")
	w.settle(1)
}

// TestWatchIgnores does all that changes no content of what was read: the only changes told are those that it makes for
// that.
func TestWatchIgnores(t *testing.T) {
	for name, how := range map[string]func(*config.Watching){
		"by events": nil, "by looking": func(w *config.Watching) { w.Polled = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watch(t, how)
			outside := t.TempDir()
			w.must(os.Symlink(outside, w.path("data")))
			w.must(syscall.Mkfifo(w.path("routes/pipe"), 0o600))
			w.must(syscall.Mkfifo(w.path("pipe.yaml"), 0o600))
			for i, do := range []func(){
				func() { w.write("data/fondaco.db", fmt.Sprint(time.Now())) },
				func() { w.write("state/fondaco.db-wal", fmt.Sprint(time.Now())) },
				func() {
					w.write("routes/fondaco.db", fmt.Sprint(time.Now()))
					w.write("routes/fondaco.db-journal", "x")
					w.must(os.Remove(w.path("routes/fondaco.db-journal")))
				},
				func() { w.write("fondaco.log", fmt.Sprint(time.Now())) },
				func() {
					w.write("routes/.multe.yaml.swp", "x")
					w.write("routes/multe.yaml~", "x")
					w.write("routes/4913", "")
				},
				func() { w.write("routes/.#multe.yaml", "x"); w.write("routes/#multe.yaml#", "x") },
				func() { now := time.Now(); w.must(os.Chtimes(w.path("routes/multe.yaml"), now, now)) },
				func() {
					w.must(os.Chmod(w.path("routes/multe.yaml"), 0o600))
					w.must(os.Chmod(w.path("routes"), 0o700))
				},
				func() { w.write("routes/multe.yaml", "a: 1\n") },
				func() { // as an editor that writes anew and renames
					w.write("routes/multe.tmp", "a: 1\n")
					w.must(os.Rename(w.path("routes/multe.tmp"), w.path("routes/multe.yaml")))
				},
				func() { write(t, filepath.Join(w.secrets, "password"), "a") },
				func() { write(t, filepath.Join(w.secrets, "nobody-asks"), fmt.Sprint(time.Now())) },
				func() {
					for i := range 50 {
						w.write(fmt.Sprintf("node_modules/%d/x.yaml", i), "a")
					}
				},
			} {
				for range 3 {
					do()
				}
				w.settleAlone(i)
			}
		})
	}
}

// settleAlone is settle where nothing else may be told before.
func (w *watching) settleAlone(n int) {
	w.t.Helper()
	w.watcher.Look()
	for {
		select {
		case c := <-w.told:
			if len(c.Files) > 0 || !c.Asked {
				w.t.Errorf("%d: told %v", n, c.Files)
			}
			if c.Asked {
				return
			}
		case <-time.After(2 * time.Minute):
			w.t.Fatal("it did not look when it was asked")
		}
	}
}

// TestWatchAsked looks only when it is asked, and reports what it has found then.
func TestWatchAsked(t *testing.T) {
	w := watch(t, func(w *config.Watching) { w.Asked = true })
	w.settleAlone(0)
	w.write("routes/multe.yaml", "a: 2\n")
	w.write("routes/b.yaml", "a: 2\n")
	select {
	case c := <-w.told:
		t.Errorf("told %v unasked", c.Files)
	case <-time.After(200 * time.Millisecond): // not to be waited for, and nothing hangs on it
	}
	w.watcher.Look()
	if c := <-w.told; strings.Join(c.Files, " ") != "routes/b.yaml routes/multe.yaml" || !c.Asked {
		t.Errorf("told %+v", c)
	}
	w.settleAlone(1)
}

// TestReadingTorn: a file that changes while a load reads it twice is a change, whatever it holds afterwards.
func TestReadingTorn(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), "1")
	fsys, closer, err := config.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	source, reading := config.Source{FS: fsys}.Record()
	read := func() {
		if _, err := config.ReadPlain(source.FS, "a", 10); err != nil {
			t.Error(err)
		}
	}
	read()
	write(t, filepath.Join(dir, "a"), "2")
	if got := reading.Changes(false); !slices.Equal(got, []string{"a"}) {
		t.Errorf("gave %v", got)
	}
	read()
	write(t, filepath.Join(dir, "a"), "1")
	if got := reading.Changes(false); !slices.Equal(got, []string{"a"}) {
		t.Errorf("gave %v after two contents were read", got)
	}
}

// TestReadingLarge: a file that was refused for its size is told when it has another.
func TestReadingLarge(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), "12345678901")
	fsys, closer, err := config.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	source, reading := config.Source{FS: fsys}.Record()
	if _, err := config.ReadPlain(source.FS, "a", 10); err == nil {
		t.Error("it was read")
	}
	if got := reading.Changes(true); len(got) > 0 {
		t.Errorf("gave %v", got)
	}
	write(t, filepath.Join(dir, "a"), "123")
	if got := reading.Changes(false); !slices.Equal(got, []string{"a"}) {
		t.Errorf("gave %v", got)
	}
}

// barred is a folder whose files may not be read while shut is true, as one whose rights were taken away: root may read
// those all the same.
type barred struct {
	fs.FS
	shut bool
}

func (b *barred) Open(name string) (fs.File, error) {
	if b.shut && name != "." {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return b.FS.Open(name)
}

// TestUnreadable: what may not be read is no change, and becomes one when it may.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), "1")
	folder, closer, err := config.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	fsys := &barred{FS: folder}
	read := func() *config.Reading {
		source, reading := config.Source{FS: fsys}.Record()
		_, _ = config.ReadPlain(source.FS, "a", 10)
		return reading
	}
	good := read()
	fsys.shut = true
	bad := read()
	if got := append(good.Changes(true), bad.Changes(true)...); len(got) > 0 {
		t.Errorf("gave %v", got)
	}
	fsys.shut = false
	if got := bad.Changes(false); !slices.Equal(got, []string{"a"}) || len(good.Changes(true)) > 0 {
		t.Errorf("gave %v %v", got, good.Changes(true))
	}
}
