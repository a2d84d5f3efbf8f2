package routes

import (
	"context"
	"net/http"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// validateStep holds what the caller sent to rules. All that fail are told together, as 422.
type validateStep struct {
	rules []*rule
}

type rule struct {
	that, field config.Text
	detail      transform.Mapping
}

func (c *validateStep) spec(o *fields) {
	o.Var("validate", &rules{o, c})
}

// rules reads the list of rules.
type rules struct {
	f *fields
	c *validateStep
}

// Check types the rules.
func (c *validateStep) Check(s *Scope) *Step {
	st := s.new("validate", "", diag.Pos{})
	s.route.fails[http.StatusUnprocessableEntity] = true
	var conds []*expr.Expr
	var details []*transform.Typed
	for i, r := range c.rules {
		e := s.condition(r.that, "that")
		conds = append(conds, e)
		d := r.detail.Check(s.names, s.out)
		d.Fit(schema.TypeText, "detail", s.out)
		if d.Type.Secret {
			s.out.Report(diag.SecretLeak, r.detail.Pos(), "a secret would leave in detail")
		}
		details = append(details, d)
		if i > 0 {
			st.Title += "; "
		}
		st.Title += r.that.Value
		s.names = s.names.Assume(e.Facts(true))
	}
	st.Outcomes = []Outcome{{"a rule does not hold", "", "422 Unprocessable Content, naming the field"}}
	st.compile = func(*builder) Run {
		tests, texts := make([]expr.Eval, len(conds)), make([]expr.Eval, len(conds))
		for i := range conds {
			tests[i], texts[i] = conds[i].Compile(), details[i].Compile(schema.TypeText)
		}
		return func(_ context.Context, x *Exchange) error {
			var bad []trigger.Invalid
			for i, test := range tests {
				v, err := test(&x.Frame)
				if err != nil {
					return err
				}
				if v.Bool() {
					continue
				}
				d, err := texts[i](&x.Frame)
				if err != nil {
					return err
				}
				bad = append(bad, trigger.Invalid{Parameter: c.rules[i].field.Value, Detail: d.Str()})
				break // what follows may rest on what was asked here
			}
			if bad == nil {
				return nil
			}
			return &trigger.Problem{Status: http.StatusUnprocessableEntity, Detail: bad[0].Detail, Errors: bad}
		}
	}
	return st
}
