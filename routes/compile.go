package routes

import (
	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/schema"
)

// Compile gives the program of a project without problems. It is pure: nothing is opened before Program.Start.
func Compile(t *Typed) *Program {
	b := &builder{program: &Program{typed: t}}
	for _, r := range t.Routes {
		b.program.Routes = append(b.program.Routes, b.route(r))
	}
	return b.program
}

// builder compiles routes into a program.
type builder struct {
	program *Program
	current *Route
}

// route compiles one route.
func (b *builder) route(r *TypedRoute) *Route {
	m := r.Model
	out := &Route{
		ID: m.ID.Value, Method: m.Pattern.Method, Path: m.Pattern.Path, Summary: m.Summary, Pos: m.Pos, Auth: m.Auth,
		Timeout: m.Timeout, MaxBody: m.MaxBody, HasBody: m.Body != nil, Rate: m.Rate, Steps: r.Steps,
	}
	b.current = out
	out.serve = b.server(r, b.sequence(r.Steps), out)
	return out
}

// sequence compiles steps and gives them as one. The checked steps stay as they are: a project may be compiled more than
// once.
func (b *builder) sequence(steps []*Step) Run {
	own := make([]*Step, len(steps))
	for i, s := range steps {
		c := *s
		if s.cond != nil {
			c.when = s.cond.Compile()
		}
		if s.compile != nil {
			c.run = s.compile(b)
		}
		own[i] = &c
	}
	return sequence(own)
}

// binding is a call that Start binds to its system.
type binding struct {
	system *connectors.System
	op     *connectors.Operation
	want   *schema.Type
	set    policy.Set
	call   connectors.Call
	route  *Route
}

// bind gives a call of an operation that gives values of type want.
func (b *builder) bind(s *connectors.System, op *connectors.Operation, want *schema.Type, set policy.Set) *binding {
	k := &binding{system: s, op: op, want: want, set: set, route: b.current}
	b.program.bindings = append(b.program.bindings, k)
	return k
}
