package main

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"fondaco/console"
	"fondaco/engine"
)

func releaseCommand(w *engine.World) *cobra.Command {
	o := &operators{w: w}
	notDone, why := false, ""
	c := &cobra.Command{
		Use:   "release",
		Short: "Start what is held since a restore: schedules, and work with calls that may not be made twice",
		Long: `Start what is held since a restore: schedules, and work with calls that may not be made twice.
Work that was there before may have been done after the backup. Its calls that may not be made twice are asked about
where the connector says how (inquire), and are letters with the reason outcome-unknown otherwise.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			q := url.Values{"who": {me()}}
			if why != "" {
				q.Set("why", why)
			}
			if notDone {
				q.Set("outcome", "not-done")
			}
			var row console.Released
			if err := o.ask(c.Context(), http.MethodPost, console.ReleasePath, q, &row); err != nil || o.format == "json" {
				return err
			}
			fmt.Fprintf(w.Stdout, "%s what was held since the restore at %s, of the backup of %s\n",
				map[bool]string{true: "released before:", false: "released:"}[row.Again], row.Restored.UTC().Format(time.RFC3339), row.Moment.UTC().
					Format(time.RFC3339))
			fmt.Fprintln(w.Stdout, cmp.Or(map[bool]string{true: "calls that may not be made twice of work from before the restore are in doubt: " +
				"they are asked about, or are letters (fondaco dead list)"}[row.Doubtful], "nothing is in doubt: such calls are made"))
			return nil
		},
	}
	o.declare(c)
	c.Flags().BoolVar(&notDone, "not-done", false, "no work was done between the backup and the restore, so that no call is in doubt: "+
		"all are made")
	c.Flags().StringVar(&why, "why", "", "the cause, which is kept")
	return c
}
