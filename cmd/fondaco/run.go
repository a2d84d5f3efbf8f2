package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"fondaco/config/diag"
	"fondaco/engine"
)

func runCommand(w *engine.World) *cobra.Command {
	var f engine.Flags
	var lines logFlags
	secrets := ""
	c := &cobra.Command{
		Use:   "run [DIR]",
		Short: "Serve a project; changes of its files take effect without dropping a request",
		Args:  atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			form, err := lines.read(w, slog.LevelInfo)
			if err != nil {
				return err
			}
			p, err := engine.OpenFolder(w, folder(args), secrets)
			if err != nil {
				return err
			}
			defer p.Close()
			start, err := p.Start(w)
			if err != nil {
				return err
			}
			t := start.Typed
			var out diag.List
			if p.StartProblems(c.Context(), t, f, &out); out.Failed() {
				p.Show(w, &out)
				return errFailed
			}
			log, queue := engine.NewLogger(w, form.level, form.text)
			defer engine.CloseLog(queue)
			s := &engine.Serving{
				World: w, Folder: p, Reading: start.Reading, Start: start, Log: log, Quiet: f.Quiet, Version: version, Dropped: queue.Dropped,
			}
			return s.Run(c.Context(), t, f, func(at engine.Addresses) {
				fmt.Fprintf(w.Stdout, "%s is served on http://%s\n", t.Model.Project.Name.Value, at.API)
				if at.Console != "" {
					fmt.Fprintf(w.Stdout, "console on http://%s\n", at.Console)
				}
				if at.Health != "" {
					fmt.Fprintf(w.Stdout, "probes and metrics on http://%s\n", at.Health)
				}
			})
		},
	}
	declareServing(c, &f)
	c.Flags().StringVar(&secrets, "secrets", "", "a folder with a file for each secret")
	lines.declare(c, "info")
	return c
}

// declareServing declares the flags of commands that serve a project.
func declareServing(c *cobra.Command, f *engine.Flags) {
	c.Flags().StringVar(&f.Listen, "listen", "", "the address of the public API, instead of the project's")
	c.Flags().StringVar(&f.Console, "console", "", "the address of the console, instead of the project's")
	c.Flags().StringVar(&f.Health, "health", "", "the address of probes and metrics, instead of the project's")
	c.Flags().BoolVar(&f.Still, "no-watch", false, "take up changes of the project's files only on SIGHUP")
	c.Flags().BoolVar(&f.Quiet, "quiet", false, "no access log: of requests only those are logged that were answered 5xx")
}
