package routes

import (
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
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
}

// TypedRoute is a checked route.
type TypedRoute struct {
	Model   *RouteModel
	Steps   []*Step          // what people see of it; they run once compiled
	Input   *schema.Type     // of a sub-route
	Answer  *schema.Type     // of the answer's body, nil if there is none
	Status  int              // of the answer
	Headers []openapi.Header // of the answer
	Calls   []*CallInfo      // those of its sub-routes too

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
	publishes   []string         // the topics that it publishes to
	draws       bool             // a step of it draws numbers of sequences
	user        *schema.Use
	userType    *schema.Type // nil if nobody is known
	given       *schema.Type // of the answer's body, by the project's contract; nil if it says nothing
	missing     *expr.Var
	body        *transform.Typed // of the answer, nil without
	optional    []config.Text    // optional branches
	escapes     map[escape]bool  // how it may end before its end
	calls       []*call
	size        int // slots
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
}

// Check types a project: what each route is given, calls and answers. It is pure, and reports all problems to out.
func Check(m *Model, out *diag.List) *Typed {
	c := &checker{model: m, out: out, typed: &Typed{Model: m}, byID: map[string]*TypedRoute{}}
	for _, d := range m.Routes {
		if d.work.from != "" && d.Topic.Value == "" {
			out.Report(diag.BadRoute, d.ID.Pos, "the route %q has work.from and no topic: only a reader of a topic begins somewhere", d.ID.Value).WithLen(len(d.ID.Value)).WithHint("leave out from")
		}
		r := &TypedRoute{Model: d}
		c.typed.all = append(c.typed.all, r)
		switch {
		case d.Public():
			c.typed.Routes = append(c.typed.Routes, r)
		case d.Sub():
			c.typed.Subs = append(c.typed.Subs, r)
		case d.SOAP.Value != "":
			c.typed.SOAP = append(c.typed.SOAP, r)
		case d.scheduled.given():
			c.typed.Schedules = append(c.typed.Schedules, r)
		default:
			c.typed.Topics = append(c.typed.Topics, r)
		}
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
		c.checkRetention(r.Model)
		c.route(r)
	}
	c.renames()
	c.unserved()
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
		r.given = givenBody(given, r)
	}
}

