package routes

import (
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
)

// streams reports whether the body of a call's answer is handed on as the route's.
func (r *TypedRoute) streams(c *call) bool {
	d := r.Model.respond
	return d != nil && d.stream.Value != "" && c.as.Value == d.stream.Value && r.last() == c
}

// last returns the call that is the route's last step, nil if that is something else.
func (r *TypedRoute) last() *call {
	steps := r.Model.steps
	if len(steps) == 0 {
		return nil
	}
	c, _ := steps[len(steps)-1].kind.(*call)
	return c
}

// checkStream checks that a body may be handed on as it comes, and returns its type. Nobody can look into it: the name that it
// bears has no such field.
func (r *respond) checkStream(s *Scope) *schema.Type {
	d, name := s.route.Model, r.stream.Value
	c := s.route.last()
	report := func(format string, args ...any) *schema.Type {
		s.Report(diag.BadRoute, r.stream, format, args...)
		return schema.TypeUnknown
	}
	switch {
	case !r.body.IsZero() || r.content.Value != "":
		return report("respond has stream, and body or content beside it: what is handed on is the whole answer")
	case !d.Public() && d.headless, d.headless && (c == nil || c.as.Value != name): // what it lacks may stand where it could not be read
		return schema.TypeUnknown
	case !d.Public():
		return report("a sub-route returns a value; stream is for answers over HTTP")
	case s.parent.node != nil:
		return report("only the answer at the end of the route can have stream; the step respond has a body")
	case d.Async:
		return report("the route works later (accept: async), when nobody is there to whom a stream could be handed on")
	case d.Keyed():
		s.Report(diag.BadRoute, r.stream, "answers under an Idempotency-Key are stored, and what is handed on is not").
			WithHint("say idempotency: off in the route")
		return schema.TypeUnknown
	case c == nil || c.as.Value != name:
		return report("the last step of the route is not a call that is named %s (as): "+
			"what it answers is handed on at once, and nothing can follow",
			name)
	case c.op == nil || c.op.Unread:
		return schema.TypeUnknown
	case d.steps[len(d.steps)-1].when.Value != "" || len(c.catches) > 0 || !c.fallback.IsZero():
		return report("the call that is handed on has when, catch or fallback, and nothing can stand in for its answer")
	case c.merged.Cache != nil && c.op.Effect == connectors.Read:
		return report("answers of %s are kept (cache), and what is handed on is not", c.target.Value)
	}
	if _, ok := c.op.Streamed(); !ok {
		return report("the answer of %s is not octets that can be handed on: it is read, or a rule of fails looks into it", c.target.Value)
	}
	return schema.TypeBytes
}
