package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"fondaco/console"
	"fondaco/engine"
)

func topicsForgetCommand(w *engine.World) *cobra.Command {
	o, yes, why := &operators{w: w}, false, ""
	c := &cobra.Command{
		Use: "forget NAME",
		Short: "Count the messages that wait for nobody on a topic, or of a route that is gone, and operations whose request is gone; with " +
			"--yes let go of them",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("found %d names, expected one: a topic, or a route that is gone", len(args))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			var rows []console.Forgotten
			q := url.Values{"name": {args[0]}, "yes": {strconv.FormatBool(yes)}, "who": {me()}}
			if why != "" {
				q.Set("why", why)
			}
			if err := o.ask(c.Context(), http.MethodPost, console.ForgetPath, q, &rows); err != nil || o.format == "json" {
				return err
			}
			if len(rows) == 0 {
				fmt.Fprintf(w.Stdout, "nothing waits for nobody under %s\n", args[0])
			}
			for _, r := range rows {
				if r.Operations > 0 {
					fmt.Fprintf(w.Stdout, "topic %s: %s without a request %s\n", r.Topic, engine.Counted(r.Operations, "operation"),
						map[bool]string{true: "were ended as failed", false: "wait for nobody; --yes ends them as failed"}[r.Gone])
					continue
				}
				one := r.Messages == 1
				what := map[bool]string{true: "waits for nobody; --yes deletes it", false: "wait for nobody; --yes deletes them"}[one]
				if r.Gone {
					what = map[bool]string{true: "was deleted", false: "were deleted"}[one]
				}
				of := ""
				if r.Group != "" {
					of = ", group " + r.Group
				}
				fmt.Fprintf(w.Stdout, "topic %s%s: %s %s\n", r.Topic, of, engine.Counted(r.Messages, "message"), what)
			}
			return nil
		},
	}
	o.declare(c)
	c.Flags().BoolVar(&yes, "yes", false, "let go of what is counted; it cannot be taken back")
	c.Flags().StringVar(&why, "why", "", "the cause, which is kept in the audit")
	return c
}
