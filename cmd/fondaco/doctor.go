package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"fondaco/engine"
	"fondaco/engine/doctor"
)

func doctorCommand(w *engine.World) *cobra.Command {
	format, secrets := "text", ""
	c := &cobra.Command{
		Use:   "doctor [DIR]",
		Short: "Look at where a project is to run: ports, rights of secrets, systems and their certificates; exit code 1 if something fails",
		Long: `Look at where a project is to run: ports, rights of secrets, systems and their certificates; exit code 1 if something fails.
Run it as the user of the process, with its environment. No system is called: its name is resolved, it is connected to, and where TLS
begins with the connection there is a handshake, all side by side and within 3 s. A certificate that ends within 30 days is a warning,
within 7 a failure. Whether its authority is trusted is not judged. Secrets are not shown.`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usageError{fmt.Errorf("--format: found %q, expected text or json", format)}
			}
			p, err := engine.OpenFolder(w, folder(args), secrets)
			if err != nil {
				return err
			}
			defer p.Close()
			t, err := p.Must(w)
			if err != nil {
				return err
			}
			patient := &doctor.Patient{Typed: t, Now: w.Now}
			if secrets != "" {
				patient.Secrets = w.Path(secrets)
			}
			found := doctor.Examine(c.Context(), patient)
			if format == "json" {
				if err := json.NewEncoder(w.Stdout).Encode(append([]doctor.Finding{}, found...)); err != nil {
					return err
				}
			} else {
				for _, f := range found {
					fmt.Fprintf(w.Stdout, "%-4s %s %s: %s\n", f.Status, f.Check, f.Subject, f.Found)
					if f.Do != "" {
						fmt.Fprintf(w.Stdout, "     %s\n", f.Do)
					}
				}
			}
			if slices.ContainsFunc(found, func(f doctor.Finding) bool { return f.Status == doctor.Fail }) {
				return errFailed
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", format, "text, or json for tools")
	c.Flags().StringVar(&secrets, "secrets", "", "a folder with a file for each secret")
	return c
}
