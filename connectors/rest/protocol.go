// Package rest speaks HTTP with JSON: with systems described by an OpenAPI document, or by hand.
package rest

import (
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/transport"
	"fondaco/schema"
)

// Protocol is HTTP with JSON.
var Protocol = &connectors.Protocol{
	Name:          "rest",
	Title:         "HTTP with JSON",
	Spec:          connectorSpec,
	OperationSpec: operationSpec,
	Describe:      describe,
	Addresses:     addresses,
	Open:          open,
	Simulate:      transport.Simulate(played),
}

// wire is what a connector says under rest:.
type wire struct {
	endpoint  config.Ref
	openapi   config.Text
	auth      auth
	tls       tlsFiles
	headers   []header
	maxAnswer int64
}

// addresses lists what says where a system is.
func addresses(c *connectors.Connector) []config.Ref {
	w, ok := c.Wire.(*wire)
	if !ok {
		return nil
	}
	return []config.Ref{w.endpoint, w.auth.tokenURL}
}

type header struct {
	key   config.Text
	value config.Ref
}

type auth struct {
	user, password                   config.Ref
	bearer                           config.Ref
	keyHeader, keyQuery              string
	key                              config.Ref
	tokenURL, clientID, clientSecret config.Ref
	scopes                           []config.Text
}

type tlsFiles struct{ certificate, key, ca config.Ref }

var spaces = []string{"param", "env", "secret"}

func connectorSpec(o *spec.Object, c *connectors.Connector) {
	w, ok := c.Wire.(*wire)
	if !ok {
		w = &wire{}
		c.Wire = w
	}
	o.Ref("endpoint", &w.endpoint, spaces...).Required().Doc("The address that all paths begin with.").Example("${param.endpoint}")
	o.Text("openapi", &w.openapi).Doc("An OpenAPI document (3.0, 3.1 or Swagger 2) in the connector's folder; operations then name its operationId.")
	o.Object("auth", func(o *spec.Object) {
		o.Object("basic", func(o *spec.Object) {
			o.Ref("username", &w.auth.user, spaces...).Required().Doc("The user.")
			o.Ref("password", &w.auth.password, spaces...).Required().Doc("The password.")
		}).Doc("HTTP basic authentication.")
		o.Ref("bearer", &w.auth.bearer, spaces...).Doc("A bearer token.")
		o.Object("api_key", func(o *spec.Object) {
			o.String("header", &w.auth.keyHeader).Doc("The header that carries the key.")
			o.String("query", &w.auth.keyQuery).Doc("Or the query parameter.")
			o.Ref("value", &w.auth.key, spaces...).Required().Doc("The key.")
		}).Doc("An API key.")
		o.Object("oauth2", func(o *spec.Object) {
			o.Ref("token_url", &w.auth.tokenURL, spaces...).Required().Doc("Where tokens are given.")
			o.Ref("client_id", &w.auth.clientID, spaces...).Required().Doc("The client.")
			o.Ref("client_secret", &w.auth.clientSecret, spaces...).Required().Doc("Its secret.")
			o.Texts("scopes", &w.auth.scopes).Doc("What is asked for.")
		}).Doc("OAuth 2 client credentials (RFC 6749 §4.4).")
	}).Doc("How the system knows us.")
	o.Object("tls", func(o *spec.Object) {
		o.Ref("certificate", &w.tls.certificate, spaces...).Doc("Our certificate in PEM: a file of the project.")
		o.Ref("key", &w.tls.key, spaces...).Doc("Its key in PEM: a file of the project, or ${secret.x} with the key itself.")
		o.Ref("ca", &w.tls.ca, spaces...).Doc("The authorities that are trusted instead of the machine's.")
	}).Doc("Mutual TLS.")
	o.Entries("headers", spec.Schema{"type": "string"}, func(key config.Text, value *config.Node, out *diag.List) {
		w.headers = append(w.headers, header{key, config.ParseRefs(value.Text, spaces, out)})
	}).AnyKeys().Doc("Headers of every request.")
	o.Size("max_answer", &w.maxAnswer).Doc("How large an answer may be.").Default("10MiB")
}

// op is what an operation says for itself, and what describe makes of it.
type op struct {
	operation    config.Text // operationId
	method       string
	path         config.Text
	broken       bool            // the path is reported, and nothing follows from its absence
	in           [4]*config.Node // schemas of path, query, header parameters, and the body, by hand
	answer       *config.Node
	success      *config.Node
	answerHeader *config.Node

	params    []param
	segments  []segment
	body      bodyPlace
	bodyType  *schema.Type
	bodyMedia string
	statuses  []int // of success
	headers   []answerHeader
	output    *schema.Type // of the body alone
}

type param struct {
	name  string
	in    string // path, query or header
	field int    // in the operation's input
	t     *schema.Type
	comma bool // a list in one value, separated by commas
}

type segment struct {
	text  string
	param int // in params, -1 for fixed text
}

type answerHeader struct {
	name     string // canonical
	field    string
	t        *schema.Type
	required bool
}

// bodyPlace says where the body's fields are in the input.
type bodyPlace uint8

const (
	noBody    bodyPlace = iota
	flatBody            // its fields are fields of the input
	fieldBody           // it is the input's field "body"
)

// The places of in.
const (
	inPath = iota
	inQuery
	inHeaders
	inBody
)

var methods = []string{"get", "post", "put", "patch", "delete"}

func operationSpec(o *spec.Object, operation *connectors.Operation) {
	p, ok := operation.Wire.(*op)
	if !ok {
		p = &op{}
		operation.Wire = p
	}
	o.Text("operation", &p.operation).Doc("The operationId in the OpenAPI document.")
	for _, m := range methods {
		o.Var(m, &line{p, strings.ToUpper(m)}).Doc("The path, with parameters in braces: an operation by hand.")
	}
	o.Node("path", &p.in[inPath]).Doc("The path's parameters and their schemas.")
	o.Node("query", &p.in[inQuery]).Doc("The query's parameters and their schemas.")
	o.Node("headers", &p.in[inHeaders]).Doc("Headers that callers give, and their schemas.")
	o.Node("body", &p.in[inBody]).Doc("The schema of the body.")
	o.Node("answer", &p.answer).Doc("The schema of the answer.")
	o.Node("success", &p.success).Doc("The statuses that are no failure.").Default("200 to 299")
	o.Node("answer_headers", &p.answerHeader).Doc("Headers of the answer that become fields of the output, and their schemas.")
}

// line reads "get: /path".
type line struct {
	op     *op
	method string
}

func (l *line) Decode(n *config.Node, out *diag.List) {
	if !n.Is(config.NodeText) || !strings.HasPrefix(n.Text.Value, "/") {
		n.Report(out, diag.BadValue, "found %s, expected a path that begins with /", n.Found())
		l.op.broken = true
		return
	}
	l.op.method, l.op.path = l.method, n.Text
}

func (l *line) Schema() spec.Schema { return spec.Schema{"type": "string", "pattern": "^/"} }
