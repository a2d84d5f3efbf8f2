package routes

import (
	"context"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"fondaco/connectors"
	"fondaco/routes/callback"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

// Compile makes a program of a project that was checked without problems. It is pure: nothing is opened.
func Compile(t *Typed) *Program {
	b := &Builder{program: newProgram(t), done: map[*TypedRoute]*unit{}, personalKeys: map[string]bool{}}
	for _, s := range starters {
		s.compile(b, t)
	}
	for topic, p := range t.plain {
		for _, name := range topic.Names() {
			b.personalKeys[name] = b.personalKeys[name] || p.key != nil && p.key.Type.Personal
		}
	}
	for _, c := range b.program.Consumers {
		c.PersonalKey = c.PersonalKey || b.personalKeys[c.Topic]
	}
	return b.program
}

// limitOf returns how many bytes may be written at a time: what a route or service says, or else the project.
func limitOf(said int64, m *Model) int {
	switch {
	case said > 0:
		return int(said)
	case m.Project != nil && m.Project.Server.Limits.Answer > 0:
		return int(m.Project.Server.Limits.Answer)
	}
	return codec.DefaultLimit
}

// Builder is one Compile under way.
type Builder struct {
	program *Program
	done    map[*TypedRoute]*unit
	current *unit  // the unit whose steps are being compiled
	id      string // of the route whose steps are being compiled
	keptAs  string // its name where it is kept
	at      steps  // where in the route

	personalKeys map[string]bool // topics to which events are published under keys made of personal data
}

// source returns the CloudEvents source of what the route under way publishes.
func (b *Builder) source() string { return sourceOf(b.program.typed.Model, b.keptAs) }

// sourceOf returns the CloudEvents source of what a route publishes: a URI reference.
func sourceOf(m *Model, route string) string { return "/fondaco/" + m.Project.Name.Value + "/" + route }

// unit is what runs of a route, whatever starts it: its steps, compiled once, and what they need.
type unit struct {
	run      Run
	limit    int // bytes that may be written at a time
	size     int
	input    int               // slot of a sub-route's input, -1 if it takes none
	finally  *spoken           // the answer at the end of the steps
	bindings map[*binding]bool // the calls that it makes, those of its sub-routes too
	pool     sync.Pool         // of *Exchange with slots
	clock    func() time.Time  // of clock()
}

// single reports whether all calls are of one operation.
func (u *unit) single() bool {
	type operation struct{ system, name string }
	found := map[operation]bool{}
	for b := range u.bindings {
		found[operation{b.system.Name, b.op.Name}] = true
	}
	return len(found) == 1
}

// inquires reports whether a call whose effect is once can be asked about.
func (u *unit) inquires() bool {
	for b := range u.bindings {
		if b.op.Blind() && b.op.Inquire != nil {
			return true
		}
	}
	return false
}

// blind reports whether one of the calls has an effect each time it is made, and its system no key to know it by.
func (u *unit) blind() bool {
	for b := range u.bindings {
		if b.op.Blind() {
			return true
		}
	}
	return false
}

// unit compiles the steps of a route, once.
func (b *Builder) unit(r *TypedRoute) *unit {
	if u := b.done[r]; u != nil {
		return u
	}
	u := &unit{size: r.size, input: r.bodySlot, bindings: map[*binding]bool{}}
	u.clock = func() time.Time { return b.program.now() }
	b.done[r] = u
	u.limit = limitOf(r.Model.MaxAnswer, b.program.typed.Model)
	if r.service != nil {
		u.limit = limitOf(r.service.MaxAnswer, b.program.typed.Model)
	}
	outer := *b
	b.current, b.id, b.keptAs, b.at = u, r.Model.ID.Value, r.Model.Kept(), steps{seen: map[string]int{}}
	r.Steps = r.Model.steps.Compile(b)
	b.current, b.id, b.keptAs, b.at = outer.current, outer.id, outer.keptAs, outer.at
	u.run = sequence(r.Steps)
	r.answering.Path = "respond"
	u.finally = r.end.compile(r)
	u.pool.New = func() any {
		return &Exchange{Frame: expr.Frame{Slots: make([]schema.Value, u.size)}}
	}
	return u
}

// subroute compiles a sub-route that the unit under way runs.
func (b *Builder) subroute(r *TypedRoute) *unit {
	u := b.unit(r)
	for needed := range u.bindings {
		b.current.bindings[needed] = true
	}
	return u
}

// begin returns an exchange with empty slots.
func (u *unit) begin(now func() time.Time, with *shared) *Exchange {
	x := u.pool.Get().(*Exchange)
	x.Frame.Budget, x.Frame.Limit, x.Frame.Now, x.Frame.Origin, x.shared = evalBudget, u.limit, now, x, with
	x.Frame.Clock = u.clock
	return x
}

// end gives an exchange back, emptied: it holds on to nothing of what went through it. After a panic it is not called.
func (u *unit) end(x *Exchange) {
	clear(x.Frame.Slots)
	x.Frame, x.shared, x.within = expr.Frame{Slots: x.Frame.Slots}, nil, nil
	u.pool.Put(x)
}

// call runs a sub-route within the exchange x, for the step of that path.
func (u *unit) call(ctx context.Context, x *Exchange, step string, in schema.Value) (out schema.Value, err error) {
	inner := u.begin(x.Frame.Now, x.shared)
	inner.Frame.Continue(&x.Frame)
	inner.within = x.within
	inner.inside(step, -1)
	if u.input >= 0 {
		inner.Frame.Slots[u.input] = in
	}
	said, err := u.answered(ctx, inner)
	if err == nil && said.output != nil {
		inner.Frame.Context = ctx
		out, err = said.output(&inner.Frame)
	}
	x.Frame.Continue(&inner.Frame)
	u.end(inner)
	return out, err
}

// compileInput makes what computes the input of a call: laid out as to, and checked where its type does not prove that
// it fits. t is nil where nothing is given.
func compileInput(t *transform.Typed, to *schema.Type) expr.Eval {
	if t == nil {
		if to == nil || to.Kind != schema.KindRecord {
			return func(*expr.Frame) (schema.Value, error) { return schema.Value{}, nil }
		}
		return func(*expr.Frame) (schema.Value, error) { return schema.RecordOf(to), nil }
	}
	eval := t.Compile(to)
	if to == nil || !schema.NeedsCheck(t.Type, to) {
		return eval
	}
	checker := schema.NewChecker(to)
	return func(f *expr.Frame) (schema.Value, error) {
		v, err := eval(f)
		if err != nil {
			return v, err
		}
		if err := f.SpendDeep(v); err != nil {
			return v, err
		}
		if violations := checker.Check(v); violations != nil {
			return v, &inputError{violations}
		}
		return v, nil
	}
}

// inputError says that what a call was to be given does not fit what it takes: nothing was sent.
type inputError struct{ schema.Violations }

// fault returns the error as a fault of the operation.
func (e *inputError) fault(system, operation string) *connectors.Fault {
	return &connectors.Fault{
		System: system, Operation: operation, Kind: connectors.Refused, Path: e.Violations[0].Path,
		Detail: "What was given does not fit what the system takes: " + e.Violations[0].Error() + ".", Err: e.Violations,
	}
}

// problem returns the error as a problem of the exchange.
func (e *inputError) problem() *trigger.Problem {
	return &trigger.Problem{Status: 422, Detail: "What was given does not fit: " + e.Violations[0].Error() + "."}
}

// route makes the public side of a route.
func (b *Builder) route(r *TypedRoute, u *unit) *Route {
	d := r.Model
	public := &Route{
		ID: d.ID.Value, Former: d.Former(), Method: d.Pattern.Method, Path: d.Pattern.Path, Summary: d.Summary, Pos: d.ID.Pos,
		Auth: d.Auth, Timeout: d.Timeout, MaxBody: d.MaxBody, HasBody: d.Body != nil, Keyed: d.Keyed(), Inquires: u.inquires(), Rate: d.Rate,
		Steps: r.Steps, down: errNotStarted, bindings: u.bindings,
	}
	public.Takes, public.Sets = r.headers()
	for _, p := range d.Params["path"] {
		public.Slashes = append(public.Slashes, p.EncodedSlash)
	}
	public.Other = slices.ContainsFunc(r.replies(), (*reply).other)
	public.Upload, public.Form = d.upload.Value, d.content.form != nil
	public.PassesToken = r.passesToken(b.program.typed.Model.System)
	if d.Async && public.MaxBody == 0 {
		public.MaxBody = min(b.program.typed.Model.Project.Server.Limits.Body, d.mostKept())
	}
	e := &entry{unit: u, route: public, program: b.program, params: r.params, slots: r.slots, bodySlot: r.bodySlot, userSlot: r.userSlot}
	if d.Body != nil {
		e.form = d.content.form
		e.body = codec.CompileJSON(d.Body, codec.JSONOptions{Unknown: codec.Refuse})
		if trigger.WithDefaults(d.Body) != d.Body {
			e.fill = d.Body
		}
	}
	e.needs = r.needs()
	public.Serve, public.check = e.serve, e.check
	if d.Async {
		public.Accept, e.kept, e.keptAs = e.accept, r.kept(), d.Kept()
		if r.key != nil {
			r.keying.Path = "key"
			e.key = compileText(r.key)
		}
		b.program.Consumers = append(b.program.Consumers, also(e.worker(r), d.others())...)
		if e.telling = d.telling(); e.telling != nil {
			if b.program.telling == nil {
				b.program.telling = map[string]*telling{}
				b.program.Consumers = append(b.program.Consumers, b.teller())
			}
			for _, name := range append(d.Former(), d.ID.Value) {
				b.program.telling[name] = e.telling
			}
		}
	}
	return public
}

// headers lists the headers that the route reads of requests, and those that its answers may have.
func (r *TypedRoute) headers() (takes, sets []string) {
	for i := range places {
		for _, p := range r.params[i].Describe("") {
			if p.In == "header" {
				takes = append(takes, p.Name)
			}
		}
	}
	if r.keyed != nil && !r.keyed.Basic {
		takes = append(takes, r.keyed.Header)
	}
	if r.Model.replyTo.given {
		takes = append(takes, callback.ReplyToHeader)
	}
	takes = append(takes, r.conditionalHeaders()...)
	for _, p := range r.replies() {
		for _, h := range p.headers {
			if !slices.Contains(sets, h.Name) {
				sets = append(sets, h.Name)
			}
		}
	}
	return takes, sets
}

// contained turns a panic into an error.
func contained(err *error) {
	if r := recover(); r != nil {
		*err = &PanicError{Value: r, Stack: debug.Stack()}
	}
}
