package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"fondaco/engine"
	"fondaco/engine/storage"
)

func compactCommand(w *engine.World) *cobra.Command {
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
			p, of, err := f.open(w)
			if err != nil {
				return err
			}
			defer p.Close()
			return storage.Compact(c.Context(), of, func(name, path string, before, after int64) {
				fmt.Fprintf(w.Stdout, "%s: %d bytes before, %d after (%s)\n", name, before, after, path)
			})
		},
	}
	c.Flags().StringVar(&secrets, "secrets", "", "a folder with a file for each secret")
	return c
}
