package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"fondaco/console"
	"fondaco/engine"
)

func privacyCommand(w *engine.World) *cobra.Command {
	c := &cobra.Command{
		Use: "privacy", Short: "What is kept of a person: hand it out, or erase it", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	const erases = "Cancel the waiting requests of a person; erase operations, dead letters, stored answers and messages"
	const exports = "Print the operations, dead letters, stored answers and messages of a person, as JSON"
	c.AddCommand(privacyActCommand(w, "erase", erases, console.ErasePath), privacyActCommand(w, "export", exports, console.ExportPath))
	return c
}

func privacyActCommand(w *engine.World, word, short, path string) *cobra.Command {
	o := &operators{w: w}
	subject, why := "", ""
	c := &cobra.Command{
		Use:   word + ` --subject - --why "..."`,
		Short: short,
		Long: short + ".\nThe person's fiscal code, or subject in the login service's tokens, is read from standard input: arguments are seen " +
			"by others and kept in histories.\n" +
			"Who did it and why is written into the audit before, under a pseudonym of the person.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{errors.New("found an argument; the person is read from standard input: --subject -")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case subject != "-":
				return usageError{errors.New("say --subject -: the person is read from standard input alone")}
			case strings.TrimSpace(why) == "":
				return usageError{errors.New(`a reason is wanted, which is kept in the audit: --why "..."`)}
			}
			if w.Stdin == nil {
				return usageError{errors.New("there is no standard input to read the person from")}
			}
			name, err := io.ReadAll(io.LimitReader(w.Stdin, console.MaxSubject+2))
			if err != nil {
				return err
			}
			var a console.PersonAnswer
			q := url.Values{"who": {me()}, "why": {why}}
			if err := o.send(c.Context(), http.MethodPost, path, q, strings.NewReader(strings.TrimSpace(string(name))), &a); err != nil ||
				o.format == "json" {
				return err
			}
			if path == console.ExportPath {
				text, err := json.MarshalIndent(a, "", "  ")
				if err == nil {
					_, err = fmt.Fprintf(w.Stdout, "%s\n", text)
				}
				return err
			}
			fmt.Fprintf(w.Stdout, "erased %s\n", a.Done())
			if a.Divided > 0 {
				fmt.Fprintf(w.Stdout, "%d batches of several persons hold the messages of the others alone since\n", a.Divided)
			}
			if a.Cancelled > 0 {
				fmt.Fprintf(w.Stdout, "%d requests that waited were cancelled, and will not be done: erase again when whoever gave an X-ReplyTo "+
					"was told, which removes their operations\n", a.Cancelled)
			}
			if a.DataKeys > 0 {
				fmt.Fprintf(w.Stdout,
					"%d data keys of messages on Kafka were destroyed: requests that wait there are cancelled when their turn comes\n", a.DataKeys)
			}
			if a.InFlight > 0 {
				fmt.Fprintf(w.Stdout, "%d records and messages are being worked on: erase again when they have ended\n", a.InFlight)
			}
			fmt.Fprintln(w.Stdout, "not reached:")
			for _, text := range a.NotReached {
				fmt.Fprintf(w.Stdout, "- %s\n", text)
			}
			return nil
		},
	}
	o.declare(c)
	c.Flags().StringVar(&subject, "subject", "", "-, for standard input")
	c.Flags().StringVar(&why, "why", "", "the reason, which is kept in the audit")
	return c
}
