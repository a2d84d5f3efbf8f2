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
	openapi config.Text
	access  transport.Access
}

// addresses lists what says where a system is.
func addresses(c *connectors.Connector) []config.Ref {
	w, ok := c.Wire.(*wire)
	if !ok {
		return nil
	}
	return w.access.Addresses()
}

func connectorSpec(o *spec.Object, c *connectors.Connector) {
	w, ok := c.Wire.(*wire)
	if !ok {
		w = &wire{}
		c.Wire = w
	}
	o.Text("openapi", &w.openapi).Doc("An OpenAPI document (3.0, 3.1 or Swagger 2) in the connector's folder; operations then name its operationId.")
	w.access.Spec(o, "The address that all paths begin with.")
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
