package routes_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/routes"
)

// Options say which project is run, and how.
type Options struct {
	FS       fs.FS
	Registry connectors.Registry
	// Env gives the environment; nil has every name with a made-up value. Secrets are always made up.
	Env func(name string) (string, bool)
	Now func() time.Time // nil: the clock
}

// City is a project that runs with all of its systems simulated on their real protocols, on loopback. One test at a
// time uses it.
type City struct {
	Program *routes.Program
	systems map[string]*player
}

// player plays one system.
type player struct {
	connector *connectors.Connector
	cases     map[string][]*connectors.Case
	handler   atomic.Pointer[http.Handler]
	server    *http.Server
	done      chan struct{}
}

// Open loads, checks and starts a project. It is nil if the project has problems, which are in the list; err is of
// what cannot be simulated. Close ends it.
func Open(ctx context.Context, o Options) (*City, *diag.List, error) {
	out := &diag.List{}
	if o.Env == nil {
		o.Env = func(name string) (string, bool) { return "made-up-" + name, true }
	}
	src := config.Source{FS: o.FS, Env: o.Env, Secrets: func(name string) (config.Secret, bool, error) {
		return config.NewSecret("made-up-" + name), true, nil
	}}
	model := routes.Load(src, o.Registry, out)
	typed := routes.Check(model, out)
	if out.Failed() {
		return nil, out, nil
	}
	c := &City{systems: map[string]*player{}}
	for _, s := range model.Systems {
		if err := c.play(s, out); err != nil {
			c.Close()
			return nil, out, fmt.Errorf("system %s: %w", s.Name, err)
		}
	}
	if out.Failed() {
		c.Close()
		return nil, out, nil
	}
	c.Program = routes.Compile(typed)
	// A system that cannot be opened leaves its routes not ready, and tests see that.
	_ = c.Program.Start(ctx, routes.Deps{Now: o.Now})
	return c, out, nil
}

// play starts the simulator of a system, and points the system to it.
func (c *City) play(s *connectors.System, out *diag.List) error {
	param := endpoint(s.Connector)
	if param == "" {
		return errors.New("the connector has no parameter for its address: one called endpoint, or of format uri")
	}
	p := &player{connector: s.Connector, cases: connectors.LoadSamples(s.Connector, out), done: make(chan struct{})}
	if err := p.answer(p.cases); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		defer close(p.done)
		_ = p.server.Serve(listener) // it always ends with an error, ErrServerClosed after Close
	}()
	c.systems[s.Name] = p
	s.Override(param, "http://"+listener.Addr().String())
	return nil
}

// endpoint finds the parameter that holds a system's address, "" if there is none.
func endpoint(c *connectors.Connector) string {
	if c.Param("endpoint") != nil {
		return "endpoint"
	}
	for _, p := range c.Params {
		if p.Type != nil && p.Type.Format == "uri" {
			return p.Name
		}
	}
	return ""
}

// answer sets what the system answers from now on.
func (p *player) answer(cases map[string][]*connectors.Case) error {
	h, err := p.connector.Protocol.Simulate(p.connector, connectors.NewSimulation(nil, cases))
	if err != nil {
		return err
	}
	p.handler.Store(&h)
	return nil
}

// ServeHTTP answers as the system does.
func (p *player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*p.handler.Load()).ServeHTTP(w, r)
}

// Do sends a request.
func (c *City) Do(ctx context.Context, req Request) Answer { return Do(ctx, c.Program, req) }

// Close stops the program and the systems.
func (c *City) Close() {
	if c.Program != nil {
		_ = c.Program.Close(context.Background())
	}
	for _, p := range c.systems {
		_ = p.server.Close()
		<-p.done
	}
}
