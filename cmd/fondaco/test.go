package main

import (
	"fmt"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/engine"
	"fondaco/routes/routestest"

	"github.com/spf13/cobra"
)

func testCommand(w *engine.World) *cobra.Command {
	verbose := false
	c := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Run a project's own tests (tests/*.yaml) against simulated systems",
		Args:  atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			p, err := engine.OpenFolder(w, folder(args), "")
			if err != nil {
				return err
			}
			defer p.Close()
			p.MadeUpIfMissing()
			t, err := p.Must(w)
			if err != nil {
				return err
			}
			var out diag.List
			var tests []*routestest.Test
			for _, file := range project.Files(p.Source.FS, &out).Tests {
				if n := config.ReadFile(p.Source.FS, file, &out, diag.Pos{}); n != nil {
					tests = append(tests, routestest.Read(n, t.Model, &out)...)
				}
			}
			if out.Failed() {
				p.Show(w, &out)
				return errFailed
			}
			began := w.Now()
			results, err := routestest.Run(c.Context(), t, tests, doorOf(t, w.Now), &out)
			if err != nil {
				return err
			}
			p.Show(w, &out) // of samples
			failed := 0
			for _, r := range results {
				switch {
				case r.Failed != "":
					failed++
					fmt.Fprintf(w.Stdout, "FAIL %s: %s\n     %s\n", r.Test.Pos, r.Test.Name.Value, r.Failed)
				case verbose:
					fmt.Fprintf(w.Stdout, "ok   %s: %s\n", r.Test.Pos, r.Test.Name.Value)
				}
			}
			fmt.Fprintf(w.Stdout, "%d passed, %d failed in %s\n", len(results)-failed, failed, w.Now().Sub(began).Round(time.Millisecond))
			if failed > 0 || out.Failed() {
				return errFailed
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "a line for each test")
	return c
}
