package routes

import (
	"net/http"
	"slices"

	"fondaco/openapi"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/store"
)

// Operations describes the public routes for an OpenAPI document, in the model's order: what they take, what they give,
// and the statuses that they can give and no others.
func (t *Typed) Operations() []openapi.Operation {
	var all []openapi.Operation
	async := false
	var schemes []openapi.Requirement
	for _, r := range t.Routes {
		op := r.operation()
		if r.Model.Async {
			async = true
			schemes = op.Security
		}
		all = append(all, op)
	}
	if async {
		all = append(all, states(schemes)...)
	}
	return all
}

func (r *TypedRoute) operation() openapi.Operation {
	d := r.Model
	op := openapi.Operation{
		ID: d.ID.Value, Method: d.Pattern.Method, Path: d.Pattern.Path, Summary: d.Summary, Description: d.Description, Tag: d.Tag,
		Deprecated: d.Deprecated, Body: d.Body, BodyRequired: d.Body != nil, RateLimited: d.Rate.Count > 0, Pos: d.Pos,
	}
	for i := range places {
		op.Parameters = append(op.Parameters, r.params[i].Describe()...)
	}
	if !d.Auth.None && d.Auth.Scheme != "" {
		op.Security = []openapi.Requirement{{{Scheme: d.Auth.Scheme}}}
	}
	if d.Async {
		op.Parameters = append(op.Parameters, openapi.Parameter{Name: "Idempotency-Key", In: "header", Type: schema.TypeText, Doc: "Ripetere la richiesta con la stessa chiave non la esegue due volte"})
		taken := openapi.Response{
			Status: http.StatusAccepted, Doc: "Richiesta presa in carico; Location dice dove chiederne lo stato", Body: acceptedBody,
			Headers: []openapi.Header{{Name: "Location", Type: schema.TypeText, Required: true}, {Name: "Retry-After", Type: schema.TypeInt, Required: true}},
		}
		if d.replyTo.given {
			r.tells(&op, &taken)
		}
		op.Responses = append(op.Responses, taken)
		for _, status := range r.statuses() {
			op.Responses = append(op.Responses, openapi.Response{Status: status, Doc: problemDocs[status]})
		}
		return op
	}
	answer := openapi.Response{Status: r.Status, Doc: d.Summary, Body: r.Answer, Headers: r.Headers}
	if answer.Doc == "" {
		answer.Doc = http.StatusText(r.Status)
	}
	if d.respond != nil {
		answer.ContentType = d.respond.content.Value
	}
	op.Responses = append(op.Responses, answer)
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
	d := r.Model
	set := map[int]bool{400: true, 500: true, 504: true}
	for e := range r.escapes {
		set[e.status] = true
	}
	if d.Body != nil || slices.ContainsFunc(r.params[:], (*trigger.Params).Refuses) {
		set[422] = true
	}
	if d.Body != nil {
		set[413], set[415] = true, true
	}
	if !d.Auth.None {
		set[401], set[403], set[503] = true, true, true
	}
	if d.Rate.Count > 0 {
		set[429] = true
	}
	if d.Async {
		set = map[int]bool{400: true, 409: true, 413: true, 415: d.Body != nil, 422: true, 401: set[401], 403: set[403], 429: set[429], 500: true, 503: true, 504: true}
	}
	if len(r.Calls) > 0 {
		set[503] = true
	}
	if r.given != nil {
		set[502] = true
	}
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
		Contact: openapi.Contact(p.Contact), Servers: servers, License: openapi.License{Name: p.License},
	}
	if info.Title == "" {
		info.Title = p.Name.Value
	}
	if info.Summary == "" {
		info.Summary = info.Title
	}
	for _, s := range p.Auth {
		info.Schemes = append(info.Schemes, openapi.Scheme{
			Name: s.Name.Value, Type: "http", HTTP: "bearer", BearerFormat: "JWT",
			Doc: "Un token firmato (RFC 8725) del servizio di accesso.",
		})
	}
	return info
}

// acceptedBody is what a request that is done later is answered with.
var acceptedBody = schema.RecordType(
	schema.Field{Name: "id", Type: schema.TypeText, Required: true, Doc: "L'identificativo dell'operazione"},
	schema.Field{Name: "state", Type: stateType, Required: true},
)

var stateType = &schema.Type{Kind: schema.KindText, Doc: "Lo stato dell'operazione", Enum: []schema.Value{
	schema.Text(string(store.Accepted)), schema.Text(string(store.Working)), schema.Text(string(store.Waiting)), schema.Text(string(store.Done)), schema.Text(string(store.Failed)),
}}

// states describes where the states of accepted requests are asked for.
func states(security []openapi.Requirement) []openapi.Operation {
	id := openapi.Parameter{Name: "id", In: "path", Required: true, Type: schema.TypeText, Doc: "L'identificativo dell'operazione"}
	problems := func(list ...int) (all []openapi.Response) {
		for _, status := range list {
			all = append(all, openapi.Response{Status: status, Doc: problemDocs[status]})
		}
		return all
	}
	body := schema.RecordType(
		schema.Field{Name: "id", Type: schema.TypeText, Required: true}, schema.Field{Name: "state", Type: stateType, Required: true},
		schema.Field{Name: "created", Type: schema.TypeDateTime, Required: true}, schema.Field{Name: "updated", Type: schema.TypeDateTime, Required: true},
	)
	errors := []int{http.StatusBadRequest, http.StatusNotFound, http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	if security != nil {
		errors = append(errors, http.StatusUnauthorized, http.StatusForbidden)
	}
	slices.Sort(errors)
	return []openapi.Operation{
		{
			ID: "stato-operazione", Method: http.MethodGet, Path: "/operations/{id}", Summary: "Lo stato di una richiesta presa in carico", Tag: "Operazioni", Security: security,
			Parameters: []openapi.Parameter{id},
			Responses: append([]openapi.Response{
				{Status: http.StatusOK, Doc: "Non è ancora conclusa", Body: body, Headers: []openapi.Header{{Name: "Retry-After", Type: schema.TypeInt, Required: true}}},
				{Status: http.StatusSeeOther, Doc: "È conclusa: Location dice dove è l'esito", Body: body, Headers: []openapi.Header{{Name: "Location", Type: schema.TypeText, Required: true}}},
			}, problems(errors...)...),
		},
		{
			ID: "esito-operazione", Method: http.MethodGet, Path: "/operations/{id}/result", Summary: "L'esito di una richiesta conclusa", Tag: "Operazioni", Security: security,
			Parameters: []openapi.Parameter{id},
			Responses:  append([]openapi.Response{{Status: http.StatusOK, Doc: "L'esito, come l'operazione lo descrive", Body: schema.TypeAny}}, problems(errors...)...),
		},
	}
}
