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
	"fondaco/transform/expr"
)

// respond is the answer of a route, or what a sub-route gives back.
type respond struct {
	status  int
	headers []*header
	body    transform.Mapping
	content config.Text
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
	o.Int("status", &r.status).Range(200, 399).Default("200, or 204 without a body").Doc("The HTTP status.")
	o.Entries("headers", (&transform.Mapping{}).Schema(), func(key config.Text, value *config.Node, out *diag.List) {
		h := &header{name: key}
		h.value.Decode(value, out)
		r.headers = append(r.headers, h)
	}).Doc("Fields of the answer's head, texts with holes.")
	o.Var("body", &r.body).Doc("The answer's body.")
	o.Text("stream", &r.stream).Doc("In place of body and content: the name of the last step, a call whose answer is octets. They are " +
		"handed on as they come, with their media type and file name, and are never in memory as a whole; no expression can look into them.").
		Example("documento")
	o.Text("content", &r.content).Doc("The media type of a body of bytes, as application/pdf; without it the body is JSON.")
}

// ours are headers that the server writes.
var ours = []string{"content-type", "content-length", "transfer-encoding", "connection", "date", "trailer", "upgrade", "keep-alive"}

// at returns the place of the answer: of its body, or else of what else it says, or of the route.
func (r *respond) at(d *RouteModel) diag.Pos {
	return cmp.Or(r.body.Pos(), r.content.Pos, d.ID.Pos)
}

// check types the answer. With optional branches in the route it must say what is missing.
func (r *respond) check(s *Scope) {
	t := s.route
	s.node = nil
	names := s.Names.Child()
	if len(t.optional) > 0 && t.Model.Public() {
		branch := &schema.Type{Kind: schema.KindText}
		for _, b := range t.optional {
			branch.Enum = append(branch.Enum, schema.Text(b.Value))
		}
		t.missing = names.Declare("missing", schema.ListOf(branch))
	}
	t.body, t.Answer, t.Status, t.Headers = nil, nil, 204, nil
	if r != nil {
		inner := s.child(names)
		if s.ends && !s.unreached {
			s.check.out.Report(diag.BadRoute, r.at(t.Model), "this answer is never given: the step before it always ends the exchange")
		}
		if t.Status = r.status; t.Status == 0 {
			t.Status = 200
			if r.body.IsZero() && r.stream.Value == "" {
				t.Status = 204
			}
		}
		if r.stream.Value != "" {
			t.Answer = r.checkStream(inner)
		}
		if !r.body.IsZero() {
			t.body = inner.Map(&r.body)
			t.Answer = t.body.Type
			r.checkContent(inner)
		}
		for _, h := range r.headers {
			inner.header(h)
		}
	}
	if t.missing != nil && !t.missing.Use.Read() {
		first := t.optional[0]
		s.Report(diag.DegradedAnswer, first, "the branch %q is optional, and the answer does not say that it is missing", first.Value).
			WithHint("put ${missing} into the body of respond, as mancano: ${missing}")
	}
}

// checkContent checks that a body that is not JSON is bytes or text.
func (r *respond) checkContent(s *Scope) {
	t := s.route
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
	if k := t.Answer.Kind; k != schema.KindBytes && k != schema.KindText && k != schema.KindUnknown || t.Answer.Nullable &&
		k != schema.KindUnknown {
		s.Report(diag.TypeMismatch, r.content, "the body is %s; with content it must be bytes or text", t.Answer)
	}
}

func (s *Scope) header(h *header) {
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
	s.route.Headers = append(s.route.Headers, openapi.Header{Name: h.name.Value, Type: schema.TypeText, Required: !h.typed.Type.Nullable})
}

// token reports whether r may stand in a header's name.
func token(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// writer appends a body's bytes.
type writer func(f *expr.Frame, dst []byte) ([]byte, error)
