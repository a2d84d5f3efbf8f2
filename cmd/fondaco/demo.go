package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/connectors"
	"fondaco/engine"
	"fondaco/routes"
	"fondaco/routes/callback"
	"fondaco/server/auth"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// demoFolder is the project that is shown when none is named.
const demoFolder = "examples/dime"

// demoFlags are the demo's own.
type demoFlags struct {
	serving engine.Flags
	log     logFlags
	data    string // where it keeps what it is sent, "" for a folder that is removed at its end
	into    string // where the city is written to instead of being served, "" for nowhere
}

func demoCommand(w *engine.World) *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo [DIR]",
		Short: "Serve a project on this machine with every system simulated; the example city if none is named",
		Long: `Serve a project on this machine with every system simulated.
Without DIR it is examples/dime of Fondaco's repository, or else the project in the current folder, or else, in any folder, the example city
that the program carries. That one is served as it is; --into writes it out, to be changed.`,
		Example: `  fondaco demo
  fondaco demo --into my-city
  fondaco demo my-city --data /tmp/my-city`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("into") {
				return into(w, c, args, f.into)
			}
			return demo(c.Context(), w, args, f)
		},
	}
	declareServing(c, &f.serving)
	f.log.declare(c, "error")
	c.Flags().StringVar(&f.data, "data", "", "keep what the demo is sent in this `FOLDER`, for the next one (default: one that is "+
		"removed at its end)")
	c.Flags().StringVar(&f.into, "into", "", "write the example city into this new or empty `FOLDER`, and serve nothing")
	return c
}

// into is the demo that only writes the city out.
func into(w *engine.World, c *cobra.Command, args []string, dir string) error {
	var other string
	c.Flags().Visit(func(given *pflag.Flag) {
		if given.Name != "into" {
			other = "--" + given.Name
		}
	})
	switch {
	case dir == "":
		return usageError{errors.New("--into: found no folder, expected the one that the example city is written to")}
	case len(args) > 0:
		return usageError{fmt.Errorf("found %q beside --into, expected nothing: it writes out the example city, no other project", args[0])}
	case other != "":
		return usageError{fmt.Errorf("found %s beside --into, expected it alone, as nothing is served; then \"fondaco demo %s\"", other, dir)}
	}
	return writeCity(w, dir)
}

