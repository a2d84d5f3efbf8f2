package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"

	"fondaco/store"

	"github.com/spf13/cobra"
)

// auditRow is an entry of the audit as it is shown.
type auditRow struct {
	Number int64  `json:"number"`
	At     string `json:"at"`
	Who    string `json:"who"`
	What   string `json:"what"`
	On     string `json:"on"`
	Why    string `json:"why,omitempty"`
	Former string `json:"former"`
	Hash   string `json:"hash"`
}

// auditTime shows the microseconds too: the hash covers them.
const auditTime = "2006-01-02T15:04:05.000000Z07:00"

// listAudit returns the latest entries, or those above a number.
func (s *storage) listAudit(r *http.Request) (any, error) {
	q, a := r.URL.Query(), s.state.Audit()
	limit, err := numberOf(q, "limit", 100, 1, 10_000)
	if err != nil {
		return nil, err
	}
	head, err := a.Head(r.Context())
	if err != nil {
		return nil, err
	}
	after, err := numberOf(q, "after", max(head.Number-limit, 0), 0, 1<<62)
	if err != nil {
		return nil, err
	}
	list, err := a.List(r.Context(), after, int(limit))
	if err != nil {
		return nil, err
	}
	rows := []auditRow{}
	for _, e := range list {
		rows = append(rows, auditRow{e.Number, e.At.Format(auditTime), e.Who, e.What, e.On, e.Why, hex.EncodeToString(e.Former[:]), hex.EncodeToString(e.Hash[:])})
	}
	return rows, nil
}

// numberOf reads a number of a query.
func numberOf(q url.Values, name string, otherwise, least, most int64) (int64, error) {
	text := q.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, usageError{fmt.Errorf("%s: found %q, expected %d to %d", name, text, least, most)}
	}
	return n, nil
}

// auditVerdict says whether the audit is as it was written.
type auditVerdict struct {
	Whole  bool   `json:"whole"`
	Head   string `json:"head"` // of a whole one: the number and hash of its last entry
	Broken string `json:"broken,omitempty"`
}

func (s *storage) verifyAudit(r *http.Request) (any, error) {
	var noted []store.AuditHead
	for _, text := range r.URL.Query()["head"] {
		h, err := store.ParseAuditHead(text)
		if err != nil {
			return nil, usageError{err}
		}
		noted = append(noted, h)
	}
	head, err := store.VerifyAudit(r.Context(), s.state.Audit(), noted...)
	if errors.Is(err, store.ErrAuditBroken) {
		return auditVerdict{Broken: err.Error()}, nil
	}
	if err != nil {
		return nil, err
	}
	return auditVerdict{Whole: true, Head: head.String()}, nil
}

func auditCommand(w *World) *cobra.Command {
	c := &cobra.Command{
		Use: "audit", Short: "What operators did with citizens' data: who, when, what and why", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(auditListCommand(w), auditVerifyCommand(w))
	return c
}

func auditListCommand(w *World) *cobra.Command {
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
			var rows []auditRow
			if err := o.ask(c.Context(), http.MethodGet, auditPath, q, &rows); err != nil || o.format == "json" {
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

func auditVerifyCommand(w *World) *cobra.Command {
	o := &operators{w: w}
	var heads []string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check that no entry was changed, removed, moved or added by hand",
		Long: "Check that no entry was changed, removed, moved or added by hand, and print the number and hash of the last one.\n" +
			"Each entry bears the hash of the one before. Who can write the file of the state could write all of it anew: note what is printed in another place,\n" +
			"or keep the log, which has it for each entry, and hold the audit against it with --head.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var v auditVerdict
			if err := o.ask(c.Context(), http.MethodGet, verifyPath, url.Values{"head": heads}, &v); err != nil {
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
	c.Flags().StringArrayVar(&heads, "head", nil, "what verify printed before, or the log has under audit: that entry must still be there as it was; may come again")
	return c
}
