package openapi

import (
	"strings"

	"fondaco/config"
	"fondaco/schema"
)

const (
	formMedia      = "application/x-www-form-urlencoded"
	multipartMedia = "multipart/form-data"
)

// swaggerParameters reads the parameters of Swagger 2: each is its own schema, and the body is one of them.
func (r *reader) swaggerParameters(op *Operation, n, item *config.Node) {
	var form []schema.Field
	encoding := map[string]Encoding{}
	files := false
	for _, p := range r.merged(n, item) {
		q := Parameter{Name: said(p, "name"), In: said(p, "in"), Required: said(p, "required") == "true", Doc: said(p, "description")}
		switch q.In {
		case "body":
			op.BodyDoc, op.BodyRequired = q.Doc, q.Required
			op.Body, op.BodyType = r.read(p.Get("schema")), r.media(n, "consumes", r.consumes)
			if isXML(op.BodyType) {
				op.BodyXML = r.xml(p.Get("schema"))
			}
			op.BodyOffers = r.listed(n, "consumes", r.consumes, p.Get("schema"), false)
			if op.Body == nil {
				op.Body = schema.TypeAny
			}
		case "formData":
			form = append(form, schema.Field{Name: q.Name, Type: r.read(p), Required: q.Required, Doc: q.Doc})
			if said(p, "type") == "file" {
				files, encoding[q.Name] = true, Encoding{Binary: true}
			}
			if said(p, "type") == "array" {
				x := Parameter{}
				x.collection(said(p, "collectionFormat"))
				encoding[q.Name] = Encoding{Styled: true, Style: x.Style, Explode: x.Explode}
			}
			op.BodyRequired = op.BodyRequired || q.Required
		case "path", "query", "header":
			q.Required = q.Required || q.In == "path"
			q.Type = r.read(p)
			if q.In == "query" && q.Type.Kind == schema.KindList || said(p, "collectionFormat") != "" {
				q.collection(said(p, "collectionFormat"))
			}
			op.Parameters = append(op.Parameters, q)
		default:
			r.report(p, "parameter %q is in %q, expected path, query, header, body or formData", q.Name, q.In)
		}
	}
	if len(form) > 0 && op.Body == nil {
		op.Body = schema.RecordType(form...)
		op.BodyType, op.BodyEncoding = formMedia, encoding
		if media := r.media(n, "consumes", r.consumes); files || strings.HasPrefix(media, "multipart/") && !r.consumesForms(n) {
			op.BodyType = multipartMedia
		}
	}
}

// collection sets the style that a collectionFormat of Swagger 2 stands for. Values between tabs have no style in
// OpenAPI 3, and keep their own name.
func (q *Parameter) collection(format string) {
	switch format {
	case "multi":
		q.Style, q.Explode = "form", true
	case "ssv":
		q.Style = "spaceDelimited"
	case "pipes":
		q.Style = "pipeDelimited"
	case "tsv":
		q.Style = "tsv"
	default:
		if q.Style = "form"; q.In == "path" || q.In == "header" {
			q.Style = "simple"
		}
	}
}

// consumesForms reports whether an operation takes forms that are URL-encoded.
func (r *reader) consumesForms(op *config.Node) bool {
	list := items(op.Get("consumes"))
	if list == nil {
		list = items(r.consumes)
	}
	for _, m := range list {
		if plain(m.Text.Value) == formMedia {
			return true
		}
	}
	return false
}

// media chooses among the media types of an operation, or of the whole document: JSON if it is offered or nothing is
// said, otherwise the first.
func (r *reader) media(op *config.Node, name string, whole *config.Node) string {
	list := items(op.Get(name))
	if list == nil {
		list = items(whole)
	}
	for _, m := range list {
		if isJSON(m.Text.Value) && m.Text.Value != "*/*" {
			return m.Text.Value
		}
	}
	if len(list) == 0 || list[0].Text.Value == "*/*" {
		return jsonMedia
	}
	return list[0].Text.Value
}
