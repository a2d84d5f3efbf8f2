package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"fondaco/connectors/mask"
	"fondaco/messaging"
	"fondaco/store"

	"github.com/spf13/cobra"
)

// letterWhole is a dead letter with its headers, and its body masked or, if that was asked for with a reason, as it is.
type letterWhole struct {
	letterRow
	First   string      `json:"first"`
	Replays int         `json:"replays"`
	At      string      `json:"at,omitempty"`
	Headers [][2]string `json:"headers"`
	History []eventRow  `json:"history"`
	Masked  string      `json:"masked,omitempty"` // the body for people, where it was asked for
	Body    []byte      `json:"body,omitempty"`   // base64 in JSON; revealed letters alone have it
}

// eventRow is a line of a letter's history.
type eventRow struct {
	At     string `json:"at"`
	What   string `json:"what"` // died, replayed, not-given-back, done, repeated or discarded
	Who    string `json:"who,omitempty"`
	Why    string `json:"why,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// showDead returns one letter. What is personal or secret in it by its types is hidden: revealDead shows it.
func (s *storage) showDead(r *http.Request) (any, error) {
	q := r.URL.Query()
	l, err := s.state.DeadLetters().Get(r.Context(), q.Get("id"))
	if errors.Is(err, store.ErrAbsent) {
		return nil, usageError{fmt.Errorf("there is no letter %q: see fondaco dead list", q.Get("id"))}
	}
	if err != nil {
		return nil, err
	}
	masked := s.routes.mask(l.Topic, l.Group, l.Body)
	whole := wholeOf(l)
	whole.Key = masked.Key(l.Key)
	for i, h := range whole.Headers {
		switch {
		case h[0] == "ce_partitionkey":
			h[1] = masked.Key(h[1])
		case messaging.IsBeside(h[0]):
			h[1] = mask.Hidden
		}
		whole.Headers[i] = [2]string{h[0], masked.Text(h[1])}
	}
	if q.Get("body") == "true" {
		whole.Masked = masked.Body
	}
	return whole, nil
}

// revealDead returns one letter with its bytes as they are. Who asked for it and why is in the audit before.
func (s *storage) revealDead(r *http.Request) (any, error) {
	q := r.URL.Query()
	by, err := actOf(q)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(by.Why) == "" {
		return nil, usageError{errors.New(`the parameter "why" is missing: the reason for which citizens' data is shown`)}
	}
	l, err := s.desk.Reveal(r.Context(), q.Get("id"), by)
	if errors.Is(err, store.ErrAbsent) {
		return nil, usageError{fmt.Errorf("there is no letter %q: see fondaco dead list", q.Get("id"))}
	}
	if err != nil {
		return nil, err
	}
	whole := wholeOf(l)
	whole.Body = l.Body
	return whole, nil
}

func wholeOf(l store.DeadLetter) letterWhole {
	whole := letterWhole{letterRow: rowOf(l), First: l.First.UTC().Format(timeShown), Replays: l.Replays, Headers: l.Headers}
	if !l.At.IsZero() {
		whole.At = l.At.UTC().Format(timeShown)
	}
	for _, e := range l.History {
		whole.History = append(whole.History, eventRow{e.At.UTC().Format(timeShown), e.What, e.Who, e.Why, e.Detail})
	}
	return whole
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
	body, reveal, reason := false, false, ""
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show one letter: why it died, when, its headers, and with --body its body, masked",
		Long:  "Show one letter: why it died, when, its headers, and with --body its body.\nPersonal data, secrets and what no type describes are hidden. --reveal --reason \"...\" shows the bytes as they are; that is written into the audit before (fondaco audit list).",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var l letterWhole
			q := url.Values{"id": args}
			method, path := http.MethodGet, letterPath
			switch {
			case reveal && strings.TrimSpace(reason) == "":
				return usageError{errors.New(`--reveal shows citizens' data, and needs a reason: --reason "..."`)}
			case reason != "" && !reveal:
				return usageError{errors.New("--reason is that of --reveal, which is missing")}
			case reveal:
				method, path = http.MethodPost, revealPath
				q.Set("who", me())
				q.Set("why", reason)
			case body:
				q.Set("body", "true")
			}
			if err := o.ask(c.Context(), method, path, q, &l); err != nil || o.format == "json" {
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
			if err := t.Flush(); err != nil || !body && !reveal {
				return err
			}
			shown := l.Masked
			if reveal {
				shown = string(l.Body)
			}
			_, err := fmt.Fprintf(w.Stdout, "\n%s\n", shown)
			return err
		},
	}
	o.declare(c)
	c.Flags().BoolVar(&body, "body", false, "the body too, with personal data, secrets and what no type describes hidden")
	c.Flags().BoolVar(&reveal, "reveal", false, "the bytes as they are; needs --reason")
	c.Flags().StringVar(&reason, "reason", "", "of --reveal: why citizens' data is looked at, which is kept in the audit")
	return c
}
