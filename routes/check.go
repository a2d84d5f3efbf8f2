package routes

import (
	"net/http"
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/openapi"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// Typed is a project whose every name and type is known. It is not changed after Check.
type Typed struct {
	Model  *Model
	Routes []*TypedRoute // those over HTTP, in the model's order

	reported map[string]bool // sub-routes whose problems were told
}

// TypedRoute is a route with the types of all that it names.
type TypedRoute struct {
	Model   *RouteModel
	Steps   []*Step
	Calls   []*CallInfo
	Answer  *schema.Type // of the body; nil if there is none
	Status  int
	Headers []openapi.Header

	scope   *expr.Scope
	params  map[string]*trigger.Params
	slots   map[string]int // of path, query, header, cookie, body, user, missing
	respond *transform.Typed
	headers []typedHeader
	fails   map[int]bool
	faults  map[connectors.FaultKind]bool
}

type typedHeader struct {
	name  string
	value *transform.Typed
}

func (m *Model) policySet(system string) policy.Set {
	if s := m.policies[system]; s != nil {
		return *s
	}
	return policy.Set{}
}

// Check types the project. What is wrong goes to out; what can be typed is, all the same.
func Check(m *Model, out *diag.List) *Typed {
	t := &Typed{Model: m, reported: map[string]bool{}}
	for _, s := range m.Systems {
		m.policySet(s.Name).CheckSystem(s, out)
	}
	for _, r := range m.Routes {
		if r.Input != nil {
			t.sub(r, out)
		}
	}
	for _, r := range m.Routes {
		if r.Input == nil && r.Pattern.Method != "" {
			t.Routes = append(t.Routes, t.route(r, out))
		}
	}
	t.contract(out)
	return t
}

// sub checks a route that others run, by itself: its problems are told once.
func (t *Typed) sub(r *RouteModel, out *diag.List) {
	s := t.scope(r, out)
	t.reported[r.ID.Value] = true
	s.route.seen[r.ID.Value] = true
	s.names.Declare("input", r.Input)
	s.steps(r.Steps)
	if r.Respond != nil && !r.Respond.body.IsZero() {
		r.Respond.body.Check(s.names, out)
	}
}

func (t *Typed) scope(r *RouteModel, out *diag.List) *Scope {
	return &Scope{names: expr.NewScope(), out: out, route: &routeCheck{
		typed: t, model: r, counts: map[string]int{}, fails: map[int]bool{}, faults: map[connectors.FaultKind]bool{}, seen: map[string]bool{},
	}}
}

// route checks a route twice: first over the answers whole, to learn what is read of them, then over what is left of
// them.
func (t *Typed) route(r *RouteModel, out *diag.List) *TypedRoute {
	before := out.Len()
	first := t.scope(r, out)
	first.route.answers = map[*callStep]*schema.Use{}
	typed := t.pass(r, first)
	if out.Len() > before && out.Failed() {
		return typed
	}
	var quiet diag.List
	second := t.scope(r, &quiet)
	second.route.pruned = map[*callStep]*schema.Type{}
	for c, use := range first.route.answers {
		_, op := c.operation(second)
		if op == nil {
			continue
		}
		op.Reads(use)
		second.route.pruned[c] = schema.Prune(op.Output, use)
	}
	again := t.pass(r, second)
	if quiet.Failed() {
		return typed // what is read was not told in full: decode all
	}
	return again
}

// pass checks a route once.
func (t *Typed) pass(r *RouteModel, s *Scope) *TypedRoute {
	out := &TypedRoute{Model: r, params: map[string]*trigger.Params{}, slots: map[string]int{}}
	for _, in := range []string{"path", "query", "header", "cookie"} {
		p := trigger.NewParams(in, r.Params[in])
		out.params[in] = p
		out.slots[in] = s.names.Declare(in, p.Record).Slot
	}
	if r.Body != nil {
		out.slots["body"] = s.names.Declare("body", r.Body).Slot
	}
	if !r.Auth.None {
		out.slots["user"] = s.names.Declare("user", trigger.UserType).Slot
		t.auth(r, s.out)
	}
	optional := optionals(r.Steps, t.Model, nil)
	if len(optional) > 0 {
		names := &schema.Type{Kind: schema.KindText}
		for _, b := range optional {
			names.Enum = append(names.Enum, schema.Text(b))
		}
		s.route.missing = s.names.Declare("missing", schema.ListOf(names))
		out.slots["missing"] = s.route.missing.Slot
	}
	out.Steps = s.steps(r.Steps)
	t.answer(r, s, out)
	out.Calls, out.fails, out.faults, out.scope = s.route.calls, s.route.fails, s.route.faults, s.names
	if len(optional) > 0 && !mentions(r.Respond, "missing") {
		r.ID.Report(s.out, diag.DegradedAnswer, "the branch %s is optional, and the answer does not name what is missing", optional[0]).
			WithHint("write in respond: body: a field as mancano: ${missing}")
	}
	return out
}

func (t *Typed) auth(r *RouteModel, out *diag.List) {
	if r.Auth.Scheme == "" {
		return
	}
	var names []string
	for _, s := range t.Model.Project.Auth {
		names = append(names, s.Name.Value)
	}
	if !slices.Contains(names, r.Auth.Scheme) {
		out.Report(diag.MissingAuth, r.Auth.Pos, "the project has no auth scheme %q", r.Auth.Scheme).WithNearest(r.Auth.Scheme, names)
	}
}

// answer types what the route responds.
func (t *Typed) answer(r *RouteModel, s *Scope, out *TypedRoute) {
	out.Status = http.StatusNoContent
	if r.Respond == nil {
		return
	}
	if !r.Respond.body.IsZero() {
		out.respond = r.Respond.body.Check(s.names, s.out)
		out.Answer, out.Status = out.respond.Type, http.StatusOK
		if leak := secretIn(out.Answer, map[*schema.Type]bool{}); leak {
			s.out.Report(diag.SecretLeak, r.Respond.body.Pos(), "a secret would leave in the answer")
		}
	}
	if r.Respond.status != 0 {
		out.Status = r.Respond.status
	}
	for _, h := range r.Respond.headers {
		v := h.value.Check(s.names, s.out)
		v.Fit(schema.TypeText.OrNull(), h.name.Value, s.out)
		out.headers = append(out.headers, typedHeader{http.CanonicalHeaderKey(h.name.Value), v})
		out.Headers = append(out.Headers, openapi.Header{Name: http.CanonicalHeaderKey(h.name.Value), Type: schema.TypeText, Required: !v.Type.Nullable})
	}
}

func secretIn(t *schema.Type, seen map[*schema.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if t.Secret || secretIn(t.Elem, seen) {
		return true
	}
	for _, f := range t.Fields {
		if secretIn(f.Type, seen) {
			return true
		}
	}
	return slices.ContainsFunc(t.Variants, func(v *schema.Type) bool { return secretIn(v, seen) })
}

// optionals lists the optional branches of steps, also inside other steps and the routes that they run.
func optionals(steps []stepModel, m *Model, within []string) (names []string) {
	for i := range steps {
		switch c := steps[i].step.(type) {
		case *parallelStep:
			for _, b := range c.branches {
				if b.optional {
					names = append(names, b.name.Value)
				}
				names = append(names, optionals(b.steps, m, within)...)
			}
		case *chooseStep:
			for _, a := range c.arms {
				names = append(names, optionals(a.steps, m, within)...)
			}
		case *forEachStep:
			names = append(names, optionals(c.steps, m, within)...)
		case *tryStep:
			names = append(names, optionals(c.steps, m, within)...)
			for _, h := range c.catches {
				names = append(names, optionals(h.steps, m, within)...)
			}
		case *routeStep:
			if r := m.Route(c.target.Value); r != nil && !slices.Contains(within, c.target.Value) {
				names = append(names, optionals(r.Steps, m, append(within, c.target.Value))...)
			}
		}
	}
	return names
}

// mentions tells whether the answer uses a name.
func mentions(r *respond, name string) bool {
	return r != nil && r.body.Mentions(name)
}

// contract compares the routes with the given OpenAPI document, if there is one.
func (t *Typed) contract(out *diag.List) {
	at := t.Model.Project.Contract
	if at.Value == "" {
		return
	}
	src, ok := config.ReadBytes(t.Model.Source.FS, at.Value, maxContract, &diag.List{}, at.Pos)
	if !ok {
		return // reported with fondaco.yaml
	}
	given := openapi.Read(src, at.Value, out, at.Pos)
	if given == nil {
		return
	}
	ops := t.Operations()
	openapi.Compare(given, ops, func(id string) diag.Pos {
		if r := t.Model.Route(id); r != nil {
			return r.Pos
		}
		return at.Pos
	}, out)
}

const maxContract = 16 << 20
