package routes

import (
	"context"
	"strconv"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// fail ends the exchange with a problem: one of its own, or the one of a kind of fault.
type fail struct {
	word   config.Text // a kind of fault
	status int
	title  config.Text
	detail transform.Mapping
	typ    config.Text
	soap   config.Text // an element that the WSDL declares for faults of the route's operation
	data   transform.Mapping

	text     *transform.Typed     // of detail, nil without
	fault    connectors.FaultKind // of word, 0 without
	declared *declaredFault       // of soap, nil without
}

// Spec declares the fields of "- fail:".
func (f *fail) Spec(o *spec.Object) {
	o.Alternative("fail", spec.Text(&f.word), spec.Of(func(o *spec.Object) {
		o.Int("status", &f.status).Range(400, 599).Required().
			Doc("The HTTP status; in an answer of SOAP, whose fault it is: below 500 the caller's, else ours.")
		o.Text("title", &f.title).Doc("The kind of problem in words, the same every time.")
		o.Var("detail", &f.detail).Doc("What happened this time; a text with holes.")
		o.Text("type", &f.typ).Doc("A URI that identifies the kind of problem.")
		o.Text("soap", &f.soap).Doc("In a route that answers SOAP: the element, declared by the WSDL, that the fault's detail holds.")
		o.Var("data", &f.data).Doc("What that element holds.")
	})).Required().Doc("A kind of fault, as not-found, or a problem with status, title, detail and type.")
}

// Check types the detail; nothing comes after a fail.
func (f *fail) Check(s *Scope) {
	if f.word.Value != "" {
		f.fault = connectors.FaultKindOf(f.word.Value)
		if f.fault == 0 {
			s.Report(diag.BadValue, f.word, "found %q, expected a kind of fault: %s", f.word.Value,
				strings.Join(connectors.FaultKinds(), ", ")).WithNearest(f.word.Value, connectors.FaultKinds())
			f.fault = connectors.Refused
		}
		f.status, f.title.Value = StatusOf(f.fault)
	}
	if !f.detail.IsZero() {
		f.text = s.Map(&f.detail)
		if k := f.text.Type.Kind; k != schema.KindText && k != schema.KindUnknown || f.text.Type.Nullable && k == schema.KindText {
			f.text.Fit(schema.TypeText, "the detail", s.check.out)
		}
	}
	f.checkSOAP(s)
	title := f.title.Value
	if title == "" {
		title = statusText(f.status)
	}
	s.node.Title = strconv.Itoa(f.status) + " " + title
	s.node.Outcomes = []Outcome{{If: "it is reached", Seen: s.problem(f.status, title)}}
	s.ends = true
}

// Compile makes the problem; only its detail is computed.
func (f *fail) Compile(*Builder) Run {
	problem := trigger.Problem{Detail: faultProblems[f.fault].detail, Status: f.status, Title: f.title.Value, Type: f.typ.Value}
	var detail expr.Eval
	if f.text != nil {
		detail = f.text.Compile(schema.TypeText)
	}
	data := f.declared.compile()
	return func(_ context.Context, x *Exchange) error {
		p := problem
		if detail != nil {
			v, err := detail(&x.Frame)
			if err != nil {
				return err
			}
			p.Detail = v.Str()
		}
		if data != nil {
			return data(x, &p)
		}
		return &p
	}
}
