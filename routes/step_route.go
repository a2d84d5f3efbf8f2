package routes

import (
	"context"
	"errors"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// routeStep runs a route that has an input and no trigger.
type routeStep struct {
	target config.Text
	with   transform.Mapping
	as     config.Text
}

func (c *routeStep) spec(o *fields) {
	o.Text("route", &c.target).Required().Doc("The route to run: one with input: and without http:.")
	o.Mapping("with", &c.with).Doc("Its input.")
	o.Text("as", &c.as).Doc("The name under which later steps read what it responds.")
}

// Check types the route's steps in place, over its input alone.
func (c *routeStep) Check(s *Scope) *Step {
	st := s.new("route", c.target.Value, c.target.Pos)
	m := s.route.typed.Model.Route(c.target.Value)
	unknown := func() *Step {
		if !c.with.IsZero() {
			c.with.Check(s.names, s.out)
		}
		s.declare(c.as, schema.TypeUnknown, st)
		return st
	}
	switch {
	case m == nil:
		var names []string
		for _, r := range s.route.typed.Model.Routes {
			if r.Input != nil {
				names = append(names, r.ID.Value)
			}
		}
		c.target.Report(s.out, diag.UnknownRoute, "there is no route %q", c.target.Value).WithNearest(c.target.Value, names)
		return unknown()
	case m.Input == nil:
		c.target.Report(s.out, diag.UnknownRoute, "the route %q is called over HTTP; only one with input: can be run by a step", c.target.Value)
		return unknown()
	case s.route.seen[m.ID.Value]:
		c.target.Report(s.out, diag.UnknownRoute, "the route %q runs itself, in a circle", c.target.Value)
		return unknown()
	}
	var with *transform.Typed
	if !c.with.IsZero() {
		with = c.with.Check(s.names, s.out)
		with.Fit(m.Input, "with", s.out)
	} else if missing := requiredFields(m.Input); len(missing) > 0 {
		c.target.Report(s.out, diag.DoesNotFit, "the route %s needs %s", m.ID.Value, list(missing)).WithHint("write it under with:")
	}
	s.route.seen[m.ID.Value] = true
	defer delete(s.route.seen, m.ID.Value)
	quiet := s.out
	if s.route.model != m && s.route.typed.reported[m.ID.Value] {
		quiet = &diag.List{} // its own problems are told once, where it stands
	}
	s.route.typed.reported[m.ID.Value] = true
	inner := &Scope{names: s.names.Root(), route: s.route, out: quiet}
	input := inner.names.Declare("input", m.Input)
	st.Steps = inner.steps(m.Steps)
	result := schema.TypeNull
	var body *transform.Typed
	if m.Respond != nil && !m.Respond.body.IsZero() {
		body = m.Respond.body.Check(inner.names, quiet)
		result = body.Type
	}
	if quiet != s.out && quiet.Failed() {
		result = schema.TypeUnknown
	}
	v := s.declare(c.as, result, st)
	st.compile = func(b *builder) Run {
		run := b.sequence(st.Steps)
		in := func(*expr.Frame) (schema.Value, error) { return schema.RecordOf(m.Input), nil }
		var checker *schema.Checker
		if with != nil {
			in = with.Compile(m.Input)
			if schema.NeedsCheck(with.Type, m.Input) {
				checker = schema.NewChecker(m.Input)
			}
		}
		give := func(*expr.Frame) (schema.Value, error) { return schema.Null, nil }
		if body != nil {
			give = body.Compile(nil)
		}
		return func(ctx context.Context, x *Exchange) error {
			value, err := in(&x.Frame)
			if err != nil {
				return err
			}
			if checker != nil {
				if wrong := checker.Check(value); wrong != nil {
					return errors.Join(errInput, wrong)
				}
			}
			x.Frame.Slots[input.Slot] = value
			if err := run(ctx, x); err != nil {
				return err
			}
			out, err := give(&x.Frame)
			x.Frame.Slots[v.Slot] = out
			return err
		}
	}
	return st
}

var errInput = errors.New("the route's input does not fit")
