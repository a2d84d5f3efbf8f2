package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"fondaco/console"
	"fondaco/engine"
)

func auditCommand(w *engine.World) *cobra.Command {
	c := &cobra.Command{
		Use: "audit", Short: "What operators did with citizens' data: who, when, what and why", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(auditListCommand(w), auditVerifyCommand(w))
	return c
}

func auditListCommand(w *engine.World) *cobra.Command {
	o := &operators{w: w}
	limit, after := 0, int64(-1)
	c := &cobra.Command{
		Use:   "list",
		Short: "List the latest entries, the oldest of them first",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			q := url.Values{}
			if limit > 0 {
				q.Set("limit", strconv.Itoa(limit))
			}
			if after >= 0 {
				q.Set("after", strconv.FormatInt(after, 10))
			}
			var rows []console.AuditEntry
			if err := o.ask(c.Context(), http.MethodGet, console.AuditPath, q, &rows); err != nil || o.format == "json" {
				return err
			}
			t := tabwriter.NewWriter(w.Stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "number\tat\twho\twhat\ton\twhy")
			for _, r := range rows {
				fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", r.Number, r.At, r.Who, r.What, r.On, r.Why)
			}
			return t.Flush()
		},
	}
	o.declare(c)
	c.Flags().IntVar(&limit, "limit", 0, "how many are listed; 100 if nothing is said")
	c.Flags().Int64Var(&after, "after", -1, "those after an entry, by its number, instead of the latest")
	return c
}

func auditVerifyCommand(w *engine.World) *cobra.Command {
	o := &operators{w: w}
	var heads []string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check that no entry was changed, removed, moved or added by hand",
		Long: "Check that no entry was changed, removed, moved or added by hand, and print the number and hash of the last one.\n" +
			"Each entry bears the hash of the one before. Who can write the file of the state could write all of it anew: note what is printed " +
			"in another place,\n" +
			"or keep the log, which has it for each entry, and hold the audit against it with --head.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var v console.AuditVerdict
			if err := o.ask(c.Context(), http.MethodGet, console.VerifyPath, url.Values{"head": heads}, &v); err != nil {
				return err
			}
			if !v.Whole {
				return errors.New(v.Broken)
			}
			if o.format == "json" {
				return nil
			}
			_, err := fmt.Fprintf(w.Stdout, "the audit is whole\n%s\n", v.Head)
			return err
		},
	}
	o.declare(c)
	c.Flags().StringArrayVar(&heads, "head", nil, "what verify printed before, or the log has under audit: that entry must still be there "+
		"as it was; may come again")
	return c
}
