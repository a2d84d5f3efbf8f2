package rest

import (
	"errors"
	"net/http"
	"path"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/typing"
)

// describe sets each operation's types, from the OpenAPI document or by hand.
func describe(c *connectors.Connector, out *diag.List) {
	w, ok := c.Wire.(*wire)
	if !ok {
		return
	}
	w.access.Check(c, out)
	types := typing.NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(c.FS, file, out, at) }, out).In(c.Zone)
	var doc *openapi.Document
	if w.openapi.Value != "" {
		file := path.Join(c.Dir, w.openapi.Value)
		if src, ok := config.ReadBytes(c.FS, file, maxDocument, out, w.openapi.Pos); ok {
			doc = openapi.ReadClient(src, file, c.Zone, out, w.openapi.Pos)
		}
	}
	for _, operation := range c.Operations {
		p, ok := operation.Wire.(*op)
		if !ok {
			p = &op{}
			operation.Wire = p
		}
		p.readSuccess(operation, out)
		if s := c.Session; s != nil && s.In != "" && operation.Name != s.Login.Value {
			p.ticket = &parameter{name: s.Send.Value, in: s.In, t: schema.TypeText, required: true, explode: true, ticket: true, key: s.Send}
		}
		switch {
		case p.broken:
			continue
		case p.method != "" && p.operation.Value != "":
			report(operation, out, "the operation has both a path and an operationId")
		case p.method != "":
			p.byHand(operation, types, out)
		case w.openapi.Value == "":
			report(operation, out, "the operation says no path").WithHint("write for example get: /letture/{utenza}")
		case doc != nil:
			p.described(operation, doc, types, out)
		}
		if p.failure != nil {
			operation.Error, p.failed = types.Read(p.failure), media{name: jsonType, base: jsonType}
		}
		p.passing(operation, w)
		p.answerHeaders(operation, types, out)
	}
}

// passing says which bodies of the operation may pass through as they come.
func (p *op) passing(operation *connectors.Operation, w *wire) {
	if operation.Output != nil && operation.Output.Kind == schema.KindBytes && p.answered.kind == asOctets {
		operation.Octets = p.answered.name
	}
	if p.body == fieldBody && p.bodyMedia.kind == asOctets && !w.access.Rereads() {
		operation.Uploads = p.bodyMedia.name
	}
	if p.sentOn != nil && operation.Input != nil && !w.access.Rereads() {
		p.sentOn.Fields = []string{bodyField}
		if p.body != fieldBody {
			p.sentOn.Fields = nil
			for _, f := range p.bodyType.Fields {
				p.sentOn.Fields = append(p.sentOn.Fields, f.Name)
			}
		}
		operation.Uploads, operation.UploadForm = partsType, p.sentOn
	}
}

// maxDocument is how large an OpenAPI document may be.
const maxDocument = 16 << 20

func report(operation *connectors.Operation, out *diag.List, message string) *diag.Problem {
	return out.Report(diag.BadConnector, operation.Pos, "%s: %s", operation.Name, message).WithLen(len(operation.Name))
}

// refuse reports what of an operation is not supported: at the word that says it by hand, otherwise with the place where its
// document has the operation. what says which of it, and err why.
func (p *op) refuse(operation *connectors.Operation, word config.Text, out *diag.List, what string, err error) {
	message := what + ": " + err.Error()
	var problem *diag.Problem
	if word.Pos.File != "" {
		problem = word.Report(out, diag.BadConnector, "%s: %s", operation.Name, message)
	} else if problem = report(operation, out, message); p.at.File != "" {
		problem.WithHint("it is described at %s", p.at)
	}
	var unknown *codec.UnknownCharset
	if errors.As(err, &unknown) {
		problem.WithNearest(strings.ToLower(unknown.Label), codec.Charsets())
	}
}

// described reads an operation from the OpenAPI document. What the connector says of parameters, body and answer stands before what the
// document says.
func (p *op) described(operation *connectors.Operation, doc *openapi.Document, types *typing.Reader, out *diag.List) {
	id := p.operation
	if id.Value == "" {
		id = config.Text{Value: operation.Name, Pos: operation.Pos}
	}
	o := doc.Operation(id.Value)
	if o == nil {
		o = doc.At(id.Value)
	}
	if o == nil {
		known := namesOf(doc, strings.Contains(id.Value, " "))
		nearest(id.Report(out, diag.UnknownOperation, "the OpenAPI document has no operation %q", id.Value), id.Value, known)
		return
	}
	if operation.Title == "" {
		operation.Title = o.Summary
	}
	p.method, p.at = o.Method, o.Pos
	var body *bodyShape
	if o.Body != nil {
		body = &bodyShape{media: o.BodyType, t: o.Body, binary: o.BodyBinary, encoding: o.BodyEncoding, xml: o.BodyXML, offers: o.BodyOffers}
	}
	var answers []bodyShape
	for _, r := range p.successes(o.Responses) {
		answers = append(answers, shapeOf(r))
	}
	operation.Error = p.readFailures(o.Responses)
	path := config.Text{Value: o.Path, Pos: id.Pos}
	params := beside(parametersOf(o), p.handParams(operation, o.Path, types, out))
	body = p.handBody(operation, body, types, out)
	answers = p.handAnswers(operation, answers, types, out)
	if p.compose(operation, path, params, body, o.BodyRequired || p.in[inBody] != nil, out) && p.readAnswers(operation, answers, out) {
		operation.Output = p.output
	}
}

// shapeOf returns the body of an answer. 204 and 205 have none, whatever a document says (RFC 9110 §15.3.5, §15.3.6).
func shapeOf(r openapi.Response) bodyShape {
	if r.Status == http.StatusNoContent || r.Status == http.StatusResetContent {
		return bodyShape{}
	}
	return bodyShape{media: r.ContentType, t: r.Body, binary: r.Binary, encoding: r.Encoding, xml: r.XML, offers: r.Offers}
}

// parametersOf returns the parameters of an operation. Accept, Content-Type and Authorization are described elsewhere
// (OpenAPI 3.1, Parameter Object, name).
func parametersOf(o *openapi.Operation) (params []parameter) {
	for _, x := range o.Parameters {
		if x.In == "header" && slices.Contains([]string{"Accept", "Content-Type", "Authorization"}, http.CanonicalHeaderKey(x.Name)) {
			continue
		}
		params = append(params, parameter{
			name: x.Name, in: x.In, t: x.Type, required: x.Required, doc: x.Doc, style: x.Style, explode: x.Explode, reserved: x.AllowReserved,
			content: x.ContentType,
		})
	}
	return params
}
