package routes

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// fail ends the exchange with a problem: one of its own, or the one of a kind of fault.
type fail struct {
	word   config.Text // a kind of fault
	named  config.Text // a problem of fondaco.yaml
	status failStatus
	listed statusList // what a computed status may be
	title  config.Text
	detail transform.Mapping
	typ    config.Text
	soap   config.Text // an element that the WSDL declares for faults of the route's operation
	data   transform.Mapping
	with   problemMembers
	own    problemBody

	text     *transform.Typed     // of detail, nil without
	fault    connectors.FaultKind // of word, 0 without
	declared *declaredFault       // of soap, nil without
	kind     *NamedProblem        // of named, nil without
}

// Spec declares the fields of "- fail:".
func (f *fail) Spec(o *spec.Object) {
	o.Alternative("fail", spec.Text(&f.word), spec.Of(func(o *spec.Object) {
		o.Text("problem", &f.named).Doc("A problem under problems: in fondaco.yaml, in place of status, title and type.").
			Example("non-pagabile")
		o.Var("status", &f.status).RequiredUnless("problem").Doc("The HTTP status, from 400 to 599, or an expression for it, with statuses " +
			"beside it; in an answer of SOAP, whose fault it is: below 500 the caller's, else ours.")
		o.Var("statuses", &f.listed).Doc("What a computed status may be: the documents list these, and another one is an error of ours, 500.").
			Example("[409, 422]")
		o.Text("title", &f.title).Doc("The kind of problem in words, the same every time.")
		o.Var("detail", &f.detail).Doc("What happened this time; a text with holes.")
		o.Text("type", &f.typ).Doc("A URI that identifies the kind of problem.")
		o.Text("soap", &f.soap).Doc("In a route that answers SOAP: the element, declared by the WSDL, that the fault's detail holds.")
		o.Var("data", &f.data).Doc("What that element holds.")
		o.Var("with", &f.with).Doc("Further members of the problem (RFC 9457 §3.2), a mapping. A problem's own are written by us.").
			Example("{ saldo: \"${conto.saldo}\" }")
		o.Var("body", &f.own.mapping).Doc("A body of another form, in place of the problem; title is for logs and documents then.").
			Example("{ errore: \"${esito.codice}\" }")
		o.Text("content", &f.own.content).Doc("The media type of a body of bytes or text, as text/plain; without it the body is JSON.")
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
		f.status.fixed, f.title.Value = StatusOf(f.fault)
	}
	f.checkNamed(s)
	f.checkStatus(s)
	f.with.check(s)
	f.fitNamed(s)
	f.own.check(s, f)
	if !f.detail.IsZero() {
		f.text = s.Map(&f.detail)
		if k := f.text.Type.Kind; k != schema.KindText && k != schema.KindUnknown || f.text.Type.Nullable && k == schema.KindText {
			f.text.Fit(schema.TypeText, "the detail", s.check.out)
		}
	}
	f.checkSOAP(s)
	s.node.Title, s.node.Outcomes = "", nil
	what := f.what()
	for _, status := range f.mayBe() {
		title := cmp.Or(what.Title, statusText(status))
		cause := "it is reached"
		if s.node.Title == "" {
			s.node.Title = strconv.Itoa(status) + " " + title
		} else {
			s.node.Title += ", " + strconv.Itoa(status) + " " + title
		}
		if f.named.Value == "" && !f.status.of.IsZero() {
			cause += ", and the status is " + strconv.Itoa(status)
		}
		seen := s.escape(escape{status: status, title: title, formed: f.own.typed != nil})
		if what.Type != "" {
			seen += ", type " + what.Type
		}
		s.node.Outcomes = append(s.node.Outcomes, Outcome{If: cause, Seen: seen})
		f.with.describe(s, status)
		f.own.describe(s, status)
	}
	s.ends = true
}

// Compile makes the problem; only its detail is computed.
func (f *fail) Compile(*Builder) Run {
	problem := f.what()
	problem.Detail = faultProblems[f.fault].detail
	var detail expr.Eval
	if f.text != nil {
		detail = f.text.Compile(schema.TypeText)
	}
	data := f.declared.compile()
	status, with, own := f.compileStatus(), f.with.compile(), f.own.compile()
	return func(_ context.Context, x *Exchange) error {
		p := problem
		if err := status(x, &p); err != nil {
			return err
		}
		if err := with(x, &p); err != nil {
			return err
		}
		if err := own(x, &p); err != nil {
			return err
		}
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
