package routes

import (
	"context"
	"net/http"
	"slices"

	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/routes/trigger"
	"fondaco/transform"
)

// ifMatch ends the exchange with 412 unless the caller has seen what is there now (RFC 9110 §13.1.1).
type ifMatch struct {
	of       transform.Mapping
	required bool

	typed *transform.Typed
}

// Spec declares the fields of "- if_match:".
func (m *ifMatch) Spec(o *spec.Object) {
	m.required = true
	o.Var("if_match", &m.of).Required().Doc("What the tag of the present state is made from: the value that is the etag of the GET that " +
		"shows it. A request whose header If-Match names another tag is answered 412. Of what is nil there is no tag: every If-Match is 412.").
		Example("${pratica.versione}")
	o.Bool("required", &m.required).Default("true").
		Doc("Whether a request without If-Match is refused, with 428 (RFC 6585); false lets it pass.")
}

// Check types the value. It must come before what changes something.
func (m *ifMatch) Check(s *Scope) {
	r := s.route
	at := s.node.Pos
	bad := func(hint, format string, args ...any) {
		s.check.out.Report(diag.BadRoute, at, format, args...).WithLen(len("if_match")).WithHint("%s", hint)
	}
	m.typed = s.Map(&m.of)
	method := r.Model.Pattern.Method
	switch {
	case !r.Model.Public():
		bad("write it into the route that the request starts, before the step that changes something",
			"if_match reads a request's header, and no request starts the route %q", r.Model.ID.Value)
		return
	case method == http.MethodGet:
		bad("write etag under respond: callers ask with If-None-Match then", "if_match is for what changes something, and the route %q is a GET",
			r.Model.ID.Value)
		return
	case r.Model.Async:
		bad("leave it out, or leave out accept: async", "the route %q has accept: async: what is there when it is worked on, nobody has seen",
			r.Model.ID.Value)
		return
	}
	for _, c := range r.Calls {
		if c.Effect != connectors.Read {
			bad("write if_match before it", "the call of %s at %s may change something before if_match is asked", c.System+"."+c.Operation, c.Pos)
			return
		}
	}
	if len(r.publishes) > 0 {
		bad("write if_match before it", "an event is published to %s before if_match is asked", r.publishes[0])
		return
	}
	if r.ifMatch != nil && r.ifMatch != m {
		bad("leave one of them out", "the route %q has if_match already", r.Model.ID.Value)
	}
	r.ifMatch = m
	s.node.Outcomes = []Outcome{{If: "the header If-Match names another tag", Seen: s.problem(412, statusText(412))}}
	if m.required {
		s.node.Outcomes = append(s.node.Outcomes, Outcome{If: "If-Match is missing", Seen: s.problem(428, statusText(428))})
	}
}

// Compile compares the tags.
func (m *ifMatch) Compile(*Builder) Run {
	tag, required := compileTag(m.typed), m.required
	return func(_ context.Context, x *Exchange) error {
		asked := x.shared.head["If-Match"]
		if len(asked) == 0 && !required {
			return nil
		}
		if len(asked) == 0 {
			return trigger.NewProblem(http.StatusPreconditionRequired, "This operation takes the ETag that was read, in the header If-Match.")
		}
		now, err := tag(&x.Frame)
		if err != nil {
			return err
		}
		if !trigger.Match(asked, now) {
			return trigger.NewProblem(http.StatusPreconditionFailed,
				"What is there is not what If-Match names: it was changed, or is there no more.")
		}
		return nil
	}
}

// conditionalHeaders are the headers of conditional requests that the route reads.
func (r *TypedRoute) conditionalHeaders() (takes []string) {
	if r.ifMatch != nil {
		takes = append(takes, "If-Match")
	}
	if r.tags() {
		takes = append(takes, "If-None-Match")
	}
	return slices.Clip(takes)
}
