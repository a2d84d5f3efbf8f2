package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"fondaco/messaging/embedded"
	"fondaco/store/sqlite"
	"fondaco/store/sqlitefile"

	"github.com/spf13/cobra"
)

func compactCommand(w *World) *cobra.Command {
	secrets := ""
	c := &cobra.Command{
		Use:   "compact [DIR]",
		Short: "Write the files of a stopped project's state and topics anew, without the room that is free in them",
		Long: `Write the files of a stopped project's state and topics anew, without the room that is free in them.
A file that is served gives much of it back by itself; one of an earlier version does after its first start with room for a
copy. Each copy is read whole before it takes the place of its file. Where the disk has no room for it nothing is changed.`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			f := savedFlags{project: folder(args), secrets: secrets}
			p, t, state, err := f.open(w)
			if err != nil {
				return err
			}
			defer p.close()
			if err := unfinishedRestore(state); err != nil {
				return err
			}
			return compactFiles(c.Context(), w, t.Model.Project.Name.Value, state)
		},
	}
	c.Flags().StringVar(&secrets, "secrets", "", "a folder with a file for each secret")
	return c
}

// compactFiles writes the files of a state and its topics anew, those that are there, and says how large they are.
func compactFiles(ctx context.Context, w *World, project, state string) error {
	found := false
	for _, one := range []struct {
		name, path string
		kind       sqlitefile.Kind
	}{{"state", state, sqlite.FileKind()}, {"topics", topicsFile(state), embedded.FileKind()}} {
		if _, err := os.Stat(one.path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		found = true
		before, after, err := one.kind.Compact(ctx, one.path, project)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.Stdout, "%s: %d bytes before, %d after (%s)\n", one.name, before, after, one.path)
	}
	if !found {
		return fmt.Errorf("there is nothing to compact: the project has no state yet (%s)", state)
	}
	return nil
}
