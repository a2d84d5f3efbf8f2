package main

import (
	"fmt"
	"net/http"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"fondaco/console"
	"fondaco/engine"
)

func topicsCommand(w *engine.World) *cobra.Command {
	o := &operators{w: w}
	c := &cobra.Command{
		Use: "topics",
		Short: "Show what became of the messages of each route: accepted = done + failed + dead + cancelled + discarded + expired + " +
			"superseded + in flight",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var rows []console.Topic
			if err := o.ask(c.Context(), http.MethodGet, console.TopicsPath, nil, &rows); err != nil || o.format == "json" {
				return err
			}
			t := tabwriter.NewWriter(w.Stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "route\ttopic\tgroup\taccepted\tdone\tfailed\tdead\tcancelled\tdiscarded\texpired\tsuperseded\tin flight\toldest\tstate")
			dash := func(s string) string {
				if s == "" {
					return "-"
				}
				return s
			}
			for _, r := range rows {
				fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", dash(r.Route), r.Topic, dash(r.Group), r.Accepted, r.Done,
					r.Failed, r.Dead, r.Cancelled, r.Discarded, r.Expired, r.Superseded, r.InFlight, dash(r.Oldest), dash(r.Standing()))
			}
			if err := t.Flush(); err != nil {
				return err
			}
			for _, r := range rows {
				if r.Unfit != "" {
					fmt.Fprintf(w.Stdout, "operations and topics do not fit: %s\n", r.Unfit)
				}
			}
			return nil
		},
	}
	o.declare(c)
	c.AddCommand(topicsForgetCommand(w))
	return c
}
