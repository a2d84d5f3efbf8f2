package connectors

import (
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// Session is what a connector says of a system that wants a log-in first, and its ticket with every other call.
type Session struct {
	Login  config.Text       // the operation that returns the ticket
	With   transform.Mapping // its input, over the parameters
	Ticket transform.Mapping // the ticket, over its answer
	Send   config.Text       // the input field of the other operations that carries the ticket, or its name in the place In
	In     string            // header, query or cookie, where no operation's description has the ticket; "" for an input field
	Keep   time.Duration     // how long a ticket is used at most
	Pos    diag.Pos

	places       [3]config.Text // of the places In
	login        *Operation
	with, ticket *transform.Typed
	params       *schema.Type
	withSize     int
	ticketSize   int
}

// defaultKeep is how long a ticket is used that no answer has refused.
const defaultKeep = 20 * time.Minute

func (s *Session) spec(o *spec.Object) {
	s.Keep = defaultKeep
	o.Text("login", &s.Login).Required().Doc("The operation that logs in.").Example("Login")
	o.Var("with", &s.With).Required().Doc("What it is sent, over param.").
		Example("{ Username: \"${param.username}\", Password: \"${param.password}\" }")
	o.Var("ticket", &s.Ticket).Required().Doc("The ticket, over the answer of login.").Example("${answer.return.strDST}")
	o.Alternative("send", spec.Text(&s.Send), spec.Of(func(o *spec.Object) {
		o.Text("header", &s.places[0]).Doc("The header that carries the ticket.").Example("X-Token")
		o.Text("query", &s.places[1]).Doc("Or the query parameter.")
		o.Text("cookie", &s.places[2]).Doc("Or the cookie.").Example("JSESSIONID")
	})).Required().Doc("The input field of the other operations that carries the ticket; over HTTP also a place that their description does " +
		"not have as a field, as where a document's security scheme puts it. Routes do not write it. An HTTP bearer is " +
		"send: { header: Authorization } with ticket: \"Bearer ${answer.token}\".").
		Example("DSTLogin").Example("{ header: X-Token }")
	o.Duration("keep", &s.Keep).Doc("How long a ticket is used. An answer that refuses it (fails: as: session) ends it at once: the call " +
		"is then made again, once, after a new log-in.").Default("20m")
}

// sessionPlaces are the names of Session.In.
var sessionPlaces = [3]string{"header", "query", "cookie"}

// settle finds the place of the ticket, and reports what is wrong with it.
func (s *Session) settle(c *Connector, at *config.Node, out *diag.List) {
	if !at.Is(config.NodeMap) {
		return
	}
	for i, place := range s.places {
		switch {
		case place.Value == "":
		case s.In != "":
			place.Report(out, diag.BadConnector, "the ticket has one place, found %s and %s", s.In, sessionPlaces[i])
		default:
			s.In, s.Send = sessionPlaces[i], place
		}
	}
	switch {
	case s.In == "":
		at.Report(out, diag.BadConnector, "send says no place").WithHint("write { header: NAME }, { query: NAME } or { cookie: NAME }")
	case c.Protocol != nil && !c.Protocol.Tickets:
		at.Report(out, diag.BadConnector, "send: { %s } is not supported by %s, expected the name of an input field", s.In, c.Protocol.Name)
	}
}

// check types the session, once the operations have their types, and takes the ticket's field out of the inputs.
func (s *Session) check(c *Connector, out *diag.List) {
	s.login = c.Operation(s.Login.Value)
	if s.login == nil {
		s.Login.Report(out, diag.UnknownOperation, "the connector has no operation %q", s.Login.Value).
			WithNearest(s.Login.Value, c.OperationNames())
		return
	}
	if s.login.Input.Kind == schema.KindUnknown || s.login.Output.Kind == schema.KindUnknown {
		return
	}
	s.params = c.ParamsType()
	scope := c.Scope()
	scope.Declare("param", s.params)
	s.with = s.With.Check(scope, out)
	s.with.Fit(s.login.Input, s.Login.Value, out)
	s.withSize = scope.Size()
	scope = c.Scope()
	scope.Declare("answer", s.login.Output)
	s.ticket = s.Ticket.Check(scope, out)
	s.ticket.Fit(schema.TypeText, "ticket", out)
	s.ticketSize = scope.Size()
	taken := 0
	var near []string
	for _, op := range c.Operations {
		if op == s.login || op.Input.Kind != schema.KindRecord {
			continue
		}
		for _, f := range op.Input.Fields {
			near = append(near, f.Name)
		}
		if op.withoutTicket(s.Send.Value) {
			taken++
		}
	}
	if taken == 0 && s.In == "" && len(c.Operations) > 1 && s.Send.Value != "" { // else it is missing, which is reported
		s.noField(c, near, out)
	}
}

// noField reports that no operation has the ticket's input field, of those that are near.
func (s *Session) noField(c *Connector, near []string, out *diag.List) {
	p := s.Send.Report(out, diag.BadConnector, "no operation has an input field %q", s.Send.Value).WithNearest(s.Send.Value, near)
	if !c.Protocol.Tickets {
		return
	}
	if p.Hint != "" {
		p.Hint += " "
	}
	p.WithHint("%swhere the description of the operations does not have it, write send: { header: %s }, { query: … } or { cookie: … }", p.Hint,
		s.Send.Value)
}

// withoutTicket takes the ticket's field out of the operation's input: it is ours to send.
func (op *Operation) withoutTicket(field string) bool {
	at := op.Input.Index(field)
	if at < 0 {
		return false
	}
	op.full = op.Input
	t := *op.Input
	t.Fields = append(append([]schema.Field(nil), t.Fields[:at]...), t.Fields[at+1:]...)
	op.Input = (&schema.Type{Kind: t.Kind, Name: t.Name, Doc: t.Doc, Fields: t.Fields, Open: t.Open}).Seal()
	return true
}

// Wired returns the type of the operation's input as the protocol has described it: with the session's ticket, which
// Input is without.
func (op *Operation) Wired() *schema.Type {
	if op.full != nil {
		return op.full
	}
	return op.Input
}

// sending returns the input of a call with the ticket in it.
func (op *Operation) sending(in schema.Value, field, ticket string) schema.Value {
	slots := schema.Slots(op.full)
	for i, f := range op.full.Fields {
		if f.Name == field {
			slots[i+1] = schema.Text(ticket)
		} else {
			slots[i+1] = in.Get(f.Name)
		}
	}
	return schema.Record(op.full, slots)
}

// credentials returns the input of login with the system's parameters.
func (s *Session) credentials(sys *System) (schema.Value, error) {
	params, err := sys.ParamValues(s.params)
	if err != nil {
		return schema.Value{}, err
	}
	frame := expr.Frame{Slots: make([]schema.Value, s.withSize), Budget: failBudget}
	frame.Slots[0] = params
	return s.with.Compile(s.login.Input)(&frame)
}
