package main

import (
	"fmt"

	"fondaco/config/diag"
	"fondaco/connectors"

	"github.com/spf13/cobra"
)

func mockCommand(w *World) *cobra.Command {
	return &cobra.Command{
		Use:   "mock [DIR]",
		Short: "Serve the simulators of a project's systems alone, until it is stopped",
		Args:  atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			p, err := openFolder(w, folder(args), "")
			if err != nil {
				return err
			}
			defer p.close()
			t, err := p.must(w)
			if err != nil {
				return err
			}
			var out diag.List
			s := &simulators{}
			defer s.close()
			if err := s.simulateAll(t, &out); err != nil {
				return err
			}
			p.show(w, &out)
			for _, one := range s.all {
				fmt.Fprintf(w.Stdout, "%-20s %s  %s\n", one.name, one.place, one.title)
			}
			fmt.Fprintf(w.Stdout, "every secret is %q: set FONDACO_SECRET_NAME=%s for a process that calls them\n", connectors.MadeUp, connectors.MadeUp)
			s.wait(c.Context())
			return nil
		},
	}
}
