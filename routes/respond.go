package routes

import (
	"cmp"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform"
)

// respond is the answer of a route, or what a sub-route gives back.
type respond struct {
	status  int
	headers []*header
	body    transform.Mapping
	content config.Text
	etag    etag
	stream  config.Text // the name of a call whose answer's body is handed on; "" for none
}

// header is a field of the answer's head.
type header struct {
	name  config.Text
	value transform.Mapping

	typed *transform.Typed
}

// Spec declares the fields of respond.
func (r *respond) Spec(o *spec.Object) {
	o.Instead(respondHabits)
	o.Int("status", &r.status).Range(200, 399).Default("200, or 204 without a body").Doc("The HTTP status.")
	o.Entries("headers", (&transform.Mapping{}).Schema(), func(key config.Text, value *config.Node, out *diag.List) {
		h := &header{name: key}
		h.value.Decode(value, out)
		r.headers = append(r.headers, h)
	}).Doc("Fields of the answer's head, texts with holes.")
	o.Var("body", &r.body).Doc("The answer's body.")
	o.Var("etag", &r.etag).Doc("The answer has the header ETag (RFC 9110 §8.8.3): made from a value that changes whenever what is shown " +
		"does, or from the body (true). A GET whose If-None-Match names it is answered 304, without a body.").Example("${pratica.versione}")
	o.Text("stream", &r.stream).Doc("In place of body and content: the name of the last step, a call whose answer is octets. They are " +
		"handed on as they come, with their media type and file name, and are never in memory as a whole; no expression can look into them.").
		Example("documento")
	o.Text("content", &r.content).Doc("The media type of a body of bytes or text, as application/pdf; or " +
		"multipart/form-data or multipart/mixed for an object each of whose fields is a part: octets, and records of content, name and type, " +
		"are files. Without it the body is JSON.").
		Example("multipart/form-data")
}

// ours are headers that the server writes.
var ours = []string{"content-type", "content-length", "transfer-encoding", "connection", "date", "trailer", "upgrade", "keep-alive"}

// at returns the place of the answer: of its body, or else of what else it says, or of what it belongs to.
func (r *respond) at(owner diag.Pos) diag.Pos {
	return cmp.Or(r.body.Pos(), r.content.Pos, owner)
}

// checkEnd types the answer at the end of a route, and returns nil if the steps always end before it.
func (r *respond) checkEnd(s *Scope) *reply {
	s.node = nil
	if r == nil && s.ends {
		return nil
	}
	if r != nil && s.ends && !s.unreached {
		s.check.out.Report(diag.BadRoute, r.at(s.route.Model.ID.Pos),
			"this answer is never given: the step before it always ends the exchange")
	}
	return r.check(s, s.route.Model.ID.Pos)
}

// check types an answer; r is nil for one of which nothing is said. With optional branches on the way to it, it must say what is
// missing. owner is the place of what it belongs to.
func (r *respond) check(s *Scope, owner diag.Pos) *reply {
	p := &reply{said: r, status: 204, pos: owner}
	names := s.Names.Child()
	optional := s.mayMiss()
	if len(optional) > 0 && s.route.Model.Public() {
		branch := &schema.Type{Kind: schema.KindText}
		for _, b := range optional {
			branch.Enum = append(branch.Enum, schema.Text(b.Value))
		}
		p.missing = names.Declare("missing", schema.ListOf(branch))
	}
	if r != nil {
		p.pos = r.at(owner)
		inner := s.child(names)
		if p.status = r.status; p.status == 0 {
			p.status = 200
			if r.body.IsZero() && r.stream.Value == "" {
				p.status = 204
			}
		}
		if r.stream.Value != "" {
			p.typ = r.checkStream(inner)
		}
		if !r.body.IsZero() {
			p.body = inner.Map(&r.body)
			p.typ = p.body.Type
			r.checkContent(inner, p)
		}
		for _, h := range r.headers {
			p.headers = append(p.headers, inner.header(h))
		}
		r.etag.check(inner, r, p)
	}
	if p.missing != nil && !p.missing.Use.Read() {
		s.Report(diag.DegradedAnswer, optional[0], "the branch %q is optional, and the answer%s does not say that it is missing",
			optional[0].Value, s.whichAnswer()).
			WithHint("put ${missing} into the body of respond, as mancano: ${missing}")
	}
	return p
}

// whichAnswer names the answer that is being checked if it is that of a step.
func (s *Scope) whichAnswer() string {
	if s.node == nil {
		return ""
	}
	return " of the step at " + s.node.Pos.String()
}

// checkContent checks that a body that is not JSON is bytes or text, or what can stand in several parts.
func (r *respond) checkContent(s *Scope, p *reply) {
	if r.content.Value == "" {
		return
	}
	if !s.route.Model.Public() {
		if s.route.Model.headless {
			return
		}
		s.Report(diag.BadRoute, r.content, "a sub-route returns a value; content is for answers over HTTP")
	}
	if !strings.Contains(r.content.Value, "/") {
		s.Report(diag.BadValue, r.content, "found %q, expected a media type, as application/pdf", r.content.Value)
	}
	if strings.HasPrefix(strings.ToLower(r.content.Value), "multipart/") {
		r.checkParts(s, p)
		return
	}
	body := p.typ
	if k := body.Kind; k != schema.KindBytes && k != schema.KindText && k != schema.KindUnknown || body.Nullable && k != schema.KindUnknown {
		s.Report(diag.TypeMismatch, r.content, "the body is %s; with content it must be bytes or text", body)
	}
}

// header types a field of an answer's head, and returns how the documents describe it.
func (s *Scope) header(h *header) openapi.Header {
	if strings.ContainsFunc(h.name.Value, func(r rune) bool { return !token(r) }) || h.name.Value == "" {
		s.Report(diag.BadValue, h.name, "found the header %q, expected letters, digits and hyphens", h.name.Value)
	}
	for _, name := range ours {
		if strings.EqualFold(name, h.name.Value) {
			s.Report(diag.BadValue, h.name, "the header %s is written by the server", h.name.Value)
		}
	}
	h.typed = s.Map(&h.value)
	if k := h.typed.Type.Kind; !k.Textual() && !k.Number() && k != schema.KindBool && k != schema.KindNull {
		h.typed.Fit(schema.TypeText.OrNull(), "the header "+h.name.Value, s.check.out)
	}
	return openapi.Header{Name: h.name.Value, Type: schema.TypeText, Required: !h.typed.Type.Nullable}
}

// token reports whether r may stand in a header's name.
func token(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}
