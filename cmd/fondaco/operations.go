package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"fondaco/console"
	"fondaco/engine"
)

// operationFlags say which operations are meant.
type operationFlags struct {
	id, state, route string
	limit            int
	causes           bool
}

func operationsCommand(w *engine.World) *cobra.Command {
	o, f := &operators{w: w}, &operationFlags{}
	c := &cobra.Command{
		Use:   "operations",
		Short: "List accepted requests by state, one by its number, or count those that failed by cause",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.format != "text" && o.format != "json" {
				return usageError{fmt.Errorf("--format: found %q, expected text or json", o.format)}
			}
			if f.limit < 1 {
				return usageError{fmt.Errorf("--limit: found %d, expected 1 or more", f.limit)}
			}
			if f.causes {
				return f.listCauses(c.Context(), o)
			}
			return f.list(c.Context(), o)
		},
	}
	o.declare(c)
	c.Flags().StringVar(&f.id, "id", "", "the one of this number")
	c.Flags().StringVar(&f.state, "state", "failed", "those in a state: accepted, waiting, working, done, failed, cancelled")
	c.Flags().StringVar(&f.route, "route", "", "those of a route")
	c.Flags().IntVar(&f.limit, "limit", 100, "how many at most, the oldest change first")
	c.Flags().BoolVar(&f.causes, "causes", false, "count those that failed and wait for an operator by route and cause, instead")
	c.MarkFlagsMutuallyExclusive("id", "causes")
	return c
}

// list lists operations.
func (f *operationFlags) list(ctx context.Context, o *operators) error {
	quiet := &operators{w: o.w, console: o.console, format: "text"} // it asks more than once, and writes what it has found
	found := console.Operations{Operations: []console.Operation{}}
	for q := (url.Values{"state": {f.state}, "limit": {"1000"}}); len(found.Operations) < f.limit; {
		if f.id != "" {
			q = url.Values{"id": {f.id}}
		} else if f.route == "" {
			q.Set("limit", strconv.Itoa(min(f.limit-len(found.Operations), 1000)))
		}
		var page console.Operations
		if err := quiet.ask(ctx, http.MethodGet, console.OperationsPath, q, &page); err != nil {
			return err
		}
		for _, x := range page.Operations {
			if (f.route == "" || x.Route == f.route) && len(found.Operations) < f.limit {
				found.Operations = append(found.Operations, x)
			}
		}
		if page.After == "" {
			break
		}
		q.Set("after", page.After)
	}
	if o.format == "json" {
		return writeJSON(o.w.Stdout, found)
	}
	t := tabwriter.NewWriter(o.w.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "operation\troute\tstate\tstatus\taccepted\tchanged")
	for _, x := range found.Operations {
		status := "-"
		if x.Status > 0 {
			status = strconv.Itoa(x.Status)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", x.ID, x.Route, x.State, status, x.Created.Format(time.RFC3339), x.Updated.Format(time.RFC3339))
	}
	return t.Flush()
}

// listCauses counts the operations that failed by the causes of their letters.
func (f *operationFlags) listCauses(ctx context.Context, o *operators) error {
	quiet := &operators{w: o.w, console: o.console, format: "text"}
	var all []console.Cause
	if err := quiet.ask(ctx, http.MethodGet, console.CausesPath, url.Values{"route": {f.route}, "limit": {"1000"}}, &all); err != nil {
		return err
	}
	rows := []console.Cause{}
	for _, c := range all {
		if c.Accepts && len(rows) < f.limit {
			rows = append(rows, c)
		}
	}
	if o.format == "json" {
		return writeJSON(o.w.Stdout, rows)
	}
	t := tabwriter.NewWriter(o.w.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "failed\troute\tcause\tfirst\tlast")
	for _, c := range rows {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\n", c.Letters, c.Route, c.Reason, c.First.Format(time.RFC3339), c.Last.Format(time.RFC3339))
	}
	return t.Flush()
}
