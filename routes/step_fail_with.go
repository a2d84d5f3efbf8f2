package routes

import (
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/openapi/texts"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
)

// problemMembers are the members that a problem has beside its own (RFC 9457 §3.2).
type problemMembers struct {
	mapping transform.Mapping
	node    *config.Node

	typed *transform.Typed // nil without
	kind  *NamedProblem    // whose members they are; nil without
}

// extended is what problems of a status may hold beside their own members.
type extended struct {
	status  int
	members *schema.Type
	kind    *NamedProblem // that has the members; nil of a problem that has no name
}

// Decode reads the mapping.
func (m *problemMembers) Decode(n *config.Node, out *diag.List) {
	m.node = n
	m.mapping.Decode(n, out)
}

// Schema describes the mapping to editors.
func (m *problemMembers) Schema() spec.Schema { return m.mapping.Schema() }

// check types the members: a record without the names that problems have of themselves.
func (m *problemMembers) check(s *Scope) {
	m.typed = nil
	if m.mapping.IsZero() {
		return
	}
	typed := s.Map(&m.mapping)
	t := typed.Type
	switch {
	case t.Kind == schema.KindUnknown:
		return
	case s.route.Model.SOAP.Value != "":
		s.check.out.Report(diag.BadRoute, m.mapping.Pos(), "with adds members to a problem over HTTP, and the route answers SOAP").
			WithHint("say soap and data")
		return
	case t.Kind != schema.KindRecord || t.Nullable:
		s.check.out.Report(diag.TypeMismatch, m.mapping.Pos(), "with is %s, expected an object, as { saldo: ${conto.saldo} }", t)
		return
	}
	for _, f := range t.Fields {
		if ofProblems(f.Name) {
			at := config.Text{Value: f.Name, Pos: m.mapping.Pos()}
			if e := m.node.Entry(f.Name); e != nil {
				at = e.Key
			}
			s.Report(diag.BadRoute, at, "every problem has its own %q", f.Name).WithHint("give the member another name")
		}
	}
	m.typed = typed
}

// describe notes for the documents what problems of a status may hold.
func (m *problemMembers) describe(s *Scope, status int) {
	switch {
	case m.kind != nil:
		s.route.extended = append(s.route.extended, extended{status, m.kind.Members, m.kind})
	case m.typed != nil:
		s.route.extended = append(s.route.extended, extended{status, m.typed.Type, nil})
	}
}

// compile makes what adds the members to a problem.
func (m *problemMembers) compile() func(*Exchange, *trigger.Problem) error {
	switch {
	case m.kind != nil && m.typed != nil:
		return m.kind.compileMembers(m.typed)
	case m.typed == nil:
		return func(*Exchange, *trigger.Problem) error { return nil }
	}
	write := m.typed.CompileJSON()
	return func(x *Exchange, p *trigger.Problem) error {
		text, err := write(&x.Frame, nil)
		if err != nil {
			return err
		}
		p.Members = text[1 : len(text)-1] // without its braces
		return nil
	}
}

// members returns what problems of a status may hold beside their own members, nil if nothing; of status 0, those of all. All of it is
// optional: a problem of the same status may come from elsewhere.
func (r *TypedRoute) members(status int, l texts.Language) *schema.Type {
	t := r.further(status)
	if doubts := r.doubts(); doubts[status] || status == 0 && len(doubts) > 0 {
		return withOutcome(t, l)
	}
	return t
}

// further returns what steps fail add to problems of a status, nil if nothing; of a status, without the members of named problems.
func (r *TypedRoute) further(status int) *schema.Type {
	var t *schema.Type
	for _, e := range r.extended {
		switch {
		case status != 0 && (e.status != status || e.kind != nil): // a named one is described by itself
		case t == nil:
			t = e.members
		default:
			t = schema.Join(t, e.members)
		}
	}
	if t == nil || len(t.Fields) == 0 {
		return nil
	}
	fields := slices.Clone(t.Fields)
	for i := range fields {
		fields[i].Required = false
	}
	all := schema.RecordType(fields...)
	all.Open = true // they stand beside the members of every problem, in one object
	return all
}
