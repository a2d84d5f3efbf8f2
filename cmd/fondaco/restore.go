package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"fondaco/engine"
	"fondaco/engine/storage"
)

func restoreCommand(w *engine.World) *cobra.Command {
	var f savedFlags
	replace := false
	c := &cobra.Command{
		Use:   "restore DIR",
		Short: "Put a backup in the place of the state and the embedded topics of a project that is not served",
		Long: `Put a backup in the place of the state and the embedded topics of a project that is not served.
All of it is read first. What was accepted after the backup is not in it; schedules, and work with calls that may not be
made twice, are held until "fondaco release".`,
		Args: oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			p, of, err := f.open(w)
			if err != nil {
				return err
			}
			defer p.Close()
			now := w.Now()
			did, err := storage.Restore(c.Context(), of, w.Path(args[0]), replace, now)
			if err != nil {
				return err
			}
			reportRestore(w, did, now)
			return nil
		},
	}
	f.declare(c)
	c.Flags().BoolVar(&replace, "replace", false, "there may be a state: it is kept beside, under another name")
	return c
}

// reportRestore says what was restored, and what follows from it.
func reportRestore(w *engine.World, did *storage.Restoration, now time.Time) {
	m := did.Manifest
	fmt.Fprintf(w.Stdout, "%s is as it was at %s, %s ago (backup by version %s)\n", m.Project, m.Moment.Format(time.RFC3339Nano),
		now.Sub(m.Moment).Round(time.Second), m.Version)
	fmt.Fprintf(w.Stdout, "what was accepted after that is not in it; schedules, and work with calls that may not be made twice, are held: "+
		"fondaco release\n")
	for _, j := range did.Jumped {
		fmt.Fprintf(w.Stdout, "the sequence %s goes on above %d\n", j.Name, j.Last)
	}
	for _, file := range did.Kept {
		fmt.Fprintf(w.Stdout, "what was there is kept as %s; delete it when it is not needed\n", file)
	}
}
