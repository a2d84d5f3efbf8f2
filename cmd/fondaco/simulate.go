package main

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/engine"
	"fondaco/routes"

	"github.com/spf13/cobra"
)

func simulateCommand(w *engine.World) *cobra.Command {
	var systems []string
	c := &cobra.Command{
		Use:   "simulate [DIR]",
		Short: "Serve the simulators of a project's systems alone, until it is stopped",
		Example: "  fondaco simulate examples/dime\n" +
			"  fondaco simulate examples/dime --system iris=8801   # IRIS alone, on a port that stays the same",
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			return checked(w, folder(args), func(p *engine.Folder, t *routes.Typed) error {
				places, err := simulated(t, systems)
				if err != nil {
					return err
				}
				var out diag.List
				s := &engine.Simulators{Places: places}
				defer s.Close()
				if err := s.SimulateAll(t, &out); err != nil {
					return err
				}
				p.Show(w, &out)
				for _, one := range s.All {
					fmt.Fprintf(w.Stdout, "%-20s %s  %s\n", one.Name, one.Place, one.Title)
				}
				fmt.Fprintf(w.Stdout, "every secret is %q: set FONDACO_SECRET_NAME=%s for a process that calls them\n", connectors.MadeUp,
					connectors.MadeUp)
				s.Wait(c.Context())
				return nil
			})
		},
	}
	c.Flags().StringArrayVar(&systems, "system", nil, "a system to simulate, `NAME`, NAME=PORT or NAME=HOST:PORT; may be repeated; the "+
		"others are not simulated")
	return c
}

// simulated reads the --system flags: where each system is simulated, the zero Place for wherever there is a free port. Without
// flags it returns nil, and every system is simulated.
func simulated(t *routes.Typed, flags []string) (map[string]connectors.Place, error) {
	if len(flags) == 0 {
		return nil, nil
	}
	var known []string
	for _, sys := range t.Model.Systems {
		known = append(known, sys.Name)
	}
	places := map[string]connectors.Place{}
	for _, flag := range flags {
		name, at, placed := strings.Cut(flag, "=")
		if !slices.Contains(known, name) {
			return nil, usageError{fmt.Errorf("--system: the project has no system %q%s", name, diag.DidYouMean(name, known))}
		}
		if _, twice := places[name]; twice {
			return nil, usageError{fmt.Errorf("--system: %s is given twice", name)}
		}
		var place connectors.Place
		if placed {
			address := at
			if !strings.Contains(at, ":") {
				address = net.JoinHostPort("127.0.0.1", at)
			}
			_, port, err := net.SplitHostPort(address)
			if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 {
				return nil, usageError{fmt.Errorf("--system %s: found %q, expected a port from 1 to 65535, or HOST:PORT", name, at)}
			}
			place = connectors.Place{Network: "tcp", Address: address}
		}
		places[name] = place
	}
	return places, nil
}
