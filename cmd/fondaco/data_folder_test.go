package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
)

// TestDataFolder: with FONDACO_DATA what is kept is in that folder, and nothing is written into the project's, also by the commands
// beside the process; places that are absolute stay where they are.
func TestDataFolder(t *testing.T) {
	t.Parallel()
	dir, data := written(t, keepingFiles), filepath.Join(t.TempDir(), "state")
	before := contents(t, os.DirFS(dir))
	p := startProcess(t, dir, "FONDACO_DATA="+data)
	if status, answer, _ := p.ask("POST", "/notes", `{"text":"x"}`); status != 202 {
		t.Fatalf("%d %s", status, answer)
	}
	if _, err := os.Stat(filepath.Join(data, "data/fondaco.db")); err != nil {
		t.Error(err)
	}
	backup := filepath.Join(t.TempDir(), "backup")
	env := func(name string) (string, bool) { return data, name == engine.DataVariable }
	var out bytes.Buffer
	w := &engine.World{Args: []string{"backup", backup, "--project", dir}, Env: env, Dir: dir, Stdout: &out, Stderr: &out, Now: time.Now}
	if code := run(t.Context(), w); code != exitOK {
		t.Errorf("backup: %d\n%s", code, out.String())
	}
	p.end()
	if entries, err := os.ReadDir(dir); err != nil || len(contents(t, os.DirFS(dir))) != len(before) || len(entries) != 2 {
		t.Errorf("the project's folder has %v, %v", entries, err)
	}

	overwrite(t, dir, map[string]string{"fondaco.yaml": keepingFiles["fondaco.yaml"] + "storage: { state: " + filepath.Join(dir, "own.db") + " }\n"})
	p = startProcess(t, dir, "FONDACO_DATA="+data)
	p.end()
	if _, err := os.Stat(filepath.Join(dir, "own.db")); err != nil {
		t.Error(err)
	}

	overwrite(t, dir, map[string]string{"fondaco.yaml": keepingFiles["fondaco.yaml"]})
	file := filepath.Join(dir, "own.db") // a file, in which no folder can be
	out.Reset()
	w = &engine.World{
		Args: []string{"run", dir}, Env: func(name string) (string, bool) { return file, name == engine.DataVariable }, Dir: dir,
		Stdout: &out, Stderr: &out, Now: time.Now,
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // where it is served all the same
	defer cancel()
	if code := run(ctx, w); code != exitFailed || !strings.Contains(out.String(), "storage.state") {
		t.Errorf("run: %d\n%s", code, out.String())
	}
}

// keepingFiles is a project that keeps what it accepts, and has no system.
var keepingFiles = map[string]string{
	"fondaco.yaml": `project: notes
title: Notes
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
`,
	"routes/notes.yaml": `routes:
  note:
    http: POST /notes
    auth: none
    accept: async
    body: { type: object, required: [text], properties: { text: { type: string, maxLength: 100 } } }
    steps:
      - set: { is: "${body.text}" }
    respond: { body: { is: "${is}" } }
`,
}
