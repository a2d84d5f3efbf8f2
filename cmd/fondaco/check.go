package main

import (
	"fmt"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/engine"
	"fondaco/routes"

	"github.com/spf13/cobra"
)

func checkCommand(w *engine.World) *cobra.Command {
	format, old, system := "text", "", ""
	c := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Check a project and list every problem; exit code 1 if there is one",
		Args:  atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usageError{fmt.Errorf("--format: found %q, expected text or json", format)}
			}
			defer engine.SpareMemory(w)()
			p, err := engine.OpenFolder(w, folder(args), "")
			if err != nil {
				return err
			}
			defer p.Close()
			if old != "" {
				return checkAgainst(w, p, old, system, format)
			}
			var out diag.List
			t := p.Load(&out)
			if t != nil && !out.Failed() {
				checkSamples(t, &out)
				p.StartProblems(c.Context(), t, engine.Flags{}, &out)
				p.StrandedProblems(c.Context(), t, &out)
			}
			switch {
			case format == "json":
				if err := out.JSON(w.Stdout); err != nil {
					return err
				}
			default:
				p.Show(w, &out)
				if !out.Failed() && t != nil {
					fmt.Fprintf(w.Stdout, "%s: %s over %s, no problem\n", t.Model.Project.Name.Value, engine.Counted(len(t.Started()), "route"),
						engine.Counted(len(t.Model.Systems), "system"))
					if err := showNames(w.Stdout, t, p.Source); err != nil {
						return err
					}
				}
			}
			if out.Failed() {
				return errFailed
			}
			return nil
		},
	}
	c.Long = c.Short + `.

Whatever the start would refuse without a connection is a problem here too: addresses, places of storage, login schemes.
What stands in the environment and in secrets is looked at as far as it is set here, and need not be: a variable or a secret
that is missing is told at the start.

With --against it reports instead what the project's connectors, as they are now, break in comparison with an older WSDL, an
older connector's folder or an older project: operations, fields and types that have changed, and the routes that use
them. Changes that no route uses break nothing. Exit code 1 if something breaks.`
	c.Example = `  fondaco check
  fondaco check --against ~/old/verbali.wsdl
  fondaco check --against ../release-1.4/connectors/polizia-locale`
	c.Flags().StringVar(&format, "format", format, "text, or json for tools")
	c.Flags().StringVar(&old, "against", "", "an older WSDL, connector folder or project folder to compare with")
	c.Flags().StringVar(&system, "system", "", "with --against: the system that the older file is of")
	return c
}

// checkSamples reports what is wrong with what the connectors' simulators answer.
func checkSamples(t *routes.Typed, out *diag.List) {
	checked := map[*connectors.Connector]bool{}
	for _, s := range t.Model.Systems {
		if c := s.Connector; c != nil && !checked[c] {
			checked[c] = true
			simulate.LoadSamples(c, out)
		}
	}
}
