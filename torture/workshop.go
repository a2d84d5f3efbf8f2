package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed project city once backlog neighbours cluster memory
var projects embed.FS

// workshop is what all scenarios share: the program, built once, and the project that it serves.
type workshop struct {
	dir, program, project string
	ledgers               string // below it each round has a folder
	token                 string // the clients'
	keys                  []byte // by which an engine knows them
	seed                  uint64
	clients               int
	heap                  int           // how many orders wait for a system that is away
	patience              time.Duration // for what was accepted to be done, when the load has ended
	folders, nodes        int
}

// newWorkshop builds the program and writes the project into a folder of its own. The caller closes it.
func newWorkshop(ctx context.Context) (_ *workshop, err error) {
	dir, err := os.MkdirTemp("", "torture-")
	if err != nil {
		return nil, err
	}
	w := &workshop{dir: dir, program: filepath.Join(dir, "fondaco"), project: filepath.Join(dir, "project")}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.keys, w.token, err = identify(); err != nil {
		return nil, err
	}
	if err := w.copy("project", w.project); err != nil {
		return nil, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", w.program, "./cmd/fondaco")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the engine, from the repository's root: %w\n%s", err, out)
	}
	return w, nil
}

func (w *workshop) close() { _ = os.RemoveAll(w.dir) }

// folder makes a folder for one scenario's files.
func (w *workshop) folder() (string, error) {
	w.folders++
	dir := filepath.Join(w.dir, fmt.Sprint("round", w.folders))
	return dir, os.MkdirAll(dir, 0o700)
}

// copyAs is copy, with a name in the place of the word PROJECT.
func (w *workshop) copyAs(name, project, to string) error {
	if err := w.copy(name, to); err != nil || project == "" {
		return err
	}
	return filepath.WalkDir(to, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "PROJECT", project)), 0o600)
	})
}

// copy writes a project into a folder that is not there yet.
func (w *workshop) copy(name, to string) error {
	files, err := fs.Sub(projects, name)
	if err != nil {
		return err
	}
	if err := os.CopyFS(to, files); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "keys.json"), w.keys, 0o600)
}
