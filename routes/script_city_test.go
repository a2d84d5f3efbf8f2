package routes_test

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/routes"
	"fondaco/store"
)

// Options say which project is run, and how.
type Options struct {
	FS       fs.FS
	Registry connectors.Registry
	// Env returns the environment; nil has every name with a made-up value. Secrets are always made up.
	Env func(name string) (string, bool)
	Now func() time.Time // nil: the clock
	// Sequences has the numbers that routes draw; nil: none can be drawn.
	Sequences store.Sequences
	// Topics is where events are published; nil: nothing can be published.
	Topics routes.Topics
	// Between returns where a system is to be reached whose simulator is at a place; nil: there.
	Between func(system string, at connectors.Place) connectors.Place
}

// City is a project that runs with all of its systems simulated on their real protocols, on loopback. One test at a
// time uses it.
type City struct {
	Program *routes.Program
	systems []connectors.Simulator
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
	c := &City{}
	for _, s := range model.Systems {
		if err := c.play(s, o.Between, out); err != nil {
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
	_ = c.Program.Start(ctx, routes.Deps{Now: o.Now, Sequences: o.Sequences, Topics: o.Topics})
	return c, out, nil
}

// play starts the simulator of a system, and puts the system there.
func (c *City) play(s *connectors.System, between func(string, connectors.Place) connectors.Place, out *diag.List) error {
	made, err := s.Connector.Protocol.Simulate(s.Connector, simulate.New(nil, simulate.LoadSamples(s.Connector, out)))
	if err != nil {
		return err
	}
	place, err := made.Start(connectors.Place{})
	if err != nil {
		return err
	}
	c.systems = append(c.systems, made)
	if between != nil {
		place = between(s.Name, place)
	}
	s.At(place)
	return nil
}

// Do sends a request.
func (c *City) Do(ctx context.Context, req Request) Answer { return Do(ctx, c.Program, req) }

// Close stops the program and the systems.
func (c *City) Close() {
	if c.Program != nil {
		_ = c.Program.Close(context.Background())
	}
	for _, played := range c.systems {
		played.Stop()
	}
}
