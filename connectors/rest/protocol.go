// Package rest speaks HTTP with systems described by an OpenAPI document, or by hand: with JSON, forms, multipart, text and octets as
// bodies, and parameters in every style of OpenAPI. What is not supported is refused when the connector is read.
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

// Protocol is HTTP as OpenAPI describes it.
var Protocol = &connectors.Protocol{
	Name:          "rest",
	Title:         "HTTP with JSON, forms, files, XML, CSV, text and octets",
	Spec:          connectorSpec,
	OperationSpec: operationSpec,
	Describe:      describe,
	Addresses:     addresses,
	Open:          open,
	Simulate:      transport.Simulate(played),
	Tickets:       true,
}

// wire is what a connector says under rest:.
type wire struct {
	openapi config.Text
	access  transport.Access

	tolerant bool
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
	o.Text("openapi", &w.openapi).Doc("An OpenAPI document (3.0, 3.1 or Swagger 2) in the connector's folder; operations then name its " +
		"operationId.")
	o.Bool("tolerant", &w.tolerant).Doc("Take answers whose head is not as the description says: without a Content-Type or with another " +
		"one, as JSON under text/html; and octets that are not of the encoding that they say, as windows-1252. A number or a boolean " +
		"that stands as text in JSON, and the reverse, and True or spaces around a value in a form, CSV, XML or text, is read as what it " +
		"means; any other single value that is not as the description says loses its field or its entry of a map, where that may be left out. " +
		"What is tolerated is counted (fondaco_tolerated_total).")
	w.access.Spec(o, "The address that all paths begin with.")
}

// op is what an operation says for itself, and what describe makes of it.
type op struct {
	operation    config.Text // operationId
	method       string
	path         config.Text
	at           diag.Pos        // where its document describes it; the zero Pos of one by hand
	broken       bool            // the path is reported, and nothing follows from its absence
	in           [5]*config.Node // schemas of path, query, header and cookie parameters, and the body, by hand
	content      config.Text     // the body's media type, by hand
	answerType   config.Text     // the answer's media type, by hand
	answer       *config.Node
	failure      *config.Node // the schema of answers with other statuses, by hand
	success      *config.Node
	answerHeader *config.Node
	answerCookie *config.Node

	ticket    *parameter // of a session, where the connector says its place
	params    []param
	segments  []segment
	body      bodyPlace
	bodyType  *schema.Type
	bodyMedia media
	sentOn    *connectors.UploadForm // of a body of parts
	statuses  []int                  // of success
	answered  media                  // of the answers that are no failure; the zero value is JSON
	accept    []string               // media types of the answers that are read
	headers   []answerHeader
	output    *schema.Type // of the body alone
	failed    media        // of the answers that are a failure by their status, where the operation has an Error
	wrapped   bool         // beside headers, the body is a field of the output
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
	cookie   bool // the value is of the cookie that is called name
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
	inCookies
	inBody
)

var methods = []string{"get", "post", "put", "patch", "delete", "head"}

func operationSpec(o *spec.Object, operation *connectors.Operation) {
	p, ok := operation.Wire.(*op)
	if !ok {
		p = &op{}
		operation.Wire = p
	}
	o.Text("operation", &p.operation).Doc("The operationId in the OpenAPI document; of an operation without one, its method and path, as " +
		"GET /letture/{utenza}. What stands here beside it stands before what the document says: a parameter in the place of the one with its " +
		"name or beside the others, body and answer in the place of those of the document, content and answer_content alone as their media " +
		"types.")
	for _, m := range methods {
		o.Var(m, &line{p, strings.ToUpper(m)}).Doc("The path, with parameters in braces: an operation by hand.")
	}
	o.Node("path", &p.in[inPath]).Doc("The path's parameters and their schemas; beside a schema's words style (simple, label, matrix), " +
		"explode and content, as OpenAPI has them.")
	o.Node("query", &p.in[inQuery]).Doc("The query's parameters and their schemas; beside a schema's words style (form, spaceDelimited, " +
		"pipeDelimited, deepObject), explode, allow_reserved and content: application/json.")
	o.Node("headers", &p.in[inHeaders]).Doc("Headers that callers give, and their schemas; explode and content likewise.")
	o.Node("cookies", &p.in[inCookies]).Doc("Cookies that callers give, and their schemas; explode and content likewise.")
	o.Node("body", &p.in[inBody]).Doc("The schema of the body.")
	o.Text("content", &p.content).Doc("The media type of the body: JSON, a form, multipart/form-data, text/csv, lines of JSON, text, or " +
		"octets as they are. Where the document has several media types, the one to send.").Default(jsonType).Example(formType)
	o.Node("answer", &p.answer).Doc("The schema of the answer.")
	o.Text("answer_content", &p.answerType).Doc("The media type of the answer, likewise; of several in the document, the one to ask for.").
		Default(jsonType).Example("application/pdf")
	o.Node("error", &p.failure).Doc("The schema of the answers with other statuses, in JSON: what error is in fails:, and fault.body in " +
		"routes. It stands before that of the OpenAPI document.")
	o.Node("success", &p.success).Doc("The statuses that are no failure.").Default("200 to 299")
	o.Node("answer_headers", &p.answerHeader).Doc("Headers of the answer that become fields of the output, and their schemas. A single " +
		"value is the first header with that name, an array has the values of all. An answer that is not an object is then the field body.")
	o.Node("answer_cookies", &p.answerCookie).Doc("Cookies that the answer sets (Set-Cookie), by their names, which become fields of the " +
		"output, and their schemas. The value is the text as it stands there; one that the answer takes away is absent.").
		Example("{ JSESSIONID: { type: string, required: true } }")
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
