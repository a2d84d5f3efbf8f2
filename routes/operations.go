package routes

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"fondaco/config/project"
	"fondaco/openapi"
	"fondaco/openapi/texts"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// Operations describes the public routes for an OpenAPI document, in the model's order: what they take, what they give,
// and the statuses that they can give and no others.
func (t *Typed) Operations() []openapi.Operation {
	l := t.Language()
	var all []openapi.Operation
	var async []*TypedRoute
	for _, r := range t.Routes {
		if r.Model.Async {
			async = append(async, r)
		}
		all = append(all, r.operation(l))
	}
	if async != nil {
		all = append(all, states(async, l)...)
	}
	return all
}

// Language is that of the texts that documents have besides the project's own.
func (t *Typed) Language() texts.Language { return texts.Language(t.Model.Project.Language) }

func (r *TypedRoute) operation(l texts.Language) openapi.Operation {
	d := r.Model
	op := openapi.Operation{
		ID: d.ID.Value, Method: d.Pattern.Method, Path: d.Pattern.Path, Summary: d.Summary, Description: d.Description, Tag: d.Tag,
		Deprecated: d.Deprecated, Body: d.Body, BodyRequired: d.Body != nil, RateLimited: d.Rate.Count > 0 || r.keyed != nil, Pos: d.Pos,
	}
	d.content.describe(&op)
	if d.upload.Value != "" {
		r.uploaded(&op)
	}
	for i := range places {
		op.Parameters = append(op.Parameters, r.params[i].Describe(l)...)
	}
	op.Security = r.security()
	if d.Async || d.Keyed() {
		if !slices.ContainsFunc(op.Parameters, func(p openapi.Parameter) bool {
			return p.In == "header" && strings.EqualFold(p.Name, keyHeader)
		}) {
			op.Parameters = append(op.Parameters, openapi.Parameter{
				Name: keyHeader, In: "header", Type: schema.TypeText, Doc: l.Text(texts.RepetitionKey),
			})
		}
	}
	if d.Async {
		taken := openapi.Response{
			Status: http.StatusAccepted, Doc: l.Text(texts.TakenOn), Body: acceptedBody(l),
			Headers: []openapi.Header{
				{Name: "Location", Type: schema.TypeText, Required: true},
				{Name: "Retry-After", Type: schema.TypeInt, Required: true},
			},
		}
		if d.replyTo.given {
			r.tells(&op, &taken, l)
		}
		op.Responses = append(op.Responses, taken)
		for _, status := range r.statuses() {
			op.Responses = append(op.Responses, openapi.Response{Status: status})
		}
		return op
	}
	op.Responses = append(op.Responses, r.responses(l)...)
	r.conditional(&op, l)
	problems, statuses := r.statusesOf(r.problemEscapes()), r.statuses()
	op.Responses = slices.Grow(op.Responses, len(statuses))
	for _, status := range statuses {
		op.Responses = append(op.Responses, r.failure(status, problems, l))
	}
	return op
}

// keyHeader is the header by which callers repeat a request without its being done twice.
const keyHeader = "Idempotency-Key"

// security is what the route asks of a caller, nil if nothing.
func (r *TypedRoute) security() []openapi.Requirement {
	if d := r.Model; !d.Auth.None && d.Auth.Scheme != "" {
		return []openapi.Requirement{{{Scheme: d.Auth.Scheme}}}
	}
	return nil
}

// statuses lists the statuses from 400 that the route can give, in order.
func (r *TypedRoute) statuses() []int { return r.statusesOf(r.escapes) }

// problemEscapes returns the ways to end before the end that answer with a problem.
func (r *TypedRoute) problemEscapes() map[escape]bool {
	left := maps.Clone(r.escapes)
	maps.DeleteFunc(left, func(e escape, _ bool) bool { return e.formed })
	return left
}

func (r *TypedRoute) statusesOf(escapes map[escape]bool) []int {
	d := r.Model
	set := map[int]bool{400: true, 500: true, 504: true}
	for e := range escapes {
		set[e.status] = true
	}
	if d.Body != nil || r.refuses || slices.ContainsFunc(r.params[:], (*trigger.Params).Refuses) {
		set[422] = true
	}
	if d.Body != nil || d.upload.Value != "" {
		set[413], set[415] = true, true
	}
	if !d.Auth.None {
		set[401], set[403], set[503] = true, true, true
	}
	if d.Rate.Count > 0 || r.keyed != nil {
		set[429] = true
	}
	if d.Async {
		return sorted(map[int]bool{
			400: true, 409: true, 413: true, 415: d.Body != nil, 422: true, 401: set[401], 403: set[403], 429: set[429],
			500: true, 503: true, 504: true,
		})
	}
	r.addSystems(set)
	if d.Keyed() {
		set[409], set[422], set[503] = true, true, true
	}
	return sorted(set)
}

// addSystems adds the statuses of the calls that the route makes.
func (r *TypedRoute) addSystems(set map[int]bool) {
	if len(r.Calls) > 0 {
		set[503] = true
	}
	if slices.ContainsFunc(r.replies(), func(p *reply) bool { return p.given != nil }) {
		set[502] = true
	}
}

// results lists the problem statuses with which an accepted request of the route can end, in order.
func (r *TypedRoute) results() []int {
	set := map[int]bool{http.StatusGone: true, 500: true, 504: true}
	for e := range r.escapes {
		set[e.status] = true
	}
	r.addSystems(set)
	return sorted(set)
}

func sorted(set map[int]bool) []int {
	var all []int
	for status, given := range set {
		if given {
			all = append(all, status)
		}
	}
	slices.Sort(all)
	return all
}

// Info says of the API as a whole what the project says. servers are the addresses where it answers.
func (t *Typed) Info(servers []openapi.Server) openapi.Info {
	p := t.Model.Project
	info := openapi.Info{
		Title: p.Title, Version: p.Version, Summary: p.Summary, Description: p.Description, TermsOfService: p.Terms, APIID: p.APIID,
		Contact: openapi.Contact(p.Contact), Servers: servers, Language: t.Language(), License: openapi.License{Name: p.License, SPDX: true},
		Problem: t.problemExample,
	}
	if info.Title == "" {
		info.Title = p.Name.Value
	}
	if info.Summary == "" {
		info.Summary = info.Title
	}
	for _, s := range p.Auth {
		info.Schemes = append(info.Schemes, t.scheme(s))
	}
	return info
}

// problemExample returns a problem as the server answers it, in the project's language.
func (t *Typed) problemExample(status int) []byte {
	p := trigger.NewProblem(status, "")
	if status == http.StatusUnprocessableEntity {
		p.Detail = "Some values of the request do not fit."
	}
	_, body := trigger.Language(t.Model.Project.Language).Answer(p)
	return append(body[:len(body)-1], `,"request_id":"5f0c1b7a9d3e4c6f8a2b4d6e8f0a1c3e"}`...)
}

// scheme describes a way to know who calls.
func (t *Typed) scheme(s *project.Scheme) openapi.Scheme {
	switch k := s.Keyed; {
	case k == nil:
		return openapi.Scheme{
			Name: s.Name.Value, Type: "http", HTTP: "bearer", BearerFormat: "JWT", Doc: t.Language().Text(texts.SignedToken),
		}
	case k.Basic:
		return openapi.Scheme{Name: s.Name.Value, Type: "http", HTTP: "basic", Doc: t.Language().Text(texts.NameAndPassword)}
	default:
		return openapi.Scheme{Name: s.Name.Value, Type: "apiKey", In: "header", Key: k.Header, Doc: t.Language().Text(texts.APIKey)}
	}
}
