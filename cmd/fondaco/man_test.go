package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/engine"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestMan: each command has a manual page with all its flags, the exit codes and no date of a build, and the pages are the same each time.
func TestMan(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code, _, problems := command(t, dir, "man", "."); code != exitOK {
		t.Fatal(code, problems)
	}
	root := commands(&engine.World{Now: time.Now})
	count := 0
	look := func(c *cobra.Command) {
		count++
		name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			return
		}
		page := strings.ReplaceAll(string(text), `\-`, "-")
		for _, part := range []string{".TH ", ".SH NAME", ".SH SYNOPSIS", ".SH EXIT STATUS", "The command was not understood.", c.Short} {
			if !strings.Contains(page, part) {
				t.Errorf("%s lacks %q", name, part)
			}
		}
		c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(page, "--"+f.Name) {
				t.Errorf("%s lacks --%s", name, f.Name)
			}
		})
	}
	look(root)
	eachCommand(root, look)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != count || count < 25 {
		t.Errorf("%d files of %d commands, %v", len(files), count, err)
	}
	again, err := manPages(commands(&engine.World{Now: time.Now}))
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range again {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(text) != string(page) {
			t.Errorf("%s is another one the second time: %v", name, err)
		}
	}
}
