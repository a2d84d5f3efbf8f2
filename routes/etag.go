package routes

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/openapi"
	"fondaco/openapi/texts"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
	"fondaco/transform/funcs"
)

// etag says what the header ETag of an answer is made from: a value that changes with what is answered, or the body itself.
type etag struct {
	of    transform.Mapping // none where it is made from the body
	pos   diag.Pos
	given bool

	typed *transform.Typed // of of
}

// Decode reads true, or a value.
func (e *etag) Decode(n *config.Node, out *diag.List) {
	e.given, e.pos = true, n.Pos()
	if on, is := n.Bool(); is {
		if !on {
			n.Report(out, diag.BadValue, "etag: found false, expected true or a value, as ${persona.versione}").WithHint("leave out etag")
		}
		return
	}
	e.of.Decode(n, out)
}

// Schema describes it to editors.
func (e *etag) Schema() spec.Schema {
	return spec.Schema{"anyOf": []any{spec.Schema{"const": true}, e.of.Schema()}}
}

// check types what the tag of an answer is made from, and reports where none can be.
func (e *etag) check(s *Scope, r *respond, p *reply) {
	if e.typed = nil; !e.given {
		return
	}
	d := s.route.Model
	bad := func(hint, format string, args ...any) {
		s.check.out.Report(diag.BadRoute, e.pos, format, args...).WithHint("%s", hint)
	}
	whole := e.of.IsZero()
	switch {
	case !d.Public():
		if !d.headless {
			bad("write it under respond of the route that answers", "etag is for answers over HTTP, and no request starts this route")
		}
	case d.Async:
		bad("leave out etag", "the answers of a route with accept: async are kept, and have no etag")
	case whole && d.Pattern.Method != http.MethodGet:
		bad("write a value that the GET of the same thing has too, as etag: ${persona.versione}",
			"etag: true is made from what a GET shows, and this answers %s", d.Pattern.Method)
	case whole && (r.body.IsZero() || strings.HasPrefix(strings.ToLower(r.content.Value), "multipart/")):
		bad("write a value that changes with it, as etag: ${persona.versione}",
			"etag: true is made from the body, and this answer has none that is the same each time")
	case p.status/100 != 2:
		bad("leave out etag", "an answer %d shows nothing that could have an etag", p.status)
	case slices.ContainsFunc(r.headers, func(h *header) bool { return strings.EqualFold(h.name.Value, "etag") }):
		bad("leave out one of them", "the answer has etag, and the header ETag besides")
	}
	required := true
	if !whole {
		e.typed = s.Map(&e.of)
		required = !e.typed.Type.Nullable
	}
	p.headers = append(p.headers, openapi.Header{Name: "ETag", Type: schema.TypeText, Required: required})
}

// compile returns what makes the tag before the body is written, "" for none; nil where the body makes it, or there is none.
func (e *etag) compile() func(f *expr.Frame) (string, error) {
	if e.typed == nil {
		return nil
	}
	return compileTag(e.typed)
}

// compileTag returns what makes the tag of a value: "" of one that is not there.
func compileTag(t *transform.Typed) func(f *expr.Frame) (string, error) {
	eval := t.Compile(nil)
	return func(f *expr.Frame) (string, error) {
		v, err := eval(f)
		if err != nil || v.IsNil() {
			return "", err
		}
		switch v.Kind() {
		case schema.KindList, schema.KindRecord, schema.KindMap, schema.KindBytes:
			if err := f.SpendDeep(v); err != nil {
				return "", err
			}
			return tagOf(codec.AppendJSON(nil, v)), nil
		}
		return tagOf([]byte(funcs.Print(v))), nil
	}
}

// tagOf returns a strong tag (RFC 9110 §8.8.3) of what a value, or a body, says. Nothing of it can be read from the tag.
func tagOf(text []byte) string {
	sum := sha256.Sum256(text)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// tagged puts the tag into an answer, and reports whether the caller has what it tags already: the answer is then 304, and needs no body.
func (e *entry) tagged(x *Exchange, resp *trigger.Response, tag string) (fresh bool) {
	if tag == "" {
		return false
	}
	resp.Tagged = true
	resp.Header = append(resp.Header, trigger.Header{Name: "ETag", Value: tag})
	if !slices.ContainsFunc(resp.Header, func(h trigger.Header) bool { return strings.EqualFold(h.Name, "cache-control") }) {
		cache := "private, no-cache"
		if e.route.Auth.None {
			cache = "no-cache"
		}
		resp.Header = append(resp.Header, trigger.Header{Name: "Cache-Control", Value: cache})
	}
	if e.route.Method != http.MethodGet || resp.Status != http.StatusOK || !trigger.NoneMatch(x.shared.head["If-None-Match"], tag) {
		return false
	}
	resp.Status, resp.ContentType, resp.Body, resp.Form = http.StatusNotModified, "", resp.Body[:0], nil
	return true
}

// tags reports whether an answer of the route has a tag that a GET may be asked by.
func (r *TypedRoute) tags() bool {
	return r.Model.Pattern.Method == http.MethodGet && slices.ContainsFunc(r.replies(), func(p *reply) bool {
		return p.said != nil && p.said.etag.given && p.status == http.StatusOK
	})
}

// conditional adds to the description of a route what conditional requests of it have (RFC 9110 §13).
func (r *TypedRoute) conditional(op *openapi.Operation, l texts.Language) {
	add := func(name string, doc texts.Key, required bool) {
		if !slices.ContainsFunc(op.Parameters, func(p openapi.Parameter) bool { return p.In == "header" && strings.EqualFold(p.Name, name) }) {
			op.Parameters = append(op.Parameters, openapi.Parameter{
				Name: name, In: "header", Type: schema.TypeText, Doc: l.Text(doc), Required: required,
			})
		}
	}
	if r.ifMatch != nil {
		add("If-Match", texts.ReadETag, r.ifMatch.required)
	}
	if r.tags() {
		add("If-None-Match", texts.LastRead, false)
		op.Responses = append(op.Responses, openapi.Response{
			Status: http.StatusNotModified, Doc: l.Text(texts.NotModified),
			Headers: []openapi.Header{{Name: "ETag", Type: schema.TypeText, Required: true}},
		})
	}
}
