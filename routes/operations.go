package routes

import (
	"net/http"
	"slices"

	"fondaco/config/project"
	"fondaco/openapi"
)

// Operations gives the routes for an OpenAPI document, in the model's order: what they take, what they give, and the
// statuses that they can give, and no others.
func (t *Typed) Operations() []openapi.Operation {
	var all []openapi.Operation
	for _, r := range t.Routes {
		all = append(all, r.operation())
	}
	return all
}

func (r *TypedRoute) operation() openapi.Operation {
	m := r.Model
	op := openapi.Operation{
		ID: m.ID.Value, Method: m.Pattern.Method, Path: m.Pattern.Path, Summary: m.Summary, Description: m.Description, Tag: m.Tag,
		Deprecated: m.Deprecated, Body: m.Body, BodyRequired: m.Body != nil, RateLimited: m.Rate.Count > 0, Pos: m.Pos,
	}
	for _, in := range []string{"path", "query", "header", "cookie"} {
		op.Parameters = append(op.Parameters, r.params[in].Describe()...)
	}
	if !m.Auth.None && m.Auth.Scheme != "" {
		op.Security = []openapi.Requirement{{{Scheme: m.Auth.Scheme}}}
	}
	doc := m.Summary
	if doc == "" {
		doc = http.StatusText(r.Status)
	}
	op.Responses = append(op.Responses, openapi.Response{Status: r.Status, Doc: doc, Body: r.Answer, Headers: r.Headers})
	for _, status := range r.statuses() {
		op.Responses = append(op.Responses, openapi.Response{Status: status, Doc: problemDocs[status]})
	}
	return op
}

// problemDocs says in Italian what the statuses mean: callers of the API read it.
var problemDocs = map[int]string{
	http.StatusBadRequest:            "Richiesta non valida",
	http.StatusUnauthorized:          "Autenticazione mancante o non sufficiente",
	http.StatusForbidden:             "Operazione non consentita",
	http.StatusNotFound:              "Non trovato",
	http.StatusConflict:              "In conflitto con lo stato attuale",
	http.StatusRequestEntityTooLarge: "Richiesta troppo grande",
	http.StatusUnsupportedMediaType:  "Formato della richiesta non supportato",
	http.StatusUnprocessableEntity:   "I dati della richiesta non sono accettabili",
	http.StatusTooManyRequests:       "Troppe richieste",
	http.StatusInternalServerError:   "Errore interno",
	http.StatusBadGateway:            "Un sistema ha risposto in modo non comprensibile",
	http.StatusServiceUnavailable:    "Un sistema non è disponibile",
	http.StatusGatewayTimeout:        "Un sistema non ha risposto in tempo",
}

// statuses lists the problem statuses that the route can give, in order.
func (r *TypedRoute) statuses() []int {
	m := r.Model
	set := map[int]bool{http.StatusBadRequest: true, http.StatusInternalServerError: true}
	for s := range r.fails {
		set[s] = true
	}
	for k := range r.faults {
		set[faultStatus(k)] = true
	}
	for _, in := range []string{"path", "query", "header", "cookie"} {
		if r.params[in].Refuses() {
			set[http.StatusUnprocessableEntity] = true
		}
	}
	if m.Body != nil {
		set[http.StatusUnprocessableEntity], set[http.StatusUnsupportedMediaType], set[http.StatusRequestEntityTooLarge] = true, true, true
	}
	if !m.Auth.None {
		set[http.StatusUnauthorized], set[http.StatusServiceUnavailable] = true, true
		if len(m.Auth.Roles) > 0 {
			set[http.StatusForbidden] = true
		}
	}
	if m.Rate.Count > 0 {
		set[http.StatusTooManyRequests] = true
	}
	if len(r.Calls) > 0 {
		set[http.StatusGatewayTimeout] = true
	}
	var all []int
	for s := range set {
		if s != r.Status {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return all
}

// Info gives what the project says of its API as a whole. servers are the addresses where it answers.
func (t *Typed) Info(servers []openapi.Server) openapi.Info {
	p := t.Model.Project
	info := openapi.Info{
		Title: p.Title, Version: p.Version, Summary: p.Summary, Description: p.Description, TermsOfService: p.Terms, APIID: p.APIID,
		Contact: openapi.Contact(p.Contact), Servers: servers, License: openapi.License{Name: p.License},
	}
	if info.Title == "" {
		info.Title = p.Name.Value
	}
	if info.Summary == "" {
		info.Summary = info.Title
	}
	for _, s := range p.Auth {
		info.Schemes = append(info.Schemes, scheme(s))
	}
	return info
}

func scheme(s *project.Scheme) openapi.Scheme {
	return openapi.Scheme{Name: s.Name.Value, Type: "http", HTTP: "bearer", BearerFormat: "JWT", Doc: "Un token firmato (RFC 8725) del servizio di accesso."}
}
