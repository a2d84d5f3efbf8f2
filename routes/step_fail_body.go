package routes

import (
	"cmp"
	"mime"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/openapi"
	"fondaco/openapi/texts"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
)

// problemBody is what a fail answers in place of a problem.
type problemBody struct {
	mapping transform.Mapping
	content config.Text

	typed *transform.Typed // nil without
}

// formed is a body that a failure of a status may have in place of a problem.
type formed struct {
	status  int
	content openapi.Content
}

// check types the body; f is the step that it is of.
func (b *problemBody) check(s *Scope, f *fail) {
	b.typed = nil
	if b.mapping.IsZero() {
		if b.content.Value != "" {
			s.Report(diag.MissingField, b.content, "content is the media type of a body, and the fail has none").
				WithHint("leave out content, or say body")
		}
		return
	}
	typed := s.Map(&b.mapping)
	if s.route.Model.SOAP.Value != "" {
		s.check.out.Report(diag.BadRoute, b.mapping.Pos(), "body takes the place of a problem over HTTP, and the route answers SOAP").
			WithHint("say soap and data")
		return
	}
	for _, part := range []struct {
		name string
		pos  diag.Pos
	}{{"detail", f.detail.Pos()}, {"type", f.typ.Pos}, {"with", f.with.mapping.Pos()}} {
		if part.pos != (diag.Pos{}) {
			s.check.out.Report(diag.BadRoute, part.pos, "body takes the place of the problem, and %s is a part of the problem", part.name).
				WithHint("leave out %s, or write it into body", part.name)
		}
	}
	b.checkContent(s, typed.Type)
	b.typed = typed
}

// checkContent checks the media type, and that a body of another one than JSON is bytes or text.
func (b *problemBody) checkContent(s *Scope, t *schema.Type) {
	if b.content.Value == "" {
		return
	}
	media, _, err := mime.ParseMediaType(b.content.Value)
	switch {
	case err != nil || !strings.Contains(media, "/"):
		s.Report(diag.BadValue, b.content, "found %q, expected a media type, as text/plain", b.content.Value)
	case strings.HasPrefix(media, "application/problem+"):
		s.Report(diag.BadValue, b.content, "a body of one's own is no problem: its media type cannot be %s", media).
			WithHint("leave out body and content, and add members to the problem by with")
	case media != "application/json" && !octetsOrText(t):
		s.Report(diag.TypeMismatch, b.content, "the body is %s; with content it must be bytes or text", t)
	}
}

// octetsOrText reports whether a body can be of another media type than JSON.
func octetsOrText(t *schema.Type) bool {
	k := t.Kind
	return k == schema.KindUnknown || (k == schema.KindBytes || k == schema.KindText) && !t.Nullable
}

// raw reports whether the body is written as it is, and not as JSON.
func (b *problemBody) raw() bool {
	media, _, _ := strings.Cut(b.content.Value, ";")
	return media != "" && !strings.EqualFold(strings.TrimSpace(media), "application/json")
}

// describe notes for the documents what an answer of a status may be.
func (b *problemBody) describe(s *Scope, status int) {
	if b.typed != nil {
		s.route.formed = append(s.route.formed, formed{status, openapi.Content{Type: b.media(), Body: b.typed.Type}})
	}
}

// media returns the media type of the body.
func (b *problemBody) media() string { return cmp.Or(b.content.Value, "application/json") }

// compile makes what puts the body in the place of a problem's.
func (b *problemBody) compile() func(*Exchange, *trigger.Problem) error {
	if b.typed == nil {
		return func(*Exchange, *trigger.Problem) error { return nil }
	}
	write, media := writer(b.typed.CompileJSON()), b.media()
	if b.raw() {
		write = octets(b.typed.Compile(nil), b.mapping.Pos())
	}
	return func(x *Exchange, p *trigger.Problem) error {
		body, err := write(&x.Frame, nil)
		if err != nil {
			return err
		}
		p.Own = &trigger.Own{ContentType: media, Body: body}
		return nil
	}
}

// addForm adds to a list of contents one more: of one media type there is one, which is both.
func addForm(list []openapi.Content, c openapi.Content) []openapi.Content {
	for i := range list {
		if strings.EqualFold(list[i].Type, c.Type) {
			list[i].Body = schema.Join(list[i].Body, c.Body)
			return list
		}
	}
	return append(list, c)
}

// forms lists the bodies that the route's failures of a status may have in place of a problem; of status 0, those of all.
func (r *TypedRoute) forms(status int) (list []openapi.Content) {
	for _, f := range r.formed {
		if status == 0 || f.status == status {
			list = addForm(list, f.content)
		}
	}
	return list
}

// failure describes the answers of a status that are no success: a problem, with what it may hold, and the bodies in place of one.
func (r *TypedRoute) failure(status int, problems []int, l texts.Language) openapi.Response {
	res := openapi.Response{Status: status, Others: r.forms(status)}
	if len(res.Others) == 0 || slices.Contains(problems, status) {
		res.Members, res.Kinds = r.members(status, l), r.kinds(status)
		return res
	}
	res.Body, res.ContentType, res.Others = res.Others[0].Body, res.Others[0].Type, res.Others[1:]
	return res
}
