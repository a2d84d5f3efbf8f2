package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"fondaco/console"
	"fondaco/engine"
)

func deadShowCommand(w *engine.World) *cobra.Command {
	o := &operators{w: w}
	body, reveal, reason := false, false, ""
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show one letter: why it died, when, its headers, and with --body its body, masked",
		Long: "Show one letter: why it died, when, its headers, and with --body its body.\nPersonal data, secrets and what no type describes " +
			"are hidden. --reveal --reason \"...\" shows the bytes as they are; that is written into the audit before (fondaco audit list).",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var l console.WholeLetter
			q := url.Values{"id": args}
			method, path := http.MethodGet, console.LetterPath
			switch {
			case reveal && strings.TrimSpace(reason) == "":
				return usageError{errors.New(`--reveal shows citizens' data, and needs a reason: --reason "..."`)}
			case reason != "" && !reveal:
				return usageError{errors.New("--reason is that of --reveal, which is missing")}
			case reveal:
				method, path = http.MethodPost, console.RevealPath
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
