package mail

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/mail/smtp"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// refusedType is a recipient whom the server did not take.
var refusedType = schema.RecordType(
	schema.Field{Name: "address", Type: &schema.Type{Kind: schema.KindText, Personal: true}, Required: true},
	schema.Field{Name: "code", Type: schema.TypeInt, Required: true},
	schema.Field{Name: "status", Type: schema.TypeText},
	schema.Field{Name: "text", Type: &schema.Type{Kind: schema.KindText, Personal: true}, Required: true},
)

// sentType is the answer of an operation.
var sentType = schema.RecordType(
	schema.Field{Name: "message_id", Type: schema.TypeText, Required: true, Doc: "The Message-ID: answers refer to it."},
	schema.Field{Name: "refused", Type: schema.ListOf(refusedType), Required: true, Doc: "Recipients whom the server did not take."},
)

// faultDetail is what fails reads of a fault besides its code, its subcode and its text.
var faultDetail = schema.RecordType(schema.Field{Name: "recipient", Type: &schema.Type{Kind: schema.KindText, Personal: true}})

// describe sets the types of every operation.
func describe(c *connectors.Connector, out *diag.List) {
	w, ok := c.Wire.(*wire)
	if !ok {
		return
	}
	c.CheckRefs(out, w.smtp, w.imap, w.user, w.password, w.ca, w.from)
	c.CheckSecret(out, "password", w.password)
	c.CheckAddress(w.smtp, func(text string) error { _, err := parseAddress(text, smtpSchemes); return err }, out)
	c.CheckAddress(w.imap, func(text string) error { _, err := parseAddress(text, imapSchemes); return err }, out)
	if w.from.IsLiteral() && w.from.Text.Value != "" {
		if _, err := smtp.ParseAddress(w.from.Text.Value); err != nil {
			w.from.Text.Report(out, diag.BadValue, "from: %v", err)
		}
	}
	if w.token != nil {
		w.token.check(c, out)
		if !w.password.IsZero() {
			w.password.Text.Report(out, diag.BadConnector, "found password and oauth2, expected one of them")
		}
	}
	if (w.token != nil || !w.password.IsZero()) && w.user.IsZero() && !c.Unread && !c.Partly {
		out.Report(diag.MissingField, c.Pos, "mail: there is a password or oauth2, and no user").WithHint("write user:")
	}
	types := typing.NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(c.FS, file, out, at) }, out).In(c.Zone)
	for _, operation := range c.Operations {
		p, ok := operation.Wire.(*op)
		if !ok {
			p = &op{}
			operation.Wire = p
		}
		p.describe(operation, w, c.Unread, types, out)
	}
	for _, watch := range c.Watches {
		x, ok := watch.Wire.(*watched)
		if !ok {
			x = newWatched()
			watch.Wire = x
		}
		x.describe(watch, w, c.Unread || watch.Unread, out)
	}
}

func (p *op) describe(operation *connectors.Operation, w *wire, unread bool, types *typing.Reader, out *diag.List) {
	if operation.Input != nil {
		report(operation, out, "input belongs to operations with of:").WithHint("write what the message is made of under parameters:")
		return
	}
	operation.Input = record(types, p.parameters)
	operation.Output = sentType
	operation.FaultDetail, operation.SaysFaults = faultDetail, true
	if !p.said {
		if !operation.Unread {
			report(operation, out, "the operation does not say what is sent").WithHint("write send:, with to:, subject: and text:")
		}
		return
	}
	if operation.Effect == connectors.Read {
		report(operation, out, "its effect is read, and it sends a message").
			WithHint("write effect: once, or effect: idempotent if it may come twice")
	}
	unread = unread || operation.Unread
	switch {
	case p.to.IsZero() && p.cc.IsZero() && p.bcc.IsZero() && !unread:
		report(operation, out, "the message has no recipient").WithHint("write to:, cc: or bcc:")
	case p.from.IsZero() && w.from.IsZero() && !unread:
		report(operation, out, "nothing says who sends the message").WithHint("write from: here, or under mail:")
	case w.smtp.IsZero() && !unread:
		report(operation, out, "the connector does not say to which server messages are sent").WithHint("write smtp: under mail:")
	}
	p.letter = p.compiled(operation, out)
}

// record is the type of the parameters.
func record(types *typing.Reader, entries []entry) *schema.Type {
	var fields []schema.Field
	for _, e := range entries {
		t := types.Read(e.value, "required")
		required := true
		if n := e.value.Get("required"); n != nil {
			required = n.Text.Value != "false"
		}
		fields = append(fields, schema.Field{Name: e.key.Value, Type: t, Required: required, Doc: t.Doc})
	}
	return schema.RecordType(fields...)
}

func report(operation *connectors.Operation, out *diag.List, message string) *diag.Problem {
	return out.Report(diag.BadConnector, operation.Pos, "%s: %s", operation.Name, message).WithLen(len(operation.Name))
}
