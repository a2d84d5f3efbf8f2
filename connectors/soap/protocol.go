// Package soap speaks SOAP 1.1 and 1.2 with systems that a WSDL describes, read when the project is: no code is
// generated, and no address is ever fetched. It holds the protocol's entry, calls, services, simulators and the making of connectors; what
// a WSDL says is read by package wsdl, schemas and the values of messages are the business of package xsd, signatures of package wss.
package soap

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/transport"
)

// Protocol is SOAP over HTTP.
var Protocol = &connectors.Protocol{
	Name:          "soap",
	Title:         "SOAP with a WSDL",
	Spec:          connectorSpec,
	OperationSpec: operationSpec,
	Describe:      describe,
	Addresses:     addresses,
	Open:          open,
	Simulate:      transport.Simulate(played),
	Sample:        sample,
	Serve:         offer,
	Signed:        signed,
}

// wire is what a connector says under soap:.
type wire struct {
	wsdl          config.Text
	access        transport.Access
	service, port config.Text
	version       string
	catalog       map[string]config.Text // files of the connector, by address
	tolerant      bool
	mtom          bool
	user          config.Ref
	password      config.Ref
	digest        bool
	timestamp     bool
	addressing    bool
	signature     signature

	file   string   // of the WSDL in the project
	soap   string   // the version that is supported
	speaks []string // the versions that a server of it speaks

	exceeded  bool            // the schemas stand for more than the budget admits, which was reported
	documents *wsdl.Documents // the files that describe it, nil if they cannot be read
}

func connectorSpec(o *spec.Object, c *connectors.Connector) {
	w, ok := c.Wire.(*wire)
	if !ok {
		w = &wire{}
		c.Wire = w
	}
	o.Text("wsdl", &w.wsdl).Required().Doc("The service's WSDL in the connector's folder; its schemas lie where it says.").
		Example("wsdl/verbali.wsdl")
	o.Text("service", &w.service).Doc("The service in the WSDL.").Default("the first")
	o.Text("port", &w.port).Doc("Its port.").Default("the first that speaks SOAP")
	o.Enum("version", &w.version, "1.1", "1.2").Doc("The version of SOAP: the port is then the first that speaks it.")
	w.catalog = map[string]config.Text{}
	o.Entries("catalog", spec.Schema{"type": "string"}, func(key config.Text, value *config.Node, out *diag.List) {
		if !value.Is(config.NodeText) {
			value.Report(out, diag.WrongType, "found %s, expected a file of the connector's folder", value.Found())
			return
		}
		w.catalog[key.Value] = value.Text
	}).AnyKeys().Doc("Files of the connector's folder that stand for the addresses which the WSDL and its schemas import; nothing is " +
		"ever fetched.").
		Example("{ \"http://www.w3.org/2000/09/xmldsig#\": xsd/xmldsig.xsd }")
	o.Bool("tolerant", &w.tolerant).Doc("Take answers that are not as the schema says: elements in another namespace or order, more or " +
		"fewer of them, empty dates and numbers, other media types. All fields of answers are then optional, one that is wrong is absent, and " +
		"what is tolerated is counted (fondaco_tolerated_total).")
	o.Bool("mtom", &w.mtom).Doc("Send octets beside the envelope (MTOM) instead of as base64 in it. Answers may come in either way.")
	o.Object("username_token", func(o *spec.Object) {
		o.Ref("username", &w.user, connectors.Spaces...).Required().Doc("The user.")
		o.Ref("password", &w.password, connectors.Spaces...).Required().Doc("The password.")
		o.Bool("digest", &w.digest).Doc("Send a digest of the password, with nonce and date, instead of the password.")
	}).Doc("WS-Security: a user in the header of each message.")
	o.Bool("timestamp", &w.timestamp).Doc("WS-Security: say when a message was made and that it is good for five minutes.")
	o.Bool("addressing", &w.addressing).Doc("WS-Addressing 1.0: say To, Action, MessageID and ReplyTo. An answer to another message " +
		"is refused.")
	w.signature = signature{}
	o.Object("signature", w.signature.spec).Doc("WS-Security: messages are signed with X.509, as ModI has it or as parts says. Of what " +
		"comes only what was signed is read.")
	w.access.Spec(o, "The address of the service; the one in the WSDL is not used.")
}

// addresses lists what says where a system is.
func addresses(c *connectors.Connector) []config.Ref {
	w, ok := c.Wire.(*wire)
	if !ok {
		return nil
	}
	return w.access.Addresses()
}

// op is what an operation says for itself, and what describe makes of it.
type op struct {
	operation config.Text // in the WSDL
	action    config.Text
	nestings  []*nesting
	required  []config.Text // header entries that callers must give

	name    string     // in the WSDL
	header  string     // the value of SOAPAction
	in, out *wsdl.Body // nil if they could not be read
	faults  []wsdl.Fault
}

func operationSpec(o *spec.Object, operation *connectors.Operation) {
	p, ok := operation.Wire.(*op)
	if !ok {
		p = &op{}
		operation.Wire = p
	}
	o.Text("operation", &p.operation).Doc("The operation in the WSDL; the name by which routes call it if it is not written. Of several " +
		"that share a name, one is NAME(INPUT), by the name of its input.")
	p.nestings = nil
	o.Map("documents", func(key config.Text) func(*spec.Object) {
		x := &nesting{field: key}
		p.nestings = append(p.nestings, x)
		return x.spec
	}).AnyKeys().Doc("Fields that hold an XML document of their own, in base64 or as text: by their path in input and output, what the " +
		"document is. They are then read and written as what is in it.")
	p.required = nil
	o.Texts("required_headers", &p.required).Doc("Header entries of the binding that callers must give, by their names: as what is " +
		"declared there only says what the service knows, callers may leave the others out.").Example("[SessionHeader]")
	o.Text("soap_action", &p.action).Doc("The SOAPAction to send instead of the WSDL's.")
}
