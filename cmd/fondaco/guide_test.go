package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
)

// block is a fenced block of a page, with the comment before it.
var block = regexp.MustCompile("(?s)(?:<!-- (\\w+): ([^\n]*) -->\n)?```(\\w+)\n(.*?)```")

// TestGuideWSDL does what docs/guide/wsdl.md says, in a new folder: its commands run, its files are written, and what it
// shows is what is printed or written. Only the demo, which ends when it is told to, is left out.
func TestGuideWSDL(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/guide/wsdl.md")
	if err != nil {
		t.Fatal(err)
	}
	vendor, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	g := &guide{dir: t.TempDir(), vendor: vendor}
	commands := 0
	for _, m := range block.FindAllStringSubmatch(string(page), -1) {
		how, where, kind, text := m[1], m[2], m[3], m[4]
		switch {
		case kind == "sh":
			for line := range strings.Lines(text) {
				commands++
				g.run(t, strings.TrimSpace(line))
			}
		case how == "file":
			g.write(t, where, text)
		case how == "under":
			file, heading, _ := strings.Cut(where, " ")
			g.write(t, file, strings.Replace(g.read(t, file), "\n"+heading+"\n", "\n"+heading+"\n"+text, 1))
		case kind == "yaml":
			if connector := g.read(t, "connectors/protocollo/connector.yaml"); !strings.Contains(connector, text) {
				t.Errorf("the page shows\n%s\nexpected a part of\n%s", text, connector)
			}
		case kind == "text":
			for line := range strings.Lines(text) {
				if !strings.Contains(g.printed.String(), strings.TrimSuffix(line, "\n")) {
					t.Errorf("the page shows %q, found\n%s", line, g.printed.String())
				}
			}
		}
	}
	if commands < 10 {
		t.Errorf("the page has %d commands", commands)
	}
}

// guide is somebody who follows a page.
type guide struct {
	dir, vendor string
	printed     bytes.Buffer // by the last block of commands
}

func (g *guide) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(g.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (g *guide) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(g.dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run carries out one line of a shell, as far as the page needs one.
func (g *guide) run(t *testing.T, line string) {
	t.Helper()
	line, into, redirected := strings.Cut(strings.ReplaceAll(line, "~/", g.vendor+"/"), " > ")
	words := strings.Fields(line)
	switch {
	case words[0] == "cd":
		g.dir = filepath.Join(g.dir, words[1])
	case words[0] == "cp":
		if err := os.CopyFS(filepath.Join(g.dir, "new"), os.DirFS(filepath.Dir(words[1]))); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(filepath.Join(g.dir, "new"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if err := os.Rename(filepath.Join(g.dir, "new", f.Name()), filepath.Join(g.dir, words[2], f.Name())); err != nil {
				t.Fatal(err)
			}
		}
	case words[0] == "curl" || words[0] == "fondaco" && words[1] == "demo":
	case words[0] == "fondaco":
		var out, problems bytes.Buffer
		w := &engine.World{
			Args: words[1:], Env: func(string) (string, bool) { return "", false }, Dir: g.dir, Stdout: &out, Stderr: &problems,
			Now: time.Now,
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		want := exitOK
		if strings.Contains(line, "--against") {
			want = exitFailed
		}
		if code := run(ctx, w); code != want {
			t.Errorf("%s: exit code %d\n%s%s", line, code, out.String(), problems.String())
		}
		if redirected {
			g.write(t, into, out.String())
			return
		}
		g.printed.Write(out.Bytes())
		g.printed.Write(problems.Bytes())
	default:
		t.Errorf("the page has a command that is not known: %s", line)
	}
}
