package mock

import (
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"

	"fondaco/openapi"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/parts"
)

// input checks the requests of an operation that a document describes.
type input struct {
	params   []*trigger.Params
	body     *codec.JSONDecoder // nil for a body that is not JSON, or none
	form     *parts.Form        // likewise, of several parts
	required bool
	media    string // of a body that is neither, "" for any
	has      bool
	free     []string // names of the query that are passed over: of objects (deepObject), and of keys
}

// inputOf prepares the checks of an operation, and says in its route how its body comes. keys are the names of keys in the query.
func inputOf(op *openapi.Operation, r *routes.Route, keys []string) (*input, error) {
	in := &input{required: op.BodyRequired, has: op.Body != nil, free: slices.Clone(keys)}
	for _, place := range []string{"path", "query", "header", "cookie"} {
		var list []trigger.Param
		if place == "path" { // in the order of the holes
			for segment := range strings.SplitSeq(op.Path, "/") {
				if name, is := strings.CutPrefix(segment, "{"); is {
					list = append(list, pathParam(op, strings.TrimSuffix(name, "}")))
				}
			}
		} else {
			list = others(op, place)
		}
		if place == "header" {
			for _, p := range list {
				r.Takes = append(r.Takes, p.Name)
			}
		}
		in.params = append(in.params, trigger.NewParams(place, list))
	}
	for _, p := range op.Parameters {
		if p.In == "query" && p.Style == "deepObject" {
			in.free = append(in.free, p.Name)
		}
	}
	media, _, _ := strings.Cut(op.BodyType, ";")
	switch {
	case op.Body == nil:
	case media == "" || media == openapi.JSONMedia(op.Method):
		in.body = codec.CompileJSON(op.Body, codec.JSONOptions{Unknown: codec.Refuse})
	case media == formMedia:
		form, err := formOf(op.Body, op.BodyEncoding)
		if err != nil {
			return nil, fmt.Errorf("%s: %s %s: %w", op.Pos, op.Method, op.Path, err)
		}
		in.form, r.Form = form, true
	default:
		in.media, r.Raw = media, true
		if isJSON(media) {
			in.body = codec.CompileJSON(op.Body, codec.JSONOptions{Unknown: codec.Refuse})
		}
	}
	return in, nil
}

const formMedia = "multipart/form-data"

// formOf prepares bodies of several parts.
func formOf(t *schema.Type, said map[string]openapi.Encoding) (*parts.Form, error) {
	encoding := make(map[string]parts.Encoding, len(said))
	for name, e := range said {
		encoding[name] = parts.Encoding{ContentType: e.ContentType, Styled: e.Styled, Style: e.Style, Explode: e.Explode, Binary: e.Binary}
	}
	return parts.Of(t, encoding)
}

// pathParam returns the parameter of a hole; one that the document does not describe is any text.
func pathParam(op *openapi.Operation, name string) trigger.Param {
	for _, p := range op.Parameters {
		if p.In == "path" && p.Name == name {
			return param(p)
		}
	}
	return trigger.Param{Name: name, In: "path", Type: schema.TypeText, Required: true}
}

func others(op *openapi.Operation, place string) (list []trigger.Param) {
	for _, p := range op.Parameters {
		if p.In == place && !(place == "query" && p.Style == "deepObject") {
			list = append(list, param(p))
		}
	}
	return list
}

func param(p openapi.Parameter) trigger.Param {
	t := p.Type
	if t == nil || p.ContentType != "" {
		t = schema.TypeText // of a text that holds another format only that it is there is checked
	}
	return trigger.Param{Name: p.Name, In: p.In, Type: t, Required: p.Required || p.In == "path", Doc: p.Doc}
}

// check reads a request, and returns the problem by which it is refused, nil if none.
func (in *input) check(req *trigger.Request) *trigger.Problem {
	var (
		bad   []trigger.Invalid
		arena schema.Arena
	)
	if len(in.free) > 0 {
		c := *req
		c.Query, req = in.without(req.Query), &c
	}
	for _, p := range in.params {
		if _, problem := p.Decode(req, &arena, &bad); problem != nil {
			return problem
		}
	}
	if problem := in.checkBody(req, &bad); problem != nil {
		return problem
	}
	if len(bad) > 0 {
		return &trigger.Problem{Status: 422, Title: "Invalid request", Detail: "Some values of the request do not fit.", Errors: bad}
	}
	return nil
}

// without returns a query without the names that are passed over.
func (in *input) without(query string) string {
	if query == "" {
		return ""
	}
	return strings.Join(slices.DeleteFunc(strings.Split(query, "&"), func(pair string) bool {
		key, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(key); err == nil {
			key = plain
		}
		name, _, _ := strings.Cut(key, "[")
		return slices.Contains(in.free, name)
	}), "&")
}

func (in *input) checkBody(req *trigger.Request, bad *[]trigger.Invalid) (problem *trigger.Problem) {
	if len(req.Body) == 0 && (!in.required || !in.has) {
		return nil
	}
	if in.media != "" {
		media, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
		if err != nil || !strings.EqualFold(media, in.media) && !strings.Contains(in.media, "*") {
			return trigger.NewProblem(415, "The body of this operation is "+in.media+".")
		}
	}
	switch {
	case in.form != nil:
		_, problem = trigger.DecodeForm(in.form, req, bad)
	case in.body != nil:
		_, problem = trigger.DecodeBody(in.body, req, bad)
	case in.has && len(req.Body) == 0:
		*bad = append(*bad, trigger.Invalid{Pointer: "#", Detail: "expected a body"})
	}
	return problem
}

// isJSON reports whether a media type is JSON's.
func isJSON(media string) bool {
	base, _, _ := strings.Cut(strings.ToLower(media), ";")
	base = strings.TrimSpace(base)
	return base == "application/json" || strings.HasSuffix(base, "+json")
}
