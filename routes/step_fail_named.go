package routes

import (
	"fondaco/config/diag"
	"fondaco/routes/trigger"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// checkNamed finds the problem that the step names, and reports what the name says already.
func (f *fail) checkNamed(s *Scope) {
	f.kind = nil
	if f.named.Value == "" {
		return
	}
	for _, part := range []struct {
		name string
		pos  diag.Pos
	}{{"status", f.status.pos}, {"statuses", f.listed.pos}, {"title", f.title.Pos}, {"type", f.typ.Pos}} {
		if part.pos != (diag.Pos{}) {
			s.check.out.Report(diag.BadRoute, part.pos, "the problem %q has its status, title and type in fondaco.yaml", f.named.Value).
				WithHint("leave out %s, or leave out problem", part.name)
		}
	}
	if !f.own.mapping.IsZero() {
		s.Report(diag.BadRoute, f.named, "body takes the place of the problem, and problem names one").WithHint("say status in place of problem")
	}
	f.kind = s.check.model.problem(f.named, s.check.out)
}

// what returns the status, title and type that the problem has; a computed status comes later.
func (f *fail) what() trigger.Problem {
	switch {
	case f.kind != nil:
		return trigger.Problem{Status: max(f.kind.Status, leastProblem), Title: f.kind.Words, Type: f.kind.Type.Value}
	case f.named.Value != "": // it is reported
		return trigger.Problem{Status: leastProblem}
	}
	return trigger.Problem{Status: f.status.fixed, Title: f.title.Value, Type: f.typ.Value}
}

// fitNamed checks that with says what the named problem holds.
func (f *fail) fitNamed(s *Scope) {
	if f.with.kind = f.kind; f.kind == nil || s.route.Model.SOAP.Value != "" {
		return // a fault of SOAP has no members
	}
	if f.with.typed != nil {
		f.with.typed.Fit(f.kind.Members, "with", s.check.out)
		return
	}
	if !f.with.mapping.IsZero() { // what is wrong with it is reported
		return
	}
	for _, field := range f.kind.Members.Fields {
		if field.Required {
			s.Report(diag.MissingField, f.named, "the problem %q has the member %q, and with does not say what it is", f.named.Value, field.Name).
				WithHint("with: { %s: … }", field.Name)
			return
		}
	}
}

// compileMembers makes what adds the members of a named problem. What does not fit is our mistake, not the caller's.
func (k *NamedProblem) compileMembers(with *transform.Typed) func(*Exchange, *trigger.Problem) error {
	value := compileInput(with, k.Members)
	return func(x *Exchange, p *trigger.Problem) error {
		v, err := value(&x.Frame)
		if err != nil {
			return ownFault(err)
		}
		text := codec.AppendJSON(nil, v)
		p.Members = text[1 : len(text)-1] // without its braces
		return nil
	}
}
