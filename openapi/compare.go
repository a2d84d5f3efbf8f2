package openapi

import (
	"fmt"
	"slices"
	"strings"

	"fondaco/config/diag"
	"fondaco/schema"
)

// Compare reports where what the routes give is not what the document promises (contract first): operations that are
// missing or extra, parameters, bodies and answers of another type. A route may take more and give less than is
// promised, never the other way round. pos returns the place of the route with an operation's id; what no route stands
// for is told at the document's place. Problems have the code Contract.
func Compare(given *Document, ops []Operation, pos func(id string) diag.Pos, out *diag.List) {
	c := &comparison{out: out}
	found := map[*Operation]bool{}
	for i := range ops {
		c.op, c.at = &ops[i], pos(ops[i].ID)
		promised := given.match(&ops[i])
		if promised == nil {
			var all []string
			for j := range given.Operations {
				all = append(all, given.Operations[j].Method+" "+given.Operations[j].Path)
			}
			here := c.op.Method + " " + c.op.Path
			c.report("%s is not in the agreed document %s%s", here, given.File, diag.DidYouMean(here, all))
			continue
		}
		found[promised] = true
		c.operation(promised)
	}
	for i := range given.Operations {
		op := &given.Operations[i]
		if found[op] || op.Path == statusPath {
			continue
		}
		at := op.Pos
		if at.File == "" {
			at.File = given.File
		}
		out.Report(diag.Contract, at, "the agreed document has %s %s, no route serves it", op.Method, op.Path).
			WithHint("add a route with http: %s %s", op.Method, op.Path)
	}
}

// match finds the operation of the same method and path, whatever the holes are called.
func (d *Document) match(op *Operation) *Operation {
	for i := range d.Operations {
		if d.Operations[i].Method == op.Method && shape(d.Operations[i].Path) == shape(op.Path) {
			return &d.Operations[i]
		}
	}
	return nil
}

type comparison struct {
	out *diag.List
	op  *Operation
	at  diag.Pos
}

func (c *comparison) report(format string, args ...any) *diag.Problem {
	return c.out.Report(diag.Contract, c.at, format, args...)
}

func (c *comparison) operation(promised *Operation) {
	if promised.ID != "" && promised.ID != c.op.ID {
		c.report("the agreed document calls %s %s %q, the route %q", promised.Method, promised.Path, promised.ID, c.op.ID).
			AsWarning().WithHint("name the route %s", promised.ID)
	}
	if len(promised.Security) > 0 && len(c.op.Security) == 0 {
		c.report("the agreed document protects %s %s, the route is open to everybody", promised.Method, promised.Path).
			WithHint("give the route an auth")
	} else if len(promised.Security) == 0 && len(c.op.Security) > 0 {
		c.report("the agreed document leaves %s %s open to everybody, the route asks for authentication", promised.Method, promised.Path)
	}
	c.parameters(promised)
	c.body(promised)
	c.responses(promised)
}

func (c *comparison) parameters(promised *Operation) {
	holes := pathHoles(promised.Path)
	own := pathHoles(c.op.Path)
	same := func(p, q *Parameter) bool {
		if p.In != q.In {
			return false
		}
		if p.In == "path" {
			return slices.Index(own, p.Name) == slices.Index(holes, q.Name)
		}
		return p.Name == q.Name || p.In == "header" && strings.EqualFold(p.Name, q.Name)
	}
	for i := range promised.Parameters {
		q := &promised.Parameters[i]
		at := slices.IndexFunc(c.op.Parameters, func(p Parameter) bool { return same(&p, q) })
		if at < 0 {
			if q.In != "path" { // a hole that nobody types takes any text
				c.report("the agreed document has %s parameter %q, the route takes none", q.In, q.Name).
					WithHint("declare it under %s:", q.In)
			}
			continue
		}
		p := &c.op.Parameters[at]
		if p.Required && !q.Required {
			c.report("%s parameter %q is required by the route, optional in the agreed document", q.In, q.Name).
				WithHint("drop required: true")
		}
		c.fits(q.Type, p.Type, fmt.Sprintf("%s parameter %q, as the agreed document has it, does not fit the route's", q.In, q.Name))
	}
	for i := range c.op.Parameters {
		p := &c.op.Parameters[i]
		if p.Required && p.In != "path" && !slices.ContainsFunc(promised.Parameters, func(q Parameter) bool { return same(p, &q) }) {
			c.report("the route requires %s parameter %q, which the agreed document does not have", p.In, p.Name)
		}
	}
}

