package routes

import (
	"context"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// validate ends the exchange with 422 unless all of its conditions hold; the problem lists all that do not.
type validate struct {
	rules []*rule
}

// rule is one condition, the field of the request that it speaks of, and what to say.
type rule struct {
	that, field, detail config.Text

	cond    *expr.Expr
	invalid trigger.Invalid
}

// Spec declares the fields of "- validate:".
func (v *validate) Spec(o *spec.Object) {
	o.List("validate", func() func(*spec.Object) {
		r := &rule{}
		v.rules = append(v.rules, r)
		return r.Spec
	}).Required().Doc("Conditions; all of them are tried, and the problem lists those that do not hold.")
}

// Spec declares the fields of a rule.
func (r *rule) Spec(o *spec.Object) {
	o.Text("that", &r.that).Required().Doc("The condition that must hold.")
	o.Text("field", &r.field).Required().Doc("The field of the body or the parameter that is wrong otherwise.").Example("posizione.lat")
	o.Text("detail", &r.detail).Required().Doc("What was expected, for the caller.")
}

// Check types the conditions and finds the fields.
func (v *validate) Check(s *Scope) {
	for _, r := range v.rules {
		r.cond = s.Condition(r.that, "that")
		r.invalid = s.field(r.field)
		r.invalid.Detail = r.detail.Value
	}
	for _, r := range v.rules {
		s.Names = assume(r.cond, true, s.Names) // for the steps after it
	}
	s.node.Outcomes = []Outcome{{If: "a condition does not hold", Seen: s.problem(422, statusText(422))}}
}

// field finds what a rule speaks of: a parameter by its name, a field of the body or of a sub-route's input by its
// path. The first word may say which: body, input, path, query, header, cookie.
func (s *Scope) field(t config.Text) trigger.Invalid {
	first, rest, dotted := strings.Cut(t.Value, ".")
	root := s.Names.Lookup("body")
	if root == nil {
		root = s.Names.Lookup("input")
	}
	if dotted && root != nil && first == root.Name {
		return s.pointer(t, root.Type, rest)
	}
	var known []string
	for i, place := range places {
		for _, p := range s.route.Model.params[i].List {
			if p.Name == t.Value || dotted && first == place && p.Name == rest {
				return trigger.Invalid{Parameter: p.Name}
			}
			known = append(known, p.Name)
		}
	}
	if root != nil && (root.Type.Kind == schema.KindUnknown || root.Type.Index(first) >= 0) {
		return s.pointer(t, root.Type, t.Value)
	}
	if root != nil {
		for _, f := range root.Type.Fields {
			known = append(known, f.Name)
		}
	}
	s.Report(diag.UnknownName, t, "the request has no field or parameter %q", t.Value).WithNearest(t.Value, known)
	return trigger.Invalid{}
}

// pointer follows a path of names through records and returns its JSON Pointer.
func (s *Scope) pointer(t config.Text, in *schema.Type, path string) trigger.Invalid {
	pointer := "#"
	for name := range strings.SplitSeq(path, ".") {
		if in.Kind == schema.KindRecord {
			i := in.Index(name)
			if i < 0 {
				s.Report(diag.UnknownMember, t, "the request has no field %q", t.Value)
				break
			}
			in = in.Fields[i].Type
		}
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
	}
	return trigger.Invalid{Pointer: pointer}
}

// Compile tries all conditions.
func (v *validate) Compile(*Builder) Run {
	conds := make([]expr.Eval, len(v.rules))
	invalid := make([]trigger.Invalid, len(v.rules))
	for i, r := range v.rules {
		conds[i], invalid[i] = r.cond.Compile(), r.invalid
	}
	return func(_ context.Context, x *Exchange) error {
		var wrong []trigger.Invalid
		for i, cond := range conds {
			holds, err := cond(&x.Frame)
			if err != nil {
				return err
			}
			if !holds.Bool() {
				wrong = append(wrong, invalid[i])
			}
		}
		if wrong == nil {
			return nil
		}
		return &trigger.Problem{Status: 422, Detail: "The request does not hold what it must.", Errors: wrong}
	}
}
