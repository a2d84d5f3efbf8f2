package routes

import (
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/connectors"
	"fondaco/openapi"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/store"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// Typed is a project whose every value has a type. Of a project with problems it is what could be understood.
type Typed struct {
	Model     *Model
	Routes    []*TypedRoute // those over HTTP, as the model lists them
	Subs      []*TypedRoute // the sub-routes
	Topics    []*TypedRoute // those that a topic's messages start
	Schedules []*TypedRoute // those that start by themselves
	SOAP      []*TypedRoute // those that answer a service's operations

	all   []*TypedRoute
	plain map[*Topic]*plainTopic // those with format: json

	watches map[string]*[]*TypedRoute // those that something new in a system starts, by the key of their trigger
}

// TypedRoute is a checked route.
type TypedRoute struct {
	Model  *RouteModel
	Steps  []*Step      // what people see of it; they run once compiled
	Input  *schema.Type // of a sub-route
	Answer *schema.Type // of the bodies of its answers, nil if none has one
	Status int          // of the answer at its end, 0 if the steps always end before
	Calls  []*CallInfo  // those of its sub-routes too

	params      [4]*trigger.Params
	slots       [4]int   // of path, query, header, cookie; -1 if nothing is declared there
	bodySlot    int      // of body or input
	userSlot    int      // -1 if nobody is known
	signerSlot  int      // -1 if nobody signs
	messageSlot int      // of message or messages; -1 if no topic starts it
	keySlot     int      // of key, where messages are collected; -1 elsewhere
	dueSlot     int      // of schedule; -1 if it has none
	brought     []string // the names that the trigger brings into scope
	topic       *Topic   // whose messages start it, nil for none
	service     *Service // whose operation it answers, nil for none
	serves      *connectors.Operation
	key         *transform.Typed // of an accepted request, nil for none
	keying      expr.Place       // of the key's expressions
	answering   expr.Place       // of those of the answer at the end
	publishes   []string         // the topics that it publishes to
	asks        []need           // what not every broker of topics keeps
	constants   *schema.Use      // which constants of the project are read, nil for none
	draws       bool             // a step of it draws numbers of sequences
	user        *schema.Use
	bodyUse     *schema.Use     // of what a service is sent, nil elsewhere
	userType    *schema.Type    // nil if nobody is known
	keyed       *project.Keyed  // of callers by keys or passwords, else nil
	early       []*reply        // the answers of steps, in their order
	end         *reply          // the answer at the end, nil if the steps always end before
	returned    *schema.Type    // of the bodies of all its answers, nil if none has one
	optional    []config.Text   // optional branches
	extended    []extended      // what its problems hold beside their own members
	formed      []formed        // bodies in place of problems
	ifMatch     *ifMatch        // the step that compares tags, nil without
	escapes     map[escape]bool // how it may end before its end
	calls       []*call
	size        int  // slots
	refuses     bool // an expression fails on some values that a caller may send
	state       checkState
}

type checkState uint8

const (
	checkBegun checkState = iota + 1
	checkDone
)

// Draws reports whether some route draws numbers of sequences, which are kept in the state.
func (t *Typed) Draws() bool {
	return slices.ContainsFunc(t.all, func(r *TypedRoute) bool { return r.draws })
}

// checker is one Check under way.
type checker struct {
	model  *Model
	out    *diag.List
	typed  *Typed
	byID   map[string]*TypedRoute
	parsed expr.Parsed
	pruned bool // the second pass: answers have only the fields in use

	schemas  map[string]expr.Schema // that expressions name
	zoneless map[string]bool        // the folders of connectors that are reported to say no zone
}

// Check types a project: what each route is given, calls and answers. It is pure, and reports all problems to out.
func Check(m *Model, out *diag.List) *Typed {
	c := &checker{model: m, out: out, typed: &Typed{Model: m}, byID: map[string]*TypedRoute{}}
	for _, d := range m.Routes {
		if d.work.from != "" && d.Topic.Value == "" {
			out.Report(diag.BadRoute, d.ID.Pos, "the route %q has work.from and no topic: only a reader of a topic begins somewhere", d.ID.Value).
				WithLen(len(d.ID.Value)).WithHint("leave out from")
		}
		r := &TypedRoute{Model: d}
		c.typed.all = append(c.typed.all, r)
		list := &c.typed.Subs
		if start := d.starter(); start != nil {
			list = start.list(c.typed)
		}
		*list = append(*list, r)
		if first := c.byID[d.ID.Value]; first != nil {
			out.Report(diag.DuplicateRoute, d.ID.Pos, "a route %q is there already, at %s", d.ID.Value, first.Model.ID.Pos).WithLen(len(d.ID.Value))
			continue
		}
		c.byID[d.ID.Value] = r
	}
	c.formats()
	if m.Project != nil {
		m.Project.Retention.Check(store.DefaultLimits().Operations, out)
	}
	for _, r := range c.typed.all {
		r.Model.content.check(r.Model, out)
		c.route(r)
	}
	c.renames()
	c.unserved()
	c.callersTokens()
	c.clashes()
	c.contract()
	return c.typed
}

// contract compares the routes with the OpenAPI document that the project must fulfil, if there is one.
func (c *checker) contract() {
	file := c.model.Project.Contract
	if file.Value == "" {
		return
	}
	src, ok := config.ReadBytes(c.model.Source.FS, file.Value, config.MaxFile, c.out, file.Pos)
	if !ok {
		return
	}
	given := openapi.Read(src, file.Value, c.out, file.Pos)
	if given == nil {
		return
	}
	openapi.Compare(given, c.typed.Operations(), func(id string) diag.Pos {
		if r := c.byID[id]; r != nil {
			return r.Model.ID.Pos
		}
		return file.Pos
	}, c.out)
	for _, r := range c.typed.Routes {
		for _, p := range r.replies() {
			p.given = givenBody(given, r, p)
		}
	}
}

// givenBody returns the type that a contract says of the body of a route's answer, nil if it says none.
func givenBody(given *openapi.Document, r *TypedRoute, p *reply) *schema.Type {
	op := given.Operation(r.Model.ID.Value)
	if op == nil || p.said == nil {
		return nil
	}
	for _, answer := range op.Responses {
		if answer.Status == p.status {
			return answer.Sent()
		}
	}
	return nil
}

// clashes reports routes that some request could choose both.
func (c *checker) clashes() {
	patterns := make([]trigger.Pattern, len(c.typed.Routes))
	for i, r := range c.typed.Routes {
		patterns[i] = r.Model.Pattern
	}
	for i, at := range trigger.Clashes(patterns) {
		if at < 0 {
			continue
		}
		p, before := patterns[i], patterns[at]
		if p.Broken || before.Broken {
			continue // which is reported
		}
		c.out.Report(diag.DuplicateRoute, p.Pos, "%s %s answers the same requests as %s %s of the route %q, at %s",
			p.Method, p.Path, before.Method, before.Path, c.typed.Routes[at].Model.ID.Value, before.Pos).
			WithLen(len(c.typed.Routes[i].Model.HTTP.Value))
	}
}

// route checks one route twice: the first time to see which fields of the answers are in use, the second with types
// that have those alone.
func (c *checker) route(r *TypedRoute) {
	if r.state != 0 {
		return
	}
	r.state = checkBegun
	outer, pruned := c.out, c.pruned
	c.out, c.pruned = &diag.List{}, false
	c.head(r)
	c.pass(r)
	c.mayBeUnsaid(r)
	outer.Join(c.said(r.Model.unlikely(c.out)))
	if !c.out.Failed() {
		for _, call := range r.calls {
			call.prune()
		}
		c.zones(r, outer)
		c.out, c.pruned = &diag.List{}, true
		c.pass(r)
	}
	c.out, c.pruned = outer, pruned
	r.state = checkDone
}

// head checks what does not depend on steps: name, trigger, who may call.
func (c *checker) head(r *TypedRoute) {
	d := r.Model
	config.CheckID(d.ID, c.out)
	out := c.out
	c.out = &diag.List{}
	defer func() {
		d.whole(c.out, out)
		c.out = out
	}()
	c.started(d)
	c.checkRetention(d)
	if start := d.starter(); start != nil {
		start.check(c, r)
	} else {
		c.checkSubroute(d)
	}
	if d.Topic.Value == "" {
		c.checkCollect(r)
	}
	for i, place := range places {
		r.params[i] = trigger.NewParams(place, d.Params[place])
	}
	r.Input = d.Input
}

// checkSubroute checks what a sub-route may not say.
func (c *checker) checkSubroute(d *RouteModel) {
	for _, f := range d.requestFields() {
		if f.node != nil && f.key != "input" {
			c.out.Report(diag.BadRoute, f.node.Pos(), "the route has %s and no http; a sub-route takes an input", f.key)
		}
	}
	if d.auth.given {
		c.out.Report(diag.BadRoute, d.Auth.Pos, "the route has auth and no http; who may call is said by the routes that run it")
	}
}

// pass types the steps and the answer of a route.
func (c *checker) pass(r *TypedRoute) {
	r.Steps, r.Calls, r.calls, r.optional, r.escapes, r.early = nil, nil, nil, nil, map[escape]bool{}, nil
	r.extended, r.formed, r.ifMatch = nil, nil, nil
	names, count := expr.NewScope(), 0
	names.Reuse(&c.parsed)
	r.constants = nil
	c.model.constants.Declare(names, r.reads)
	s := &Scope{Names: names, check: c, route: r, count: &count, uses: map[string]*schema.Use{}}
	names.Explain("signer", unsignedHere)
	r.publishes, r.asks = nil, nil
	r.keying, r.answering = expr.Place{}, expr.Place{}
	names.Enter(&r.answering)
	names.Schemas(c.schemaNamed)
	r.bring(s)
	r.key = nil
	if !r.Model.work.key.IsZero() && r.Model.Async {
		r.asks = append(r.asks, needOrder(r.Model.work.key.Pos()))
		leave := names.Enter(&r.keying)
		r.key = s.Map(&r.Model.work.key)
		leave()
		if k := r.key.Type.NotNull().Kind; k != schema.KindText && k != schema.KindInt && k != schema.KindUnknown {
			r.key.Fit(schema.TypeText, "the key", c.out)
		}
	}
	top := &Step{}
	s.block(r.Model.steps, top)
	r.Steps = top.Steps
	r.end = r.Model.respond.checkEnd(s)
	r.answers(s)
	if r.serves != nil {
		c.replies(r)
	}
	c.checkUpload(r)
	r.size, r.refuses = names.Size(), names.Refuses()
}

// subroute finds the sub-route that a step names, and checks it first. Nil, and reported, if it cannot be.
func (c *checker) subroute(s *Scope, name config.Text) *TypedRoute {
	r := c.byID[name.Value]
	switch {
	case r == nil:
		var subs []string
		for _, other := range c.typed.Subs {
			subs = append(subs, other.Model.ID.Value)
		}
		s.Report(diag.UnknownRoute, name, "there is no route %q", name.Value).WithNearest(name.Value, subs)
	case !r.Model.Sub():
		s.Report(diag.UnknownRoute, name, "the route %q has %s; only a sub-route, with input in its place, can be run by another", name.Value,
			r.Model.starter().key())
	case r.state == checkBegun:
		s.Report(diag.UnknownRoute, name, "the routes run each other in a circle: %q is being run here already", name.Value)
	default:
		c.route(r)
		return r
	}
	return nil
}
