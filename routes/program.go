package routes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/schema"
)

// Program is a compiled project. Start makes it ready; Close ends it, after its last exchange.
type Program struct {
	Routes []*Route

	typed    *Typed
	bindings []*binding
	callers  map[*connectors.System]connectors.Caller
	watch    Watch
	now      func() time.Time
}

// Deps is what a running program gets from outside.
type Deps struct {
	Log   *slog.Logger     // nil for none
	Now   func() time.Time // nil for the machine's clock
	Cache policy.Cache     // for the policy cache; nil for one in memory
	Watch Watch            // sees every step; nil for nobody
}

// Typed gives the project that the program was compiled from.
func (p *Program) Typed() *Typed { return p.typed }

// Start opens the systems. One that cannot be opened (an address or a secret that is missing) does not stop the others:
// its routes answer 503, and the error, one line for each, says why.
func (p *Program) Start(ctx context.Context, d Deps) error {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Cache == nil {
		d.Cache = policy.NewMemory(64 << 20)
	}
	p.watch, p.now = d.Watch, d.Now
	p.callers = map[*connectors.System]connectors.Caller{}
	shared := map[*connectors.System]*policy.Shared{}
	failed := map[*connectors.System]error{}
	var all []error
	for _, b := range p.bindings {
		if p.callers[b.system] == nil && failed[b.system] == nil {
			caller, err := b.system.Connector.Protocol.Open(ctx, b.system, connectors.Deps{Log: d.Log, Now: d.Now})
			if err != nil {
				failed[b.system] = err
				all = append(all, err)
			} else {
				p.callers[b.system] = caller
				shared[b.system] = policy.NewShared(b.system.Name, p.typed.Model.policySet(b.system.Name), d.Cache)
			}
		}
		err := failed[b.system]
		if err == nil {
			var call connectors.Call
			if call, err = p.callers[b.system].Call(b.op, b.want); err == nil {
				b.call = call.With(b.set.Policies(b.op, b.want, shared[b.system])...)
				continue
			}
			err = fmt.Errorf("%s.%s: %w", b.system.Name, b.op.Name, err)
			all = append(all, err)
		}
		fault := &connectors.Fault{System: b.system.Name, Operation: b.op.Name, Kind: connectors.Unavailable, Err: err}
		b.call = down(fault)
		b.route.down = err
	}
	return errors.Join(all...)
}

// down is the call of a system that is not open.
func down(f *connectors.Fault) connectors.Call {
	return func(context.Context, schema.Value) (schema.Value, error) {
		c := *f
		return schema.Value{}, &c
	}
}

// Close ends the systems' connections. No exchange is under way any more.
func (p *Program) Close(context.Context) error {
	var all []error
	for _, c := range p.callers {
		all = append(all, c.Close())
	}
	return errors.Join(all...)
}

// Route finds a route by its name, nil if there is none.
func (p *Program) Route(id string) *Route {
	for _, r := range p.Routes {
		if r.ID == id {
			return r
		}
	}
	return nil
}
