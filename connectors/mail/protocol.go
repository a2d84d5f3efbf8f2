// Package mail sends messages by SMTP, and watches mailboxes by IMAP. What a message holds stands in the connector, so that routes are
// checked without a server.
package mail

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/transform"
	"fondaco/transform/typing"
)

// Protocol is mail.
var Protocol = &connectors.Protocol{
	Name:          "mail",
	Title:         "Mail",
	Spec:          connectorSpec,
	OperationSpec: operationSpec,
	Describe:      describe,
	Addresses:     addresses,
	Open:          open,
	WatchSpec:     watchSpec,
	Watch:         watch,
	Simulate:      simulated,
}

// wire is what a connector says under mail:.
type wire struct {
	smtp, imap     config.Ref
	user, password config.Ref
	token          *tokens // nil for a password
	tls            string
	ca             config.Ref
	from           config.Ref
}

func addresses(c *connectors.Connector) []config.Ref {
	w, ok := c.Wire.(*wire)
	if !ok {
		return nil
	}
	var all []config.Ref
	for _, r := range []config.Ref{w.smtp, w.imap} {
		if !r.IsZero() {
			all = append(all, r)
		}
	}
	if w.token != nil {
		all = append(all, w.token.url)
	}
	return all
}

// The words of tls.
const tlsOff = "off"

func connectorSpec(o *spec.Object, c *connectors.Connector) {
	w, ok := c.Wire.(*wire)
	if !ok {
		w = &wire{}
		c.Wire = w
	}
	o.Ref("smtp", &w.smtp, connectors.Spaces...).
		Doc("The server to which messages are sent: smtp://HOST:PORT, with STARTTLS, or smtps://HOST:PORT, where TLS begins with the " +
			"connection. Without a port 587, or 465.").Example("${param.smtp}")
	o.Ref("imap", &w.imap, connectors.Spaces...).
		Doc("The server whose mailboxes are watched: imap://HOST:PORT, with STARTTLS, or imaps://HOST:PORT, where TLS begins with the " +
			"connection. Without a port 143, or 993.").Example("${param.imap}")
	o.Ref("user", &w.user, connectors.Spaces...).Doc("The user as whom we log in.").Example("${param.user}")
	o.Ref("password", &w.password, connectors.Spaces...).Doc("The user's password.").Example("${param.password}")
	o.Object("oauth2", func(o *spec.Object) {
		if w.token == nil {
			w.token = &tokens{}
		}
		w.token.spec(o)
	}).Doc("Instead of a password, a token by OAuth 2 client credentials (RFC 6749 §4.4), which is sent by XOAUTH2, as Exchange Online " +
		"and Gmail ask for.")
	o.Enum("tls", &w.tls, "verify", tlsOff).
		Doc("verify: the connection is encrypted, and the server's certificate is checked; a server that " +
			"offers no TLS gets nothing. off: neither.").Default("verify, and off of a server on this machine")
	o.Ref("ca", &w.ca, connectors.Spaces...).Doc("The authorities in PEM that are trusted instead of the machine's.")
	o.Ref("from", &w.from, connectors.Spaces...).Doc("Who sends messages whose operation does not say it.").
		Example("Comune di Venezia <urp@comune.example>")
}

// op is what an operation says for itself, and what describe makes of it.
type op struct {
	said       bool // it has send:
	parameters []entry
	to, cc, bcc,
	from, replyTo, bounces,
	subject, text, html,
	inReplyTo, references,
	attachments transform.Mapping
	automatic string
	size      int64
	most      int

	letter *letterTemplate // nil if it cannot be sent
}

// entry is a parameter with its schema.
type entry struct {
	key   config.Text
	value *config.Node
}

// Bounds of a message.
const (
	defaultSize = 25 << 20
	defaultMost = 100
)

// The words of automatic.
const (
	automaticReply     = "replied"
	automaticGenerated = "generated"
	automaticNo        = "no"
)

func operationSpec(o *spec.Object, operation *connectors.Operation) {
	p, ok := operation.Wire.(*op)
	if !ok {
		p = &op{size: defaultSize, most: defaultMost}
		operation.Wire = p
	}
	o.Entries("parameters", typing.Schema(), func(key config.Text, value *config.Node, _ *diag.List) {
		p.parameters = append(p.parameters, entry{key, value})
	}).AnyKeys().Doc("The parameters of the message, and their schemas: what send: calls input. required: false lets one be absent.")
	o.Object("send", func(o *spec.Object) {
		p.said = true
		p.spec(o)
	}).Doc("The message that is sent: texts with holes over input. Nothing of a value can become a header or an address of its own.")
	o.Size("max_size", &p.size).Doc("How large a message may be, with its attachments as they are.").Default("25MiB")
	o.Int("max_recipients", &p.most).Range(1, 10_000).Doc("How many recipients a message may have, in to, cc and bcc together.").Default("100")
}

func (p *op) spec(o *spec.Object) {
	o.Var("to", &p.to).Doc("To whom: an address, or a list of addresses. One that is written with a name is Anna Bianchi <anna@example.org>.").
		Example("${input.email}")
	o.Var("cc", &p.cc).Doc("Who gets a copy, likewise.")
	o.Var("bcc", &p.bcc).Doc("Who gets a copy of which the others do not know, likewise.")
	o.Var("from", &p.from).Doc("Who sends it.").Default("from of the connector")
	o.Var("reply_to", &p.replyTo).Doc("Where answers go, if not to from.")
	o.Var("bounces", &p.bounces).
		Doc("Where it is reported that a message could not be delivered: the sender of the envelope. none for nowhere.").
		Default("from, without the name")
	o.Var("subject", &p.subject).Required().Doc("The subject.").Example("Segnalazione ${input.numero}")
	o.Var("text", &p.text).Doc("The message as plain text.").RequiredUnless("html")
	o.Var("html", &p.html).Doc("The message as HTML. Values in it are escaped as their place asks for, as text, in attributes and in links; " +
		"those that begin with another scheme than http, https or mailto are not links.").
		Example("<p>Gentile ${input.nome}, …</p>")
	o.Var("in_reply_to", &p.inReplyTo).Doc("The Message-ID of the message that is answered. The answer is then in its thread.").
		Example("${input.messaggio}")
	o.Var("references", &p.references).Doc("A list of the Message-IDs of the thread, the oldest first; that of in_reply_to is added.")
	o.Var("attachments", &p.attachments).Doc("A list of files, each with a name, a type and its content, which is octets.").
		Example("${input.allegati}")
	o.Enum("automatic", &p.automatic, automaticReply, automaticGenerated, automaticNo).
		Doc("What Auto-Submitted says (RFC 3834), so that no automatic answer comes back: that it is an automatic reply, that a program " +
			"made it, or no for nothing, as a person has written it.").Default("replied with in_reply_to, otherwise generated")
}
