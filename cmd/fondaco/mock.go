package main

import (
	"errors"
	"fmt"
	"os"

	"fondaco/config/diag"
	"fondaco/engine"
	"fondaco/routes/mock"

	"github.com/spf13/cobra"
)

// errSimulate is told to who writes mock for what simulate does.
var errSimulate = errors.New("--system: mock answers as the public API, without any system; systems are simulated by fondaco simulate, " +
	"with the same --system")

func mockCommand(w *engine.World) *cobra.Command {
	address, seed := "127.0.0.1:8080", uint64(1)
	var systems []string
	c := &cobra.Command{
		Use:   "mock [DIR or DOCUMENT]",
		Short: "Answer as the public API of a project or of an OpenAPI document, without systems",
		Long: `Answer as the public API of a project or of an OpenAPI document, without systems, until it is stopped.

Requests are checked as the real API checks them. Each operation answers with an example of the document, or with values made
from its types, which hang on --seed and on what is asked for. A caller chooses with the header Prefer: code=503, example=NAME,
delay=2s. Credentials are not looked at, nothing is kept, and pages of any origin may call it.`,
		Example: "  fondaco mock examples/dime\n" +
			"  fondaco mock openapi.json --listen 127.0.0.1:4010",
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if len(systems) > 0 {
				return usageError{errSimulate}
			}
			m, err := mocked(w, folder(args), address, mock.Options{Seed: seed, Now: w.Now})
			if err != nil {
				return err
			}
			return m.Serve(c.Context(), w, address, func(at string) { announceMock(w, m, at) })
		},
	}
	c.Flags().StringVar(&address, "listen", address, "the address to answer at")
	c.Flags().Uint64Var(&seed, "seed", seed, "what made-up values hang on: with the same seed answers are the same")
	c.Flags().StringArrayVar(&systems, "system", nil, "of fondaco simulate: systems are simulated there")
	_ = c.Flags().MarkHidden("system")
	return c
}

// mocked makes the mock of a project in a folder, or of a document in a file.
func mocked(w *engine.World, path, address string, o mock.Options) (*engine.Mock, error) {
	if info, err := os.Stat(w.Path(path)); err == nil && !info.IsDir() {
		src, err := os.ReadFile(w.Path(path))
		if err != nil {
			return nil, err
		}
		var out diag.List
		m, err := engine.MockDocument(src, path, &out, o)
		out.Print(w.Stderr, func(string) []byte { return src }, w.Colour)
		if err == nil && m == nil {
			return nil, errFailed
		}
		return m, err
	}
	p, err := engine.OpenFolder(w, path, "")
	if err != nil {
		return nil, err
	}
	defer p.Close()
	p.MadeUpIfMissing()
	t, err := p.Must(w)
	if err != nil {
		return nil, err
	}
	return engine.MockProject(t, p, address, o)
}

// announceMock says where the mock answers, and what to try.
func announceMock(w *engine.World, m *engine.Mock, at string) {
	fmt.Fprintf(w.Stdout, "%s: %s\n", m.Title, engine.Counted(len(m.Operations), "operation"))
	fmt.Fprintf(w.Stdout, "  http://%s          documentation at http://%s/docs/\n", at, at)
	for i := range m.Operations {
		if op := &m.Operations[i]; op.Method == "GET" && op.Path != "/status" {
			fmt.Fprintf(w.Stdout, "  curl -i http://%s%s -H 'Prefer: code=%d'\n", at, op.Path, op.Responses[len(op.Responses)/2].Status)
			break
		}
	}
}
