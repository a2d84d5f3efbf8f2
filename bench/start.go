package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// measureStart serves a project of 1,000 routes and an ordinary one, and prints how long the start took and what
// memory they hold when idle.
func (b *bench) measureStart(ctx context.Context) error {
	large := filepath.Join(b.dir, "thousand")
	if err := thousandRoutes(large); err != nil {
		return err
	}
	for _, x := range []struct {
		line  string // of how many ms and what memory
		begin func(addr string) (*process, error)
	}{
		{
			"start 1000 routes %d ms target 500 resident %s target 100\n",
			func(addr string) (*process, error) { return b.startFondaco(ctx, b.builds()[0], addr, large) },
		},
		{
			"idle small project %d ms to start, resident %s target 30\n",
			func(addr string) (*process, error) { return b.startFondaco(ctx, b.builds()[0], addr, "bench/project") },
		},
		{
			"idle example city, topics and simulators included, %d ms to start, resident %s\n",
			func(addr string) (*process, error) { return b.startDemo(ctx, addr) },
		},
	} {
		addr, err := freeAddress()
		if err != nil {
			return err
		}
		p, err := x.begin(addr)
		if err != nil {
			return err
		}
		pause(2 * time.Second)
		held, err := p.resident()
		p.stop()
		if err != nil {
			return err
		}
		fmt.Printf(x.line, p.ready.Milliseconds(), held)
	}
	return nil
}

// thousandRoutes writes a project of 1,000 routes, each with a call and a mapping, in files of 50.
func thousandRoutes(dir string) error {
	if err := os.CopyFS(filepath.Join(dir, "connectors"), os.DirFS("bench/project/connectors")); err != nil {
		return err
	}
	text, err := os.ReadFile("bench/project/fondaco.yaml")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "fondaco.yaml"), text, 0o644)
	}
	if err == nil {
		err = os.Mkdir(filepath.Join(dir, "routes"), 0o755)
	}
	if err != nil {
		return err
	}
	for file := range 20 {
		var s strings.Builder
		s.WriteString("routes:\n")
		for i := range 50 {
			fmt.Fprintf(&s, `  route-%[1]d-%[2]d:
    summary: Route %[1]d-%[2]d
    http: GET /route-%[1]d-%[2]d/{id}
    auth: none
    query:
      stato: { type: string, enum: [aperto, chiuso], default: aperto }
    steps:
      - call: origin.large
        as: d
    respond:
      body:
        id: ${path.id}
        code: ${d.codice}
        items:
          $for: v in d.voci
          $if: v.attivo && query.stato == "aperto"
          number: ${v.id}
          amount: ${v.importo}
        total: ${sum(d.voci, .importo)}
`, file, i)
		}
		if err := os.WriteFile(filepath.Join(dir, "routes", fmt.Sprintf("routes-%d.yaml", file)), []byte(s.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
