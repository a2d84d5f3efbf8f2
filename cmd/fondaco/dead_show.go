package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"

	"fondaco/store"

	"github.com/spf13/cobra"
)

// letterWhole is a dead letter with its headers, and its bytes if they were asked for.
type letterWhole struct {
	letterRow
	First   string      `json:"first"`
	Replays int         `json:"replays"`
	At      string      `json:"at,omitempty"`
	Headers [][2]string `json:"headers"`
	History []eventRow  `json:"history"`
	Body    []byte      `json:"body,omitempty"` // base64 in JSON
}

// eventRow is a line of a letter's history.
type eventRow struct {
	At     string `json:"at"`
	What   string `json:"what"` // died, replayed, not-given-back, done, repeated or discarded
	Who    string `json:"who,omitempty"`
	Why    string `json:"why,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// showDead gives one letter. Its bytes may be personal data: they are given only where the operator asks for them.
func (s *storage) showDead(r *http.Request) (any, error) {
	q := r.URL.Query()
	l, err := s.state.DeadLetters().Get(r.Context(), q.Get("id"))
	if errors.Is(err, store.ErrAbsent) {
		return nil, usageError{fmt.Errorf("there is no letter %q: see fondaco dead list", q.Get("id"))}
	}
	if err != nil {
		return nil, err
	}
	whole := letterWhole{letterRow: rowOf(l), First: l.First.UTC().Format(timeShown), Replays: l.Replays, Headers: l.Headers}
	if !l.At.IsZero() {
		whole.At = l.At.UTC().Format(timeShown)
	}
	for _, e := range l.History {
		whole.History = append(whole.History, eventRow{e.At.UTC().Format(timeShown), e.What, e.Who, e.Why, e.Detail})
	}
	if q.Get("body") == "true" {
		whole.Body = l.Body
	}
	return whole, nil
}

// String returns the line as it is shown.
func (e eventRow) String() string {
	line := e.At + " " + e.What
	if e.Who != "" {
		line += " by " + e.Who
	}
	for _, text := range []string{e.Why, e.Detail} {
		if text != "" {
			line += ": " + text
		}
	}
	return line
}

const timeShown = "2006-01-02T15:04:05Z07:00"

func deadShowCommand(w *World) *cobra.Command {
	o := &operators{w: w}
	body := false
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show one letter: why it died, when, its headers, and with --body its bytes",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var l letterWhole
			q := url.Values{"id": args}
			if body {
				q.Set("body", "true")
			}
			if err := o.ask(c.Context(), http.MethodGet, letterPath, q, &l); err != nil || o.format == "json" {
				return err
			}
			t := tabwriter.NewWriter(w.Stdout, 0, 0, 2, ' ', 0)
			for _, row := range [][2]string{
				{"id", l.ID},
				{"route", l.Route},
				{"topic", l.Topic},
				{"group", l.Group},
				{"key", l.Key},
				{"message", l.Message},
				{"place", l.Place},
				{"reason", l.Reason},
				{"detail", l.Detail},
				{"trace", l.Trace},
				{"attempts", fmt.Sprint(l.Attempts)},
				{"accepted", l.First},
				{"died", l.Kept},
				{"state", l.State},
				{"result", l.Result},
				{"by", l.By},
				{"at", l.At},
				{"replays", fmt.Sprint(l.Replays)},
			} {
				if row[1] != "" {
					fmt.Fprintf(t, "%s\t%s\n", row[0], row[1])
				}
			}
			for _, h := range l.Headers {
				fmt.Fprintf(t, "header %s\t%s\n", h[0], h[1])
			}
			fmt.Fprintf(t, "body\t%d bytes\n", l.Size)
			for _, e := range l.History {
				fmt.Fprintf(t, "history\t%s\n", e)
			}
			if err := t.Flush(); err != nil || !body {
				return err
			}
			_, err := fmt.Fprintf(w.Stdout, "\n%s\n", l.Body)
			return err
		},
	}
	o.declare(c)
	c.Flags().BoolVar(&body, "body", false, "the bytes too: they may be personal data")
	return c
}