func (c *comparison) body(promised *Operation) {
	switch {
	case promised.Body == nil && c.op.Body == nil:
	case promised.Body == nil:
		if c.op.BodyRequired {
			c.report("the route requires a body, the agreed document has none")
		}
	case c.op.Body == nil:
		c.report("the agreed document has a body, the route takes none").WithHint("declare body:")
	default:
		if c.op.BodyRequired && !promised.BodyRequired {
			c.report("the body is required by the route, optional in the agreed document")
		}
		if form := plain(promised.BodyType) == multipartMedia; form != (c.op.BodyType == multipartMedia) {
			c.report("the body is %s in the agreed document, and %s in the route", mediaOr(promised.BodyType), mediaOr(c.op.BodyType))
			return
		}
		c.fits(bodyAsFiles(promised), bodyAsFiles(c.op), "the body, as the agreed document has it, does not fit the route's")
	}
}

// bodyAsFiles is asFiles of the body of an operation.
func bodyAsFiles(op *Operation) *schema.Type {
	if op.BodyBinary {
		return schema.TypeBytes
	}
	return asFiles(op.Body, op.BodyType, op.BodyEncoding)
}

// asFiles returns the type of a body in which octets as they are have one type, however a document says them.
func asFiles(body *schema.Type, media string, encoding map[string]Encoding) *schema.Type {
	if body == nil || body.Kind != schema.KindRecord || !ofParts(media) {
		return body
	}
	t := *body
	t.Fields = slices.Clone(t.Fields)
	for i := range t.Fields {
		f := &t.Fields[i]
		if !encoding[f.Name].Binary {
			continue
		}
		if f.Type.Kind != schema.KindList {
			f.Type = schema.TypeBytes
			continue
		}
		list := *f.Type
		list.Elem, f.Type = schema.TypeBytes, &list
	}
	return t.Seal()
}

// ofParts reports whether a media type is of bodies of several parts.
func ofParts(media string) bool { return strings.HasPrefix(plain(media), "multipart/") }

// mediaOr returns a body's media type, JSON's where none is said.
func mediaOr(media string) string {
	if media == "" {
		return jsonMedia
	}
	return media
}

func (c *comparison) responses(promised *Operation) {
	for i := range c.op.Responses {
		r := &c.op.Responses[i]
		at := promiseOf(promised, r.Status)
		switch {
		case at < 0 && (r.Status >= 400 || r.Status < 10): // every API may fail in ways that its document forgot
			continue
		case at < 0:
			c.report("the route answers %s, which the agreed document does not have", statusText(r.Status))
			continue
		case r.Status >= 400 || r.Status < 10:
			continue // problems are the server's
		}
		q := &promised.Responses[at]
		switch {
		case q.Body == nil && r.Body != nil:
			c.report("the route answers %s with a body, the agreed document without", statusText(r.Status))
		case q.Body != nil && r.Body == nil:
			c.report("the route answers %s without a body, the agreed document with one", statusText(r.Status))
		case q.Body != nil && (ofParts(q.ContentType) || ofParts(r.ContentType)) && plain(q.ContentType) != plain(r.ContentType):
			c.report("the answer %s is %s in the agreed document, and %s in the route", statusText(r.Status), mediaOr(q.ContentType),
				mediaOr(r.ContentType))
		case q.Body != nil:
			c.fits(r.Body, q.Sent(), fmt.Sprintf("the answer %s does not fit the agreed document's", statusText(r.Status)))
		}
		for _, h := range q.Headers {
			if h.Required && !slices.ContainsFunc(r.Headers, func(own Header) bool { return strings.EqualFold(own.Name, h.Name) }) {
				c.report("the answer %s lacks the header %s of the agreed document", statusText(r.Status), h.Name)
			}
		}
	}
	for i := range promised.Responses {
		q := &promised.Responses[i]
		if q.Status >= 200 && q.Status < 300 && !slices.ContainsFunc(c.op.Responses, func(r Response) bool { return r.Status == q.Status }) {
			c.report("the agreed document has the answer %d, the route never returns it", q.Status).AsWarning()
		}
	}
}

// Sent returns the type of an answer's body; in one of several parts, files are octets.
func (r *Response) Sent() *schema.Type { return asFiles(r.Body, r.ContentType, r.Encoding) }

// promiseOf returns which of the agreed responses a status falls under: its own, that of its hundred, or the default; -1 for none.
func promiseOf(promised *Operation, status int) int {
	at := slices.IndexFunc(promised.Responses, func(q Response) bool { return q.Status == status })
	if at < 0 {
		at = slices.IndexFunc(promised.Responses, func(q Response) bool { return q.Status > 0 && q.Status < 10 && q.Status == status/100 })
	}
	if at < 0 {
		at = slices.IndexFunc(promised.Responses, func(q Response) bool {
			return q.Status == 0 && (status >= 400 || q.ContentType != problemMedia) // a problem is no promise of a success
		})
	}
	return at
}

// fits reports each place at which a value of one type may not be one of the other.
func (c *comparison) fits(from, to *schema.Type, what string) {
	f := &fit{seen: map[[2]*schema.Type]bool{}}
	f.check("", from, to)
	for _, m := range f.misfits {
		c.report("%s: %s", what, m)
	}
}
