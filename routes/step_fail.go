package routes

import (
	"context"
	"fmt"
	"net/http"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// failStep ends the exchange with a problem.
type failStep struct {
	kind   connectors.FaultKind // fail: not-found
	status int
	uri    string
	title  string
	detail transform.Mapping
}

func (c *failStep) spec(o *fields) { o.Var("fail", &failure{o, c}) }

// failure reads a word or an object.
type failure struct {
	f *fields
	c *failStep
}

func (r *failure) Decode(n *config.Node, out *diag.List) {
	if n.Kind == config.NodeText {
		(connectors.KindWord{To: &r.c.kind}).Decode(n, out)
		return
	}
	spec.Decode(n, out, func(o *spec.Object) { r.declare(o) })
}

func (r *failure) declare(o *spec.Object) {
	inner := *r.f
	inner.Object = o
	o.Int("status", &r.c.status).Required().Range(400, 599).Doc("The HTTP status.")
	o.String("title", &r.c.title).Doc("The problem's title, the same each time.")
	inner.Mapping("detail", &r.c.detail).Doc("What happened this time; a text with holes.")
	o.String("type", &r.c.uri).Doc("A URI that names the kind of problem.")
}

func (r *failure) Schema() spec.Schema {
	return spec.Schema{"anyOf": []any{spec.Schema{"enum": connectors.FaultKinds()}, spec.ObjectSchema(r.declare)}}
}

// Check types the detail.
func (c *failStep) Check(s *Scope) *Step {
	st := s.new("fail", "", diag.Pos{})
	if c.kind != 0 {
		c.status = faultStatus(c.kind)
	}
	st.Title = fmt.Sprintf("%d %s", c.status, http.StatusText(c.status))
	s.route.fails[c.status] = true
	var detail *transform.Typed
	if !c.detail.IsZero() {
		detail = c.detail.Check(s.names, s.out)
		detail.Fit(schema.TypeText, "detail", s.out)
		if detail.Type.Secret {
			s.out.Report(diag.SecretLeak, c.detail.Pos(), "a secret would leave in detail")
		}
	}
	st.Outcomes = []Outcome{{"it is reached", "", st.Title}}
	st.compile = func(*builder) Run {
		var text expr.Eval
		if detail != nil {
			text = detail.Compile(schema.TypeText)
		}
		return func(_ context.Context, x *Exchange) error {
			p := &trigger.Problem{Status: c.status, Type: c.uri, Title: c.title}
			if text != nil {
				v, err := text(&x.Frame)
				if err != nil {
					return err
				}
				p.Detail = v.Str()
			}
			return p
		}
	}
	return st
}
