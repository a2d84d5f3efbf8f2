package routes

import (
	"context"
	"errors"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// subroute runs a sub-route with values of its own, and names what it gives back.
type subroute struct {
	target config.Text
	with   transform.Mapping
	as     config.Text
	unread bool // it has an unknown key

	callee *TypedRoute // nil if there is none
	input  *transform.Typed
	name   *expr.Var
	draws  *expr.Drawing
}

// Spec declares the fields of "- route:".
func (r *subroute) Spec(o *spec.Object) {
	o.Instead(callHabits)
	o.Text("route", &r.target).Required().Doc("The sub-route to run.")
	o.Var("with", &r.with).Doc("What it gets as input.")
	o.Text("as", &r.as).Doc("The name under which later steps read what it returns.")
}

// about names the step by the oldest name of the route that it runs: what this notes and publishes has the identity that
// it had after the route got another name.
func (r *subroute) about() string {
	if r.callee == nil {
		return r.target.Value
	}
	return r.callee.Model.Kept()
}

func (r *subroute) misread() { r.unread = true }

// Check types what the sub-route receives, and what it returns.
func (r *subroute) Check(s *Scope) {
	s.node.Title = r.target.Value
	r.callee = s.check.subroute(s, r.target)
	if r.callee == nil || r.callee.Input == nil && r.callee.Model.broken { // its input may stand where it could not be read
		mapped, _ := s.drawing()
		mapped.mapIf(&r.with)
		s.declareUnknown(r.as)
		return
	}
	mapped, draws := s.drawing()
	if r.draws = draws; !r.with.IsZero() || !r.unread { // else with may be what could not be read
		r.input = mapped.input(&r.with, r.callee.Input, r.target)
	}
	for e := range r.callee.escapes {
		s.escape(e)
	}
	if r.input != nil && schema.NeedsCheck(r.input.Type, r.callee.Input) {
		s.problem(422, statusText(422))
	}
	if r.sent() && r.callee.refuses {
		s.Names.Refuse()
	}
	s.route.extended = append(s.route.extended, r.callee.extended...)
	s.route.formed = append(s.route.formed, r.callee.formed...)
	s.optional(r.callee.optional...)
	s.route.Calls = append(s.route.Calls, r.callee.Calls...)
	s.node.Outcomes = []Outcome{{If: "a step in it fails", Seen: "what the sub-route says: see " + r.target.Value}}
	s.drawn(r.draws, false)
	if r.as.Value == "" {
		return
	}
	if r.callee.returned == nil {
		if r.callee.Model.broken { // its respond may stand where it could not be read
			s.declareUnknown(r.as)
			return
		}
		s.Report(diag.BadRoute, r.as, "the sub-route %q returns nothing: it has no respond with a body", r.target.Value)
		s.declareUnknown(r.as)
		return
	}
	r.name = s.Declare(r.as, r.callee.returned)
}

// sent reports whether the input is made of what a caller sent: what the sub-route cannot compute with it is then the caller's mistake.
func (r *subroute) sent() bool { return r.input != nil && r.input.Given() }

// unsent takes back that an expression of a sub-route failed on what a caller sent: to it all of its input is.
func unsent(err error) {
	var failed *expr.Failure
	if errors.As(err, &failed) {
		failed.Given = false
	}
}

// Compile runs the sub-route in a frame of its own, in this goroutine.
func (r *subroute) Compile(b *Builder) Run {
	callee := b.subroute(r.callee)
	input := compileInput(r.input, r.callee.Input)
	slot := -1
	if r.name != nil {
		slot = r.name.Slot
	}
	path, sent := b.at.path, r.sent()
	return b.numbered(r.draws, func(ctx context.Context, x *Exchange) error {
		in, err := input(&x.Frame)
		if err != nil {
			var wrong *inputError
			if errors.As(err, &wrong) {
				return wrong.problem()
			}
			return err
		}
		out, err := callee.call(ctx, x, path, in)
		if !sent {
			unsent(err)
		}
		if err == nil && slot >= 0 {
			x.Frame.Slots[slot] = out
		}
		return err
	})
}
