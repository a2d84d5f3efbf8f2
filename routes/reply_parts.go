package routes

import (
	"slices"
	"strings"

	"fondaco/config/diag"
	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform/expr"
	"fondaco/transform/parts"
)

// severalMedia are the media types of answers of several parts.
var severalMedia = []string{formMedia, "multipart/mixed"}

// replyParts is how the body of an answer stands in several parts.
type replyParts struct {
	form     *parts.Form
	encoding map[string]parts.Encoding
}

// checkParts prepares a body of several parts. The type of the answer is then that of the body in which files are octets.
func (r *respond) checkParts(s *Scope, p *reply) {
	if !slices.Contains(severalMedia, r.content.Value) {
		s.Report(diag.BadValue, r.content, "answers of %s are not supported; found content, expected %s", r.content.Value,
			strings.Join(severalMedia, " or ")).WithHint("the boundary is written by the server")
		return
	}
	if p.typ.Kind == schema.KindUnknown {
		return
	}
	form, sent, encoding, err := parts.Written(p.typ)
	if err != nil {
		s.Report(diag.TypeMismatch, r.content, "the body cannot be written as %s: %v", r.content.Value, err)
		return
	}
	p.typ, p.parts = sent, &replyParts{form, encoding}
}

// encoding says of the fields of an answer's body how they stand in their parts, nil if it has no parts.
func (p *reply) encoding() map[string]openapi.Encoding {
	if p.parts == nil {
		return nil
	}
	all := make(map[string]openapi.Encoding, len(p.parts.encoding))
	for name, e := range p.parts.encoding {
		all[name] = openapi.Encoding{Binary: true, ContentType: e.ContentType}
	}
	return all
}

// joinEncoding says how the fields of two bodies of one media type stand in their parts: a file that may have any type in one of them may
// have any in both.
func joinEncoding(a, b map[string]openapi.Encoding) map[string]openapi.Encoding {
	if a == nil {
		return b
	}
	for name, e := range b {
		first, both := a[name]
		switch {
		case both && (first.ContentType == "" || e.ContentType == ""):
			e.ContentType = ""
		case both && first.ContentType != e.ContentType:
			offered := strings.Split(first.ContentType, ", ")
			for media := range strings.SplitSeq(e.ContentType, ", ") {
				if !slices.Contains(offered, media) {
					offered = append(offered, media)
				}
			}
			e.ContentType = strings.Join(offered, ", ")
		}
		a[name] = e
	}
	return a
}

// compile prepares the writing of a body. given is what a contract says of it, nil if it says nothing that its type does not prove.
func (r *replyParts) compile(eval expr.Eval, media string, sent, given *schema.Type, pos diag.Pos) partsWriter {
	var checker *schema.Checker
	if given != nil {
		checker = schema.NewChecker(given)
	}
	return func(f *expr.Frame) (body []byte, contentType string, err error) {
		v, err := eval(f)
		if err != nil {
			return nil, "", err
		}
		if err := f.SpendDeep(v); err != nil {
			return nil, "", &expr.Failure{Pos: pos, Err: err}
		}
		if checker != nil {
			if violations := checker.Check(r.form.Plain(v, sent)); violations != nil {
				return nil, "", violations
			}
		}
		if body, contentType, err = r.form.Write(v, media, f.Most()); err == nil && !f.Fits(len(body)) {
			err = f.MayWrite(len(body))
		}
		if err != nil {
			return nil, "", &expr.Failure{Pos: pos, Err: err}
		}
		return body, contentType, nil
	}
}
