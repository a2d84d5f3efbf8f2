package routes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/schema"
)

// binding is one call of a program: which operation with which policies, and once its system is open, how.
type binding struct {
	step   *call
	system *connectors.System
	op     *connectors.Operation
	want   *schema.Type
	call   connectors.Call
	down   error // why there is no call

	inquiry *inquiring // how the outcome of a call is asked for; nil if it cannot be
}

// bind notes that the unit under way makes a call.
func (b *Builder) bind(c *call) *binding {
	made := &binding{step: c, system: c.system, op: c.op, want: c.want}
	b.program.bindings = append(b.program.bindings, made)
	b.current.bindings[made] = true
	return made
}

// newProgram returns an empty program of a checked project.
func newProgram(t *Typed) *Program { return &Program{typed: t, now: time.Now} }

// errNotStarted is why the routes of a program serve nothing before Start.
var errNotStarted = errors.New("the program has not been started")

// Start opens the systems that the routes call. A system that cannot be opened is told in the error, which joins all of
// them; the routes that need it answer 503 and the others serve, so the caller decides whether that is good enough.
// Start is called once.
func (p *Program) Start(ctx context.Context, d Deps) error {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if p.live = d.Live; p.live == nil {
		p.live = NewLive(d.Cache)
		p.own = p.live
	}
	p.observe, p.now, p.topics, p.operations, p.collections = d.Observe, d.Now, d.Topics, d.Operations, d.Collections
	p.wake, p.log = d.Wake, d.Log
	p.intents = d.Intents
	if p.topics == nil {
		p.topics = noTopics{}
	}
	guard := p.typed.Model.connect()
	if p.tellTo = d.Tell; p.tellTo == nil && p.telling != nil {
		p.tellTo = p.live.sender(guard).Tell
	}
	if p.sequences, p.turns = d.Sequences, d.Turns; p.sequences == nil {
		p.sequences = noSequences{}
	}
	if p.turns == nil {
		p.turns = &Turns{}
	}
	open, failed := p.openSystems(ctx, d)
	p.share(d, open)
	for _, b := range p.bindings {
		b.open(open[b.system], failed[b.system], *p.typed.Model.policies[b.system])
	}
	var errs []error
	for _, h := range p.hosts {
		if err := h.open(connectors.Deps{Log: d.Log, Now: d.Now, Replays: d.replays(), Signer: d.Signer}); err != nil {
			errs = append(errs, err)
		}
	}
	for _, w := range p.Watches {
		if err := w.start(ctx, connectors.Deps{Log: d.Log, Now: d.Now}); err != nil {
			errs = append(errs, err)
		}
	}
	silent := p.openTelling()
	for _, r := range p.Routes {
		r.down = silent[r.ID]
		if r.down != nil {
			errs = append(errs, r.down)
		}
		for b := range r.bindings {
			if b.down != nil {
				r.down = b.down
			}
		}
	}
	for _, s := range p.typed.Model.Systems {
		if err := failed[s]; err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// openSystems opens the systems that the routes call, and goes on to hold the others that are open.
func (p *Program) openSystems(ctx context.Context, d Deps) (open map[*connectors.System]*liveSystem, failed map[*connectors.System]error) {
	open, failed = map[*connectors.System]*liveSystem{}, map[*connectors.System]error{}
	deps := connectors.Deps{Log: d.Log, Now: d.Now, Replays: d.replays()}
	for _, b := range p.bindings {
		if open[b.system] != nil || failed[b.system] != nil {
			continue
		}
		live, err := p.live.open(ctx, b.system, *p.typed.Model.policies[b.system], deps)
		if err != nil {
			failed[b.system] = unopened(b.system.Name, err)
			continue
		}
		open[b.system] = live
		p.open = append(p.open, live)
	}
	for _, s := range p.typed.Model.Systems {
		if open[s] != nil || failed[s] != nil {
			continue
		}
		if live := p.live.keep(ctx, s, deps); live != nil {
			p.open = append(p.open, live)
		}
	}
	return open, failed
}

// share lets other processes have the answers that are kept, and has theirs.
func (p *Program) share(d Deps, open map[*connectors.System]*liveSystem) {
	if d.SharedCache == nil {
		return
	}
	for _, b := range p.bindings {
		live := open[b.system]
		if live == nil || live.shared.Shares() || !b.keeps() {
			continue
		}
		print, err := b.system.Fingerprint()
		if err != nil {
			d.Log.Warn("answers of a system are not shared with other processes", "system", b.system.Name, "error", err)
			continue
		}
		live.shared.Share(d.SharedCache, print)
	}
}

// keeps reports whether answers are kept.
func (b *binding) keeps() bool {
	return b.step.merged.Cache != nil && b.op.Effect == connectors.Read
}

// defaultCache is how many bytes of answers are kept in memory.
const defaultCache = 64 << 20

// Close closes the systems that no other program uses. It is called once, after the last exchange has ended.
func (p *Program) Close(context.Context) error {
	var errs []error
	for _, s := range p.open {
		errs = append(errs, p.live.release(s))
	}
	if p.own != nil {
		errs = append(errs, p.own.Close())
	}
	return errors.Join(errs...)
}

// open makes the binding's call, or notes why there is none.
func (b *binding) open(live *liveSystem, err error, policies policy.Set) {
	want := b.want
	if err == nil {
		if b.keeps() {
			want = live.want(want)
		}
		b.call, err = live.caller.Call(b.op, want)
	}
	if err == nil && b.op.Blind() {
		b.call = noted(b.call)
		err = b.openInquiry(live, policies)
	}
	if err != nil {
		b.down = err
		b.call = func(context.Context, schema.Value) (schema.Value, error) {
			return schema.Value{}, &connectors.Fault{System: b.system.Name, Operation: b.op.Name, Kind: connectors.Unavailable, Err: err}
		}
		return
	}
	place := b.step.target.Pos.String()
	b.call = recorded(b.call, place, b.op, b.system.Name).With(b.step.merged.Policies(b.op, want, live.shared)...)
	b.call = withheld(b.call, place, b.op, b.system.Name)
}

// unopened returns why a system cannot be opened, with its name: errors of its references have it already.
func unopened(system string, err error) error {
	text := err.Error()
	for _, begin := range []string{"system " + system + ":", "system " + system + ","} {
		if strings.HasPrefix(text, begin) {
			return err
		}
	}
	return fmt.Errorf("system %s: %w", system, err)
}
