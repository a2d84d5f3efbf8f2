package rest

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/transport"
	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// describe gives every operation its types, from the OpenAPI document or by hand.
func describe(c *connectors.Connector, out *diag.List) {
	w, ok := c.Wire.(*wire)
	if !ok {
		return
	}
	w.access.Check(c, out)
	types := typing.NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(c.FS, file, out, at) }, out)
	var doc *openapi.Document
	if w.openapi.Value != "" {
		file := path.Join(c.Dir, w.openapi.Value)
		if src, ok := config.ReadBytes(c.FS, file, maxDocument, out, w.openapi.Pos); ok {
			doc = openapi.Read(src, file, out, w.openapi.Pos)
		}
	}
	for _, operation := range c.Operations {
		p, ok := operation.Wire.(*op)
		if !ok {
			p = &op{}
			operation.Wire = p
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
			p.described(operation, doc, out)
		}
		p.readSuccess(operation, out)
		p.answerHeaders(operation, types)
	}
}

// maxDocument is how large an OpenAPI document may be.
const maxDocument = 16 << 20

func report(operation *connectors.Operation, out *diag.List, message string) *diag.Problem {
	return out.Report(diag.BadConnector, operation.Pos, "%s: %s", operation.Name, message).WithLen(len(operation.Name))
}

// parameter is one parameter before it has its place in the input.
type parameter struct {
	name, in string
	t        *schema.Type
	required bool
	doc      string
	comma    bool
}

// byHand reads an operation that the connector describes itself.
func (p *op) byHand(operation *connectors.Operation, types *typing.Reader, out *diag.List) {
	var params []parameter
	for i, in := range []string{"path", "query", "header"} {
		n := p.in[i]
		if n == nil {
			continue
		}
		for _, e := range n.Entries {
			t := types.Read(e.Value, "required")
			required := in == "path"
			if r := e.Value.Get("required"); r != nil {
				required = r.Text.Value == "true" || in == "path"
			}
			if in == "header" {
				transport.CheckHeader(e.Key, out)
			}
			if known := holes(p.path.Value); in == "path" && !slices.Contains(known, e.Key.Value) {
				e.Key.Report(out, diag.BadConnector, "%s: the path has no {%s}", operation.Name, e.Key.Value).WithNearest(e.Key.Value, known)
				continue
			}
			params = append(params, parameter{e.Key.Value, in, t, required, t.Doc, in != "query"})
		}
	}
	for _, name := range holes(p.path.Value) {
		if !slices.ContainsFunc(params, func(x parameter) bool { return x.in == "path" && x.name == name }) {
			params = append(params, parameter{name, "path", schema.TypeText, true, "", true})
		}
	}
	var body *schema.Type
	if p.in[inBody] != nil {
		body = types.Read(p.in[inBody])
	}
	p.compose(operation, p.path, params, body, true, out)
	p.output = schema.TypeNull
	if p.answer != nil {
		p.output = types.Read(p.answer)
	}
	operation.Output = p.output
}

func holes(path string) (names []string) {
	for {
		_, rest, found := strings.Cut(path, "{")
		if !found {
			return names
		}
		name, after, _ := strings.Cut(rest, "}")
		names = append(names, name)
		path = after
	}
}

// described reads an operation from the OpenAPI document.
func (p *op) described(operation *connectors.Operation, doc *openapi.Document, out *diag.List) {
	id := p.operation
	if id.Value == "" {
		id = config.Text{Value: operation.Name, Pos: operation.Pos}
	}
	o := doc.Operation(id.Value)
	if o == nil {
		id.Report(out, diag.UnknownOperation, "the OpenAPI document has no operation %q", id.Value).WithNearest(id.Value, doc.IDs())
		return
	}
	if operation.Title == "" {
		operation.Title = o.Summary
	}
	var params []parameter
	for _, x := range o.Parameters {
		if x.In == "cookie" {
			continue
		}
		params = append(params, parameter{x.Name, x.In, x.Type, x.Required, x.Doc, x.Style != "" && !x.Explode || x.In != "query"})
	}
	p.method = o.Method
	p.bodyMedia = o.BodyType
	p.compose(operation, config.Text{Value: o.Path, Pos: id.Pos}, params, o.Body, o.BodyRequired, out)
	p.output = answerOf(o.Responses)
	operation.Output = p.output
}

