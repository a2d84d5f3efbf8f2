package main

import (
	"fmt"

	"fondaco/config/diag"

	"github.com/spf13/cobra"
)

func checkCommand(w *World) *cobra.Command {
	format := "text"
	c := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Tell everything that is wrong with a project; exit code 1 if something is",
		Args:  atMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usageError{fmt.Errorf("--format: found %q, expected text or json", format)}
			}
			p, err := openFolder(w, folder(args), "")
			if err != nil {
				return err
			}
			defer p.close()
			var out diag.List
			t := p.load(&out)
			switch {
			case format == "json":
				if err := out.JSON(w.Stdout); err != nil {
					return err
				}
			default:
				p.show(w, &out)
				if !out.Failed() && t != nil {
					fmt.Fprintf(w.Stdout, "%s: %d routes over %d systems, no problem\n", t.Model.Project.Name.Value, len(t.Routes), len(t.Model.Systems))
				}
			}
			if out.Failed() {
				return errFailed
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", format, "text, or json for tools")
	return c
}