// givenBody gives the type that a contract says of the body of a route's answer, nil if it says none.
func givenBody(given *openapi.Document, r *TypedRoute) *schema.Type {
	op := given.Operation(r.Model.ID.Value)
	if op == nil || r.Model.respond == nil {
		return nil
	}
	for _, answer := range op.Responses {
		if answer.Status == r.Status {
			return answer.Body
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
	outer.Join(r.Model.unlikely(c.out))
	if !c.out.Failed() {
		for _, call := range r.calls {
			call.prune()
		}
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
	c.started(d)
	switch {
	case d.Public():
		c.door(d)
	case d.Sub():
		c.inner(d)
	case d.SOAP.Value != "":
		c.serves(r)
	case d.scheduled.given():
		c.runsItself(d)
	default:
		c.consumes(r)
	}
	if d.Topic.Value == "" {
		c.checkCollect(r)
	}
	for i, place := range places {
		r.params[i] = trigger.NewParams(place, d.Params[place])
	}
	r.Input = d.Input
}

// door checks what a route with a trigger must say and may not.
func (c *checker) door(d *RouteModel) {
	c.checkReplyTo(d)
	if d.Async && d.MaxBody > mostKept {
		c.out.Report(diag.BadRoute, d.ID.Pos, "the route %q has accept: async and takes bodies of %d bytes; at most %d, which is 720KiB, can be kept until they are worked on", d.ID.Value, d.MaxBody, mostKept).
			WithLen(len(d.ID.Value)).WithHint("say limits: { body: 720KiB } or less, and let larger things come by reference")
	}
	if d.Async && d.Pattern.Method == "GET" {
		c.out.Report(diag.BadRoute, d.ID.Pos, "the route %q accepts requests to do them later, and is a GET: whoever reads waits for the answer", d.ID.Value).WithLen(len(d.ID.Value))
	}
	switch off := d.idempotency == "off"; {
	case off && d.Async:
		c.out.Report(diag.BadRoute, d.ID.Pos, "the route %q has accept: async and idempotency: off: accepted requests always honour an Idempotency-Key", d.ID.Value).WithLen(len(d.ID.Value)).WithHint("leave out idempotency")
	case off && d.Pattern.Method == "GET":
		c.out.Report(diag.BadRoute, d.ID.Pos, "the route %q is a GET and has idempotency: off: only POST, PUT, PATCH and DELETE honour an Idempotency-Key", d.ID.Value).WithLen(len(d.ID.Value)).WithHint("leave out idempotency")
	}
	if d.input.node != nil {
		c.out.Report(diag.BadRoute, d.input.node.Pos(), "the route has http and input; input is a sub-route's, which has no http")
	}
	if d.body.node != nil && strings.HasPrefix(d.HTTP.Value, "GET ") {
		c.out.Report(diag.BadRoute, d.body.node.Pos(), "a GET has no body")
	}
	a := &d.auth
	switch {
	case !a.given:
		c.out.Report(diag.MissingAuth, d.ID.Pos, "the route %q does not say who may call it", d.ID.Value).WithLen(len(d.ID.Value)).
			WithHint("say auth: none if it is public, or auth: { scheme: NAME }")
	case a.None || a.scheme.Value == "":
	case !slices.Contains(c.model.schemes(), a.scheme.Value):
		a.scheme.Report(c.out, diag.BadRoute, "fondaco.yaml has no auth scheme %q", a.scheme.Value).WithNearest(a.scheme.Value, c.model.schemes())
	}
}

// inner checks what a sub-route may not say.
func (c *checker) inner(d *RouteModel) {
	for key, n := range map[string]*config.Node{"body": d.body.node, "path": d.params[0].node, "query": d.params[1].node, "header": d.params[2].node, "cookie": d.params[3].node} {
		if n != nil {
			c.out.Report(diag.BadRoute, n.Pos(), "the route has %s and no http; a sub-route takes an input", key)
		}
	}
	if d.auth.given {
		c.out.Report(diag.BadRoute, d.Auth.Pos, "the route has auth and no http; who may call is said by the routes that run it")
	}
}

// pathParams gives the parameters of the path in the order of its holes; one that says nothing is a text.
func pathParams(d *RouteModel, holes []string, out *diag.List) []trigger.Param {
	var list []trigger.Param
	for _, name := range holes {
		i := slices.IndexFunc(d.params[0].List, func(p trigger.Param) bool { return p.Name == name })
		if i < 0 {
			list = append(list, trigger.Param{Name: name, In: "path", Type: schema.TypeText, Required: true})
			continue
		}
		p := d.params[0].List[i]
		p.Required = true
		list = append(list, p)
	}
	for _, p := range d.params[0].List {
		if !slices.Contains(holes, p.Name) {
			out.Report(diag.BadRoute, p.Pos, "%s has no {%s}", d.HTTP.Value, p.Name).WithLen(len(p.Name)).WithNearest(p.Name, holes)
		}
	}
	return list
}

// pass types the steps and the answer of a route.
func (c *checker) pass(r *TypedRoute) {
	r.Steps, r.Calls, r.calls, r.optional, r.escapes, r.missing = nil, nil, nil, nil, map[escape]bool{}, nil
	names, count := expr.NewScope(), 0
	names.Reuse(&c.parsed)
	s := &Scope{Names: names, check: c, route: r, count: &count, uses: map[string]*schema.Use{}}
	names.Explain("signer", unsignedHere)
	given := func(name string, t *schema.Type) int {
		if t == nil {
			return -1
		}
		return names.Declare(name, t).Slot
	}
	for i, place := range places {
		r.slots[i] = -1
		if t := r.params[i].Record; len(t.Fields) > 0 {
			r.slots[i] = given(place, t)
		}
	}
	r.bodySlot, r.userSlot, r.signerSlot, r.messageSlot, r.keySlot, r.dueSlot, r.publishes = -1, -1, -1, -1, -1, -1, nil
	switch {
	case r.Model.Sub():
		r.bodySlot = given("input", r.Model.Input)
	case r.Model.SOAP.Value != "":
		if r.serves != nil {
			r.bodySlot = given("body", r.serves.Input)
			if !r.service.Auth.None {
				r.knows(s, r.service.Auth)
			}
		}
		r.signs(s)
	case r.Model.scheduled.given():
		r.dueSlot = given("schedule", dueType)
	case r.Model.Topic.Value != "":
		switch {
		case r.topic == nil:
		case r.Model.collect.given:
			batch := batchType(r.topic.Type)
			r.keySlot, r.messageSlot = given("key", batch.Fields[0].Type), given("messages", batch.Fields[1].Type)
		default:
			r.messageSlot = given("message", MessageType(r.topic.Type))
		}
	default:
		r.bodySlot = given("body", trigger.WithDefaults(r.Model.Body))
		if !r.Model.Auth.None {
			r.knows(s, r.Model.Auth)
		}
	}
	r.brought = slices.DeleteFunc(names.Names(), func(name string) bool { return name == "signer" }) // which a step may name
	r.key = nil
	if !r.Model.work.key.IsZero() && r.Model.Async {
		r.key = s.Map(&r.Model.work.key)
		if k := r.key.Type.NotNull().Kind; k != schema.KindText && k != schema.KindInt && k != schema.KindUnknown {
			r.key.Fit(schema.TypeText, "the key", c.out)
		}
	}
	top := &Step{}
	s.block(r.Model.steps, top)
	r.Steps = top.Steps
	r.Model.respond.check(s)
	if r.serves != nil {
		c.replies(r)
	}
	r.size = names.Size()
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
		s.Report(diag.UnknownRoute, name, "the route %q has http, soap, topic or schedule; only a sub-route, with input in its place, can be run by another", name.Value)
	case r.state == checkBegun:
		s.Report(diag.UnknownRoute, name, "the routes run each other in a circle: %q is being run here already", name.Value)
	default:
		c.route(r)
		return r
	}
	return nil
}
