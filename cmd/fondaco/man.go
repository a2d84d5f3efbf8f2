package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fondaco/engine"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand writes man pages from the commands themselves.
func manCommand(w *engine.World) *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages into a folder: fondaco.1, and one for each command",
		Long: `Write the manual pages into a folder, which must be there: fondaco.1, and one for each command, as fondaco-run.1.
They are read with "man -l DIR/fondaco.1", or with "man fondaco-run" where DIR is a folder of MANPATH named man1.`,
		Example: `  mkdir -p /usr/local/share/man/man1 && fondaco man /usr/local/share/man/man1`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("found %d folders, expected one", len(args))}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			pages, err := manPages(commands(w))
			if err != nil {
				return err
			}
			for name, page := range pages {
				if err := os.WriteFile(filepath.Join(w.Path(args[0]), name), page, 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// manPages returns the manual pages of a command and of those below it that people are told of, by file name.
func manPages(root *cobra.Command) (map[string][]byte, error) {
	pages := map[string][]byte{}
	all := []*cobra.Command{root}
	eachCommand(root, func(c *cobra.Command) { all = append(all, c) }) // the generator adds commands of its own to groups
	for _, c := range all {
		c.DisableAutoGenTag = true
		var b bytes.Buffer
		head := &doc.GenManHeader{Section: "1", Source: "Fondaco " + version, Manual: "Fondaco", Date: &time.Time{}}
		if err := doc.GenMan(c, head, &b); err != nil {
			return nil, err
		}
		b.WriteString(".SH EXIT STATUS\n")
		for _, e := range exitCodes {
			fmt.Fprintf(&b, ".TP\n.B %d\n%s\n", e.code, e.means)
		}
		// The same program writes the same pages, so that who builds a package again has the same files.
		page := bytes.Replace(b.Bytes(), []byte(time.Time{}.Format("Jan 2006")), nil, 1)
		pages[strings.ReplaceAll(c.CommandPath(), " ", "-")+".1"] = page
	}
	return pages, nil
}
