package routes

import (
	"cmp"
	"slices"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/openapi"
	"fondaco/openapi/texts"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// reply is an answer that a route may have, checked: the one at its end, or that of a step.
type reply struct {
	said    *respond // nil: nothing is said, it is 204
	status  int
	body    *transform.Typed // nil without
	typ     *schema.Type     // of the body, nil if there is none
	parts   *replyParts      // of a body of several parts, nil for another
	headers []openapi.Header
	missing *expr.Var    // the name missing, nil if no optional branch is on the way to it
	given   *schema.Type // of the body, by the project's contract; nil if it says nothing
	pos     diag.Pos     // where it stands
	step    diag.Pos     // of the step respond that it is of; zero for the one at the end
}

// replies lists the answers that the route may have: those of its steps in their order, and then the one at its end.
func (r *TypedRoute) replies() []*reply {
	all := slices.Clone(r.early)
	if r.end != nil {
		all = append(all, r.end)
	}
	return all
}

// other reports whether the body is of another media type than JSON.
func (p *reply) other() bool {
	return p.said != nil && (p.said.content.Value != "" || p.said.stream.Value != "")
}

// streamed returns the operation whose octets the answer hands on, nil if it has a body of its own.
func (p *reply) streamed(r *TypedRoute) *connectors.Operation {
	if c := r.last(); p.said != nil && p.said.stream.Value != "" && c != nil {
		return c.op
	}
	return nil
}

// content returns the media type of the body, "" for JSON.
func (p *reply) content(r *TypedRoute) string {
	if op := p.streamed(r); op != nil {
		return op.Octets
	}
	if p.said == nil {
		return ""
	}
	return p.said.content.Value
}

// answers sums up the answers of the route, once they are checked: their type, and what of one status contradicts another.
func (r *TypedRoute) answers(s *Scope) {
	r.Answer, r.Status, r.returned = nil, 0, nil
	bare := false
	all := r.replies()
	for _, p := range all {
		switch {
		case p.typ == nil:
			bare = true
		case r.returned == nil:
			r.returned = p.typ
		default:
			r.returned = schema.Join(r.returned, p.typ)
		}
	}
	if r.end != nil {
		r.Answer, r.Status = r.end.typ, r.end.status
	}
	if r.Model.Sub() {
		if bare && r.returned != nil {
			r.returned = r.returned.OrNull()
		}
		return
	}
	if !r.Model.Public() {
		return
	}
	for i, p := range all {
		r.alike(s, all[:i], p)
	}
}

// alike reports an answer that contradicts one before it, of the same status.
func (r *TypedRoute) alike(s *Scope, before []*reply, p *reply) {
	what, hint := "status", "give them different statuses, or the same content"
	if r.Model.replyTo.given {
		what, hint = "route with reply_to", "give them the same content"
	}
	for _, first := range before {
		same := first.status == p.status
		switch {
		case first.typ != nil && p.typ != nil && first.content(r) != p.content(r) && (same || r.Model.replyTo.given):
			s.check.out.Report(diag.BadRoute, p.pos, "this answer is %s, and the one at %s is %s: answers of one %s have one media type",
				p.media(r), first.pos, first.media(r), what).
				WithHint("%s", hint)
			return
		case same && (first.typ == nil) != (p.typ == nil):
			s.check.out.Report(diag.BadRoute, p.pos, "of the answers of status %d this one has %s body, and the one at %s has %s", p.status,
				some(p.typ), first.pos, some(first.typ)).WithHint("give both a body, or one of them another status")
			return
		}
	}
}

// responses describes the answers for a document: one of each status, in the order of their statuses.
func (r *TypedRoute) responses(l texts.Language) []openapi.Response {
	var list []openapi.Response
	for _, p := range r.replies() {
		headers := p.headers
		if p.streamed(r) != nil {
			headers = append(slices.Clone(headers), openapi.Header{
				Name: "Content-Disposition", Type: schema.TypeText, Doc: l.Text(texts.FileName),
			})
		}
		at := slices.IndexFunc(list, func(x openapi.Response) bool { return x.Status == p.status })
		if at < 0 {
			one := openapi.Response{
				Status: p.status, Body: p.typ, ContentType: p.content(r), Encoding: p.encoding(), Headers: headers,
			}
			list = append(list, one)
			at = len(list) - 1
		} else {
			both := &list[at]
			both.Headers = joinHeaders(both.Headers, headers)
			if both.Body != nil && p.typ != nil {
				both.Body = schema.Join(both.Body, p.typ)
				both.Encoding = joinEncoding(both.Encoding, p.encoding())
			}
		}
		if p == r.end && r.Model.Summary != "" {
			list[at].Doc = r.Model.Summary
		}
	}
	slices.SortStableFunc(list, func(a, b openapi.Response) int { return a.Status - b.Status })
	return list
}

// joinHeaders lists the headers of two answers of one status; one that only one of them has is not always there.
func joinHeaders(a, b []openapi.Header) []openapi.Header {
	all := slices.Clone(a)
	for i := range all {
		at := slices.IndexFunc(b, func(h openapi.Header) bool { return canonical(h.Name) == canonical(all[i].Name) })
		all[i].Required = all[i].Required && at >= 0 && b[at].Required
	}
	for _, h := range b {
		if !slices.ContainsFunc(a, func(x openapi.Header) bool { return canonical(h.Name) == canonical(x.Name) }) {
			h.Required = false
			all = append(all, h)
		}
	}
	return all
}

// media returns the media type of the body.
func (p *reply) media(r *TypedRoute) string {
	return cmp.Or(p.content(r), "application/json")
}

// some says whether there is a body.
func some(t *schema.Type) string {
	if t == nil {
		return "no"
	}
	return "a"
}