// dataFolder returns the folder that a demo keeps its data in, and what removes it at the end.
func dataFolder(w *engine.World, named string) (dir string, remove func(), err error) {
	if named != "" {
		dir = w.Path(named)
		return dir, func() {}, os.MkdirAll(dir, 0o700)
	}
	dir, err = os.MkdirTemp("", "fondaco-demo-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

func demo(ctx context.Context, w *engine.World, args []string, given demoFlags) error {
	f := given.serving
	form, err := given.log.read(w, slog.LevelError)
	if err != nil {
		return err
	}
	p, dir, inside, err := openDemo(w, args)
	if err != nil {
		return err
	}
	f.Still, f.LocalOrigins = f.Still || inside, true
	defer p.Close()
	began := w.Now()
	sims := &engine.Simulators{Stray: func(e *connectors.Stray) { fmt.Fprintln(w.Stderr, e) }}
	defer sims.Close()
	p.MadeUp(w)
	t, reading, err := p.MustRead(w)
	if err != nil {
		return err
	}
	t.Model.Project.Storage = project.Storage{}
	t.Model.Project.Server.Health = config.Ref{} // one address less: the probes are on the console's port
	logins := &demoLogins{source: p.Source, now: w.Now, mints: map[string]*auth.Mint{}, keys: map[string]string{}}
	log, queue := engine.NewLogger(w, form.level, form.text)
	defer engine.CloseLog(queue)
	data, remove, err := dataFolder(w, given.data)
	if err != nil {
		return err
	}
	defer remove()
	s := &engine.Serving{
		World: w, Folder: p, Reading: reading, Log: log, Data: data, LocalFirst: true, Alone: true,
		Version: version, Dropped: queue.Dropped,
		Console: map[string]http.Handler{"/simulators": sims, "/simulators/": sims},
	}
	s.Schemes = logins.schemes
	s.Tell = func(_ context.Context, to *url.URL, told callback.Told) error {
		fmt.Fprintf(w.Stderr, "The end of operation %s is not sent to %s: the demo calls nobody.\n", told.Operation, to.Host)
		return nil
	}
	s.Loaded = func(t *routes.Typed) {
		t.Model.Project.Storage = project.Storage{} // nothing is kept where the project keeps it
		var out diag.List
		if err := sims.SimulateAll(t, &out); err != nil {
			fmt.Fprintln(w.Stderr, err)
		}
		p.Show(w, &out)
	}
	return s.Run(ctx, t, f, func(at engine.Addresses) {
		announce(w, t, sims, logins, at.API, at.Console, dir, w.Now().Sub(began))
	})
}

// announce says what was started, where it is, and what to try.
func announce(w *engine.World, t *routes.Typed, sims *engine.Simulators, logins *demoLogins, api, console, dir string, took time.Duration) {
	out := w.Stdout
	fmt.Fprintf(out, "\n%s\n%s over %s, ready in %d ms\n\n", t.Model.Project.Title, engine.Counted(len(t.Started()), "route"),
		engine.Counted(len(sims.All), "simulated system"), took.Milliseconds())
	for _, s := range sims.All {
		fmt.Fprintf(out, "  %-18s %s  %s\n", s.Name, s.Place, s.Title)
	}
	fmt.Fprintf(out, "\n  documentation      http://%s/docs/\n  OpenAPI            http://%s/openapi.json\n  status             "+
		"http://%s/status\n", api, api, api)
	if len(t.Model.Topics) > 0 {
		fmt.Fprintf(out, "  %-18s http://%s%s\n", "AsyncAPI", api, engine.AsyncAPIPath)
	}
	for _, s := range t.Model.Services {
		fmt.Fprintf(out, "  %-18s http://%s%s?wsdl  %s\n", "SOAP, "+s.Name, api, s.Path.Value, s.Title)
	}
	if console != "" {
		fmt.Fprintf(out, "  console            http://%s  (metrics, health, simulators)\n", console)
	}
	fmt.Fprintf(out, "\nTry:\n\n")
	open, closed := "", []string{}
	for _, r := range t.Routes {
		m := r.Model
		if m.Pattern.Method != "GET" || strings.Contains(m.Pattern.Path, "{") || needs(r) {
			continue
		}
		if m.Auth.None && open == "" {
			open = m.Pattern.Path
		}
		if header := logins.header(t.Model.Project.Scheme(m.Auth.Scheme)); !m.Auth.None && header != "" {
			closed = append(closed, fmt.Sprintf("%s -H '%s'", m.Pattern.Path, header))
		}
	}
	if open != "" {
		fmt.Fprintf(out, "  curl -s http://%s%s\n", api, open)
	}
	for _, line := range pick(closed, 2) {
		fmt.Fprintf(out, "  curl -s http://%s%s\n", api, line)
	}
	if dir == "" {
		fmt.Fprintf(out, "\nTo change it:  fondaco demo --into my-city   and then   fondaco demo my-city\n")
	} else {
		fmt.Fprintf(out, "\nChange a file in %s: it takes effect at once.\n", dir)
	}
	if console != "" && len(sims.All) > 0 {
		fmt.Fprintf(out, "Stop a system:  curl -X POST http://%s/simulators/%s/stop   (and /start)\n", console, sims.All[0].Name)
	}
	fmt.Fprintln(out, "Ctrl-C ends it.")
}

// needs reports whether a route has a parameter that must be given.
func needs(r *routes.TypedRoute) bool {
	for _, params := range r.Model.Params {
		for _, p := range params {
			if p.Required && p.In != "path" {
				return true
			}
		}
	}
	return false
}

// pick takes a few of a list, the first and the last ones rather than neighbours.
func pick(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	return append(list[:n-1:n-1], list[len(list)-1])
}
