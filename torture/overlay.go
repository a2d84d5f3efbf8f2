package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed plants/*.patch
var patches embed.FS

// overlay applies a bug's patch to copies of the files that it names, of the repository at root, below dir. It returns the
// file that "go build -overlay" takes, and an error if the patch does not fit the source of today.
func overlay(ctx context.Context, root, dir, bug string) (file string, err error) {
	patch, err := patches.ReadFile("plants/" + bug + ".patch")
	if err != nil {
		return "", err
	}
	instead := struct{ Replace map[string]string }{map[string]string{}}
	for line := range strings.Lines(string(patch)) {
		name, found := strings.CutPrefix(strings.TrimSpace(line), "+++ b/")
		if !found {
			continue
		}
		from, to := filepath.Join(root, filepath.FromSlash(name)), filepath.Join(dir, filepath.FromSlash(name))
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o700)
		}
		if err == nil {
			err = os.WriteFile(to, text, 0o600)
		}
		if err != nil {
			return "", fmt.Errorf("the patch %s.patch: %w", bug, err)
		}
		instead.Replace[from] = to
	}
	apply := exec.CommandContext(ctx, "git", "apply", "-p1", "-")
	apply.Dir, apply.Stdin = dir, bytes.NewReader(patch)
	apply.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir)) // it is no repository
	if out, err := apply.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the patch %s.patch does not fit the source any more; make it anew: %w\n%s", bug, err, out)
	}
	text, err := json.Marshal(instead)
	if err != nil {
		return "", err
	}
	file = filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, text, 0o600)
}

// planted builds the program with a bug's patch, and returns where it is.
func (w *workshop) planted(ctx context.Context, bug string) (program string, err error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(w.dir, "plant-"+bug)
	program = filepath.Join(dir, "fondaco")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	file, err := overlay(ctx, root, dir, bug)
	if err != nil {
		return "", err
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-overlay", file, "-o", program, "./cmd/fondaco").CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the engine with %s.patch: %w\n%s", bug, err, out)
	}
	return program, nil
}
