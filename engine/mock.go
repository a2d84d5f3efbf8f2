package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"fondaco/config/diag"
	"fondaco/openapi"
	"fondaco/openapi/ui"
	"fondaco/routes"
	"fondaco/routes/mock"
	"fondaco/routes/trigger"
	"fondaco/server"
)

// Mock is a public API that answers from its document alone, and its document.
type Mock struct {
	Title      string
	Operations []openapi.Operation

	program server.Program
	config  server.Config
}

// MockProject makes a mock of a checked project, which says how requests are checked and bounded. Pages of any origin may call it.
func MockProject(t *routes.Typed, p *Folder, address string, o mock.Options) (*Mock, error) {
	servers := ServersOf(t, p.Source, address, true)
	info := t.Info(servers)
	info.Spare = true // what it answers is made up by its seed
	src, err := openapi.Write(info, t.Operations(), "3.0.3")
	if err != nil {
		return nil, err
	}
	var out diag.List
	doc := openapi.Read(src, "openapi.json", &out, diag.Pos{})
	if doc == nil {
		return nil, errors.New(out.Sorted()[0].Message)
	}
	conf, err := server.ConfigOf(&t.Model.Project.Server, p.Source.Lookup)
	if err != nil {
		return nil, err
	}
	m := &Mock{Title: doc.Info.Title, Operations: doc.Operations, config: conf}
	m.program.Language = trigger.Language(t.Model.Project.Language)
	if m.program.Routes, err = mock.OfProject(t, doc, o); err != nil {
		return nil, err
	}
	m.program.Pages, err = Pages(t, p.Source, servers)
	return m, err
}

// MockDocument makes a mock of src, an OpenAPI document of whatever origin, which a file holds. Problems of the document go to out; it
// returns nil if it cannot be served.
func MockDocument(src []byte, file string, out *diag.List, o mock.Options) (m *Mock, err error) {
	doc := openapi.Read(src, file, out, diag.Pos{File: file, Line: 1, Col: 1})
	if doc == nil || out.Failed() {
		return nil, nil
	}
	m = &Mock{Title: doc.Info.Title, Operations: doc.Operations}
	if m.program.Routes, err = mock.OfDocument(doc, o); err != nil {
		return nil, err
	}
	if len(m.program.Routes) == 0 {
		return nil, fmt.Errorf("%s has no operation", file)
	}
	media, name := "application/json", "/openapi.json"
	if trimmed := slices.IndexFunc(src, func(b byte) bool { return b > ' ' }); trimmed < 0 || src[trimmed] != '{' {
		media, name = "application/yaml", "/openapi.yaml"
	}
	docs, err := ui.Handler(ui.Page{Title: m.Title, Documents: []ui.Document{{Name: "OpenAPI " + doc.Version, URL: ".." + name}}})
	if err != nil {
		return nil, err
	}
	m.program.Pages = map[string]http.Handler{
		"/docs": docs, "/docs/": docs, name: server.Document(media, func() ([]byte, error) { return src, nil }),
	}
	for _, r := range m.program.Routes {
		delete(m.program.Pages, r.Path) // the document's own comes first
	}
	return m, nil
}

// Serve answers at an address until ctx ends; ready is called with the address once it listens.
func (m *Mock) Serve(ctx context.Context, w *World, address string, ready func(at string)) error {
	conf := m.config
	conf.Listen, conf.Console, conf.Health, conf.Origins, conf.DrainDelay = address, "", "", []string{"*"}, 0
	one := &fixed{}
	s, err := server.New(conf, server.Deps{Clock: w.Now, Programs: one, Quiet: true})
	if err != nil {
		return err
	}
	if one.routing, err = s.Routing(m.program); err != nil {
		return err
	}
	if err := s.Listen(); err != nil {
		return err
	}
	ready(opened(s.Addr()))
	return s.Serve(ctx)
}

// fixed is the one program of a server, in service as long as that.
type fixed struct{ routing *server.Routing }

// Take returns the program.
func (f *fixed) Take() (*server.Routing, server.Lease) { return f.routing, f }

// Stop does nothing: the program opened nothing.
func (f *fixed) Stop(context.Context) error { return nil }

// Release does nothing, as Stop.
func (f *fixed) Release() {}
