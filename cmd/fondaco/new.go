package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"fondaco/engine"
)

//go:embed all:template
var template embed.FS

var projectName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

func newCommand(w *engine.World) *cobra.Command {
	return &cobra.Command{
		Use:   "new NAME",
		Short: "Make a small project that runs and checks clean",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("found %d names, expected one", len(args))}
			}
			if !projectName.MatchString(filepath.Base(args[0])) {
				return usageError{fmt.Errorf("found %q, expected a name of small letters, digits and hyphens", args[0])}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			dir, name := w.Path(args[0]), filepath.Base(args[0])
			if _, err := os.Stat(dir); err == nil {
				return fmt.Errorf("%s is there already", args[0])
			}
			err := fs.WalkDir(template, "template", func(path string, d fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				to := filepath.Join(dir, strings.TrimPrefix(path, "template"))
				if d.IsDir() {
					return os.MkdirAll(to, 0o755)
				}
				b, err := template.ReadFile(path)
				if err != nil {
					return err
				}
				return os.WriteFile(to, []byte(strings.ReplaceAll(string(b), "PROJECT", name)), 0o644)
			})
			if err != nil {
				return err
			}
			if err := writeSchemas(filepath.Join(dir, schemaFolder)); err != nil {
				return err
			}
			fmt.Fprintf(w.Stdout, "%s is made. Next:\n\n  fondaco demo %s    serves it here, with its system simulated\n  fondaco check %s   "+
				"lists what is wrong\n  fondaco test %s    runs its tests\n", args[0], args[0], args[0], args[0])
			return nil
		},
	}
}