// answerOf gives the type of all answers that are no failure: null where some have no body.
func answerOf(responses []openapi.Response) *schema.Type {
	var t *schema.Type
	for _, r := range responses {
		if r.Status < 200 || r.Status > 299 {
			continue
		}
		body := r.Body
		if body == nil {
			body = schema.TypeNull
		}
		if t == nil {
			t = body
		} else {
			t = schema.Join(t, body)
		}
	}
	if t == nil {
		return schema.TypeNull
	}
	return t
}

// compose makes the input of parameters and body: one flat record, unless a name stands twice.
func (p *op) compose(operation *connectors.Operation, at config.Text, params []parameter, body *schema.Type, required bool, out *diag.List) {
	in := &schema.Type{Kind: schema.KindRecord}
	for _, x := range params {
		if i := in.Index(x.name); i >= 0 {
			report(operation, out, "two parameters are called "+x.name)
			continue
		}
		p.params = append(p.params, param{name: x.name, in: x.in, field: len(in.Fields), t: x.t, comma: x.comma})
		in.Fields = append(in.Fields, schema.Field{Name: x.name, Type: x.t, Required: x.required && x.t.Default.IsAbsent(), Doc: x.doc})
	}
	p.bodyType = body
	switch {
	case body == nil:
	case body.Kind == schema.KindRecord && !body.Nullable && !slices.ContainsFunc(body.Fields, func(f schema.Field) bool { return in.Index(f.Name) >= 0 }):
		p.body = flatBody
		for _, f := range body.Fields {
			if !f.ReadOnly {
				in.Fields = append(in.Fields, f)
			}
		}
	default:
		p.body = fieldBody
		in.Fields = append(in.Fields, schema.Field{Name: "body", Type: body, Required: required})
	}
	for _, x := range params {
		if x.in == "path" && !slices.Contains(holes(at.Value), x.name) {
			at.Report(out, diag.BadConnector, "%s: the path has no {%s}", operation.Name, x.name)
		}
	}
	operation.Input = in.Seal()
	p.segments = p.segments[:0]
	rest := at.Value
	for rest != "" {
		fixed, hole, found := strings.Cut(rest, "{")
		if fixed != "" {
			p.segments = append(p.segments, segment{fixed, -1})
		}
		if !found {
			break
		}
		name, after, _ := strings.Cut(hole, "}")
		i := slices.IndexFunc(p.params, func(x param) bool { return x.in == "path" && x.name == name })
		if i < 0 {
			at.Report(out, diag.BadConnector, "%s: the path's parameter %q has no schema", operation.Name, name)
			break
		}
		p.segments = append(p.segments, segment{"", i})
		rest = after
	}
}

// readSuccess reads the statuses that are no failure.
func (p *op) readSuccess(operation *connectors.Operation, out *diag.List) {
	if p.success == nil {
		return
	}
	items := p.success.Items
	if p.success.Kind != config.NodeList {
		items = []*config.Node{p.success}
	}
	for _, item := range items {
		status, ok := item.Int()
		if !ok || status < 100 || status > 599 {
			item.Report(out, diag.BadValue, "success: found %s, expected an HTTP status", item.Found())
			continue
		}
		p.statuses = append(p.statuses, int(status))
	}
}

// ok tells whether a status is no failure.
func (p *op) ok(status int) bool {
	if len(p.statuses) == 0 {
		return status >= 200 && status < 300
	}
	return slices.Contains(p.statuses, status)
}

// answerHeaders adds headers of the answer to the output, which is then a record.
func (p *op) answerHeaders(operation *connectors.Operation, types *typing.Reader) {
	if p.answerHeader == nil || operation.Output == nil {
		return
	}
	t := &schema.Type{Kind: schema.KindRecord, Open: true}
	if operation.Output.Kind == schema.KindRecord {
		t.Fields = slices.Clone(operation.Output.Fields)
		t.Name = operation.Output.Name
	}
	for _, e := range p.answerHeader.Entries {
		ht := types.Read(e.Value, "required")
		required := false
		if r := e.Value.Get("required"); r != nil {
			required = r.Text.Value == "true"
		}
		p.headers = append(p.headers, answerHeader{http.CanonicalHeaderKey(e.Key.Value), e.Key.Value, ht, required})
		t.Fields = append(t.Fields, schema.Field{Name: e.Key.Value, Type: ht, Required: required})
	}
	operation.Output = t.Seal()
}
