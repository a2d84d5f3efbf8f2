package main

import (
	"fmt"
	"strings"

	"fondaco/config/diag"
	"fondaco/engine"

	"github.com/spf13/cobra"
)

func helpCommand(w *engine.World) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND | CODE]",
		Short: "Explain a command, or a problem's code as E203",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Root().Help()
			}
			if code := strings.ToUpper(args[0]); len(code) == 4 && code[0] == 'E' {
				doc := diag.DocOf(diag.Code(code))
				if doc == nil {
					return usageError{fmt.Errorf("there is no problem with the code %s", code)}
				}
				fmt.Fprintf(w.Stdout, "%s: %s\n\n%s\n\nWrong, in %s:\n\n%s\nRight:\n\n%s", doc.Code, doc.Title, doc.Text, doc.File, indented(doc.Bad),
					indented(doc.Good))
				return nil
			}
			found, _, err := c.Root().Find(args)
			if err != nil || found == c.Root() {
				return usageError{fmt.Errorf("there is no command %q", args[0])}
			}
			return found.Help()
		},
	}
}

func indented(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString("    " + line)
	}
	if !strings.HasSuffix(s, "\n") {
		b.WriteByte('\n')
	}
	return b.String()
}
