package rest

import (
	"mime"
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

// byHand reads an operation that the connector describes itself.
func (p *op) byHand(operation *connectors.Operation, types *typing.Reader, out *diag.List) {
	params := p.handParams(operation, p.path.Value, types, out)
	for _, name := range holes(p.path.Value) {
		if !slices.ContainsFunc(params, func(x parameter) bool { return x.in == "path" && x.name == name }) {
			params = append(params, parameter{name: name, in: "path", t: schema.TypeText, required: true})
		}
	}
	body := p.handBody(operation, nil, types, out)
	answers := p.handAnswers(operation, nil, types, out)
	if p.compose(operation, p.path, params, body, true, out) && p.readAnswers(operation, answers, out) {
		operation.Output = p.output
	}
}

// handParams reads the parameters that the connector describes itself, for a path.
func (p *op) handParams(operation *connectors.Operation, path string, types *typing.Reader, out *diag.List) (params []parameter) {
	for i, in := range []string{"path", "query", "header", "cookie"} {
		n := p.in[i]
		if n == nil {
			continue
		}
		for _, e := range n.Entries {
			t := types.Read(e.Value, "required", "style", "explode", "allow_reserved", "content")
			x := parameter{
				name: e.Key.Value, in: in, t: t, doc: t.Doc, key: e.Key, content: written(e.Value, "content"),
				style: written(e.Value, "style"),
			}
			x.required = flag(e.Value, "required", false, out) || in == "path"
			form := x.style == "form" || x.style == "" && (in == "query" || in == "cookie")
			x.explode = flag(e.Value, "explode", form || x.style == "deepObject", out)
			x.reserved = flag(e.Value, "allow_reserved", false, out)
			if in == "header" {
				transport.CheckHeader(e.Key, out)
			}
			if known := holes(path); in == "path" && !slices.Contains(known, e.Key.Value) {
				e.Key.Report(out, diag.BadConnector, "%s: the path has no {%s}", operation.Name, e.Key.Value).WithNearest(e.Key.Value, known)
				continue
			}
			params = append(params, x)
		}
	}
	return params
}

// handBody returns the body that the connector describes itself, or else that of the document, nil for none, under the media type that
// the connector says.
func (p *op) handBody(operation *connectors.Operation, document *bodyShape, types *typing.Reader, out *diag.List) *bodyShape {
	n := p.in[inBody]
	switch {
	case n != nil:
		body := &bodyShape{media: p.content.Value, t: types.Read(n), binary: written(n, "format") == "binary"}
		p.handEncoding(operation, n, body, p.content, out)
		return body
	case p.content.Value != "" && document == nil:
		p.content.Report(out, diag.BadConnector, "%s: content says how a body is written, and the operation has no body", operation.Name)
	case p.content.Value != "":
		p.choose(operation, "content", p.content, []*bodyShape{document}, out)
	}
	return document
}

// handAnswers returns the one answer that the connector describes itself, or else those of the document, likewise.
func (p *op) handAnswers(operation *connectors.Operation, document []bodyShape, types *typing.Reader, out *diag.List) []bodyShape {
	if n := p.answer; n != nil {
		a := bodyShape{media: p.answerType.Value, t: types.Read(n), binary: written(n, "format") == "binary"}
		p.handEncoding(operation, n, &a, p.answerType, out)
		return []bodyShape{a}
	}
	if p.answerType.Value == "" {
		return document
	}
	var bodies []*bodyShape
	for i := range document {
		if document[i].t != nil {
			bodies = append(bodies, &document[i])
		}
	}
	if p.choose(operation, "answer_content", p.answerType, bodies, out); len(bodies) == 0 {
		p.answerType.Report(out, diag.BadConnector,
			"%s: answer_content says how an answer is written, and the operation has no answer", operation.Name)
	}
	return document
}

// beside returns the parameters of a document with those that the connector describes itself: each in the place of the one with its
// name, or after them.
func beside(document, own []parameter) []parameter {
	for _, x := range own {
		i := slices.IndexFunc(document, func(d parameter) bool {
			return d.in == x.in && (d.name == x.name || x.in == "header" && strings.EqualFold(d.name, x.name))
		})
		if i < 0 {
			document = append(document, x)
		} else {
			document[i] = x
		}
	}
	return document
}

// handEncoding says which fields of a form or a multipart body are octets as they are: those whose schema, written in
// place, says format: binary. That of another file is not looked into, so a field of octets in it is reported.
func (p *op) handEncoding(operation *connectors.Operation, n *config.Node, body *bodyShape, word config.Text, out *diag.List) {
	base, _, err := mime.ParseMediaType(body.media)
	if err != nil || !strings.HasPrefix(base, "multipart/") && base != formType {
		return
	}
	body.encoding = map[string]openapi.Encoding{}
	fields := n.Get("properties")
	for _, f := range body.t.Fields {
		t, format := f.Type, ""
		var at *config.Node
		if fields != nil {
			at = fields.Get(f.Name)
		}
		if t.Kind == schema.KindList {
			if t = t.Elem; at != nil {
				at = at.Get("items")
			}
		}
		if at != nil {
			format = written(at, "format")
		}
		switch {
		case t.Kind != schema.KindBytes:
		case format == "binary":
			body.encoding[f.Name] = openapi.Encoding{Binary: true}
		case format != "byte":
			word.Report(out, diag.BadConnector, "%s: whether the octets of %s stand in the body as they are or as base64 is not said in place",
				operation.Name, f.Name).
				WithHint("write the schema of %s here, with format: binary or format: byte", f.Name)
		}
	}
}

// written returns the text under a word, "" if there is none.
func written(n *config.Node, word string) string {
	if v := n.Get(word); v != nil {
		return v.Text.Value
	}
	return ""
}

// flag returns the boolean under a word, usual if there is none.
func flag(n *config.Node, word string, usual bool, out *diag.List) bool {
	v := n.Get(word)
	if v == nil {
		return usual
	}
	is, ok := v.Bool()
	if !ok {
		v.Report(out, diag.WrongType, "%s: found %s, expected true or false", word, v.Found())
	}
	return is
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
