package routes

import (
	"fmt"
	"strings"
	"time"

	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
)

// bySOAP starts a route by a call of an operation of a service.
type bySOAP struct{}

func (bySOAP) key() string { return "soap" }

func (bySOAP) said(d *RouteModel) bool { return d.SOAP.Value != "" }

func (bySOAP) spec(d *RouteModel, o *spec.Object) {
	o.Text("soap", &d.SOAP).
		Doc("The operation of a service of fondaco.yaml that it answers: body is its input, and respond is its output. " +
			"Where the connector has signature, signer is who signed: subject, issuer, fingerprint, key.").
		Example("pagopa.paVerifyPaymentNotice")
}

func (bySOAP) read(*RouteModel, *diag.List) {}

// check also finds the operation that the route answers.
func (bySOAP) check(c *checker, r *TypedRoute) {
	d := r.Model
	c.takesNoRequest(d, "soap", "what it is given is body, of the operation's input")
	if d.auth.given {
		c.out.Report(diag.BadRoute, d.Auth.Pos, "the route has auth and soap; who may call is said by the service in fondaco.yaml")
	}
	for key, said := range map[string]bool{"limits": d.MaxBody != 0 || d.MaxAnswer != 0, "rate": d.Rate.Count != 0} {
		if said {
			d.SOAP.Report(c.out, diag.BadRoute, "the route has %s and soap; that is said by the service in fondaco.yaml", key)
		}
	}
	if d.Async {
		d.SOAP.Report(c.out, diag.BadRoute, "the route has accept: async and soap; a SOAP operation is answered once its steps have ended")
	}
	name, operation, ok := strings.Cut(d.SOAP.Value, ".")
	if !ok || name == "" || operation == "" {
		d.SOAP.Report(c.out, diag.BadValue, "found %q, expected service.operation", d.SOAP.Value)
		return
	}
	s := c.model.Service(name)
	if s == nil && c.model.unsaid(len(c.model.Services)) {
		return
	}
	if s == nil {
		var all []string
		for _, s := range c.model.Services {
			all = append(all, s.Name)
		}
		c.out.Report(diag.UnknownSystem, d.SOAP.Pos, "the project has no service %q", name).WithLen(len(name)).WithNearest(name, all)
		return
	}
	if s.System.Connector == nil || s.System.Connector.Unread {
		return
	}
	op := s.System.Connector.Operation(operation)
	if op == nil {
		c.out.Report(diag.UnknownOperation, d.SOAP.At(len(name)+1), "%s has no operation %q", name, operation).WithLen(len(operation)).
			WithNearest(operation, s.System.Connector.OperationNames())
		return
	}
	for _, other := range c.typed.SOAP {
		if other != r && other.serves == op && other.service == s {
			d.SOAP.Report(c.out, diag.DuplicateRoute, "the route %q answers %s already, at %s",
				other.Model.ID.Value, d.SOAP.Value, other.Model.ID.Pos)
		}
	}
	r.service, r.serves = s, op
}

func (bySOAP) bring(r *TypedRoute, s *Scope) {
	if r.serves == nil { // which is reported
		s.given("body", schema.TypeUnknown)
		s.given("user", schema.TypeUnknown)
	} else {
		r.bodySlot = s.given("body", r.serves.Input)
		r.bodyUse = s.Names.Lookup("body").Use
		if !r.service.Auth.None {
			r.knows(s, r.service.Auth)
		}
	}
	r.signs(s)
}

func (bySOAP) list(t *Typed) *[]*TypedRoute { return &t.SOAP }

func (bySOAP) compile(b *Builder, t *Typed) { b.hosts(t) }

func (bySOAP) messages() bool { return false }

func (bySOAP) own() bool { return false }

func (bySOAP) title(r *TypedRoute) string { return "answers " + r.Model.SOAP.Value }

func (bySOAP) about(r *TypedRoute, _ time.Time) []string {
	s := r.service
	return []string{
		fmt.Sprintf("service: POST %s, its description at %s?wsdl", s.Path.Value, s.Path.Value),
		"auth: " + s.Auth.whoMayCall(),
		"body: " + r.serves.Input.Whole(),
	}
}
