package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"fondaco/console"
	"fondaco/engine"
)

func rollbackCommand(w *engine.World) *cobra.Command {
	o := &operators{w: w}
	to, who, reason := "", "", ""
	list, end := false, false
	c := &cobra.Command{
		Use:   "rollback",
		Short: "Serve a release that was in service before, although the project's files differ",
		Long: `Serve a release that was in service before, although the project's files differ.
The last 20 releases are kept whole beside the state. Without --to it is the one before that is served. It takes effect as
a change of the files does: one that cannot be served with the environment and the secrets of now is refused, and what is
in service goes on. It outlasts a new start, and ends when the files change again, or with --end.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if list {
				return o.listReleases(c)
			}
			if strings.TrimSpace(reason) == "" {
				return usageError{errors.New("--reason is required: the cause is kept in the audit")}
			}
			q, path := url.Values{"who": {cmp.Or(who, me())}, "why": {reason}}, console.RollbackPath
			if end {
				path = console.RollbackEndPath
			}
			if c.Flags().Changed("to") {
				if strings.TrimSpace(to) == "" {
					return usageError{errors.New("--to: expected the hash of a kept release, or its beginning: fondaco rollback --list")}
				}
				q.Set("to", strings.TrimSpace(to))
			}
			var done console.RolledBack
			if err := o.ask(c.Context(), http.MethodPost, path, q, &done); err != nil {
				return err
			}
			if done.Warning != "" {
				fmt.Fprintf(w.Stderr, "warning: %s\n", done.Warning)
			}
			switch {
			case o.format == "json":
			case end:
				fmt.Fprintf(w.Stdout, "the rollback to %s is over: the project's files are served, as %s\n", done.Before, done.Serving)
			default:
				fmt.Fprintf(w.Stdout, "rolled back: %s is served instead of %s, until the files change or until fondaco rollback --end\n", done.Serving,
					done.Before)
			}
			return nil
		},
	}
	o.declare(c)
	c.Flags().StringVar(&to, "to", "", "the `HASH` of a kept release, or its beginning, instead of the one before that is served")
	c.Flags().StringVar(&who, "who", "", "who asks for it, which is kept in the audit (default: the name of this user)")
	c.Flags().StringVar(&reason, "reason", "", "the cause, which is kept in the audit; required")
	c.Flags().BoolVar(&list, "list", false, "list what is kept, the latest first, and do nothing")
	c.Flags().BoolVar(&end, "end", false, "serve the project's files again")
	c.MarkFlagsMutuallyExclusive("list", "end", "to")
	return c
}

// listReleases prints the releases that are kept.
func (o *operators) listReleases(c *cobra.Command) error {
	var list console.ReleaseList
	if err := o.ask(c.Context(), http.MethodGet, console.ReleasesPath, nil, &list); err != nil || o.format == "json" {
		return err
	}
	t := tabwriter.NewWriter(o.w.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "hash\tserved\tstate\tchanged")
	for _, r := range list.Releases {
		state := ""
		switch {
		case r.Hash == list.Serving && list.Rollback != nil:
			state = "in service, rolled back"
		case r.Hash == list.Serving:
			state = "in service"
		case r.Damaged != "":
			state = "damaged: " + r.Damaged
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.Hash, r.Served.UTC().Format(time.RFC3339), state, strings.Join(r.Files, " "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if back := list.Rollback; back != nil {
		fmt.Fprintf(o.w.Stdout, "%s is served instead of the project's files since %s, asked for by %s: %s\n", list.Serving,
			back.Since.UTC().Format(time.RFC3339), back.Who, back.Why)
	}
	if list.Unkept != "" {
		fmt.Fprintf(o.w.Stdout, "%s, which is in service, is not kept: %s\n", list.Serving, list.Unkept)
	}
	return nil
}
