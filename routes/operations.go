package routes

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"fondaco/openapi"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/store"
)

// Operations describes the public routes for an OpenAPI document, in the model's order: what they take, what they give,
// and the statuses that they can give and no others.
func (t *Typed) Operations() []openapi.Operation {
	var all []openapi.Operation
	var async []*TypedRoute
	for _, r := range t.Routes {
		if r.Model.Async {
			async = append(async, r)
		}
		all = append(all, r.operation())
	}
	if async != nil {
		all = append(all, states(async)...)
	}
	return all
}

func (r *TypedRoute) operation() openapi.Operation {
	d := r.Model
	op := openapi.Operation{
		ID: d.ID.Value, Method: d.Pattern.Method, Path: d.Pattern.Path, Summary: d.Summary, Description: d.Description, Tag: d.Tag,
		Deprecated: d.Deprecated, Body: d.Body, BodyRequired: d.Body != nil, RateLimited: d.Rate.Count > 0, Pos: d.Pos,
	}
	d.content.describe(&op)
	if d.upload.Value != "" {
		r.uploaded(&op)
	}
	for i := range places {
		op.Parameters = append(op.Parameters, r.params[i].Describe()...)
	}
	op.Security = r.security()
	if d.Async || d.Keyed() {
		if !slices.ContainsFunc(op.Parameters, func(p openapi.Parameter) bool {
			return p.In == "header" && strings.EqualFold(p.Name, keyParameter.Name)
		}) {
			op.Parameters = append(op.Parameters, keyParameter)
		}
	}
	if d.Async {
		taken := openapi.Response{
			Status: http.StatusAccepted, Doc: "Richiesta presa in carico; Location dice dove chiederne lo stato", Body: acceptedBody,
			Headers: []openapi.Header{
				{Name: "Location", Type: schema.TypeText, Required: true},
				{Name: "Retry-After", Type: schema.TypeInt, Required: true},
			},
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
	op.Responses = append(op.Responses, r.responses()...)
	problems := r.statusesOf(r.problemEscapes())
	for _, status := range r.statuses() {
		op.Responses = append(op.Responses, r.failure(status, problems))
	}
	return op
}

// keyParameter is the header by which callers repeat a request without its being done twice.
var keyParameter = openapi.Parameter{
	Name: "Idempotency-Key", In: "header", Type: schema.TypeText,
	Doc: "Ripetere la richiesta con la stessa chiave non la esegue due volte",
}

// dispositionHeader is how the name of a file is said, where a system says it.
var dispositionHeader = openapi.Header{Name: "Content-Disposition", Type: schema.TypeText, Doc: "Il nome del file, se il sistema lo dice"}

// security is what the route asks of a caller, nil if nothing.
func (r *TypedRoute) security() []openapi.Requirement {
	if d := r.Model; !d.Auth.None && d.Auth.Scheme != "" {
		return []openapi.Requirement{{{Scheme: d.Auth.Scheme}}}
	}
	return nil
}

// problemDocs says in Italian what the statuses mean: callers of the API read it.
var problemDocs = map[int]string{
	http.StatusBadRequest:            "Richiesta non valida",
	http.StatusUnauthorized:          "Autenticazione mancante o non sufficiente",
	http.StatusForbidden:             "Operazione non consentita",
	http.StatusNotFound:              "Non trovato",
	http.StatusConflict:              "In conflitto con lo stato attuale",
	http.StatusGone:                  "La richiesta è stata annullata",
	http.StatusRequestEntityTooLarge: "Richiesta troppo grande",
	http.StatusUnsupportedMediaType:  "Formato della richiesta non supportato",
	http.StatusUnprocessableEntity:   "I dati della richiesta non sono accettabili",
	http.StatusTooManyRequests:       "Troppe richieste",
	http.StatusInternalServerError:   "Errore interno",
	http.StatusBadGateway:            "Un sistema ha risposto in modo non comprensibile",
	http.StatusServiceUnavailable:    "Un sistema non è disponibile",
	http.StatusGatewayTimeout:        "Un sistema non ha risposto in tempo",
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
	if d.Rate.Count > 0 {
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
	schema.Text(string(store.Accepted)), schema.Text(string(store.Working)), schema.Text(string(store.Waiting)),
	schema.Text(string(store.Done)),
	schema.Text(string(store.Failed)), schema.Text(string(store.Cancelled)),
}}

// operationState is the answer of /operations/{id}.
var operationState = schema.RecordType(
	schema.Field{Name: "id", Type: schema.TypeText, Required: true}, schema.Field{Name: "state", Type: stateType, Required: true},
	schema.Field{Name: "created", Type: schema.TypeDateTime, Required: true},
	schema.Field{Name: "updated", Type: schema.TypeDateTime, Required: true},
)

// states describes where the states and results of accepted requests are asked for, and where they are cancelled.
func states(async []*TypedRoute) []openapi.Operation {
	id := openapi.Parameter{Name: "id", In: "path", Required: true, Type: schema.TypeText, Doc: "L'identificativo dell'operazione"}
	var security []openapi.Requirement
	set := map[int]bool{400: true, 404: true, 500: true, 503: true, 504: true}
	results := maps.Clone(set)
	answers := map[int]string{} // their media types; "" is JSON
	endings := &TypedRoute{}
	for _, r := range async {
		endings.extended = append(endings.extended, r.extended...)
		endings.formed = append(endings.formed, r.formed...)
		if required := r.security(); required != nil {
			security = required
			set[401], set[403], results[401], results[403] = true, true, true, true
		}
		for _, p := range r.replies() {
			media := p.content(r)
			if before, known := answers[p.status]; known && before != media {
				media = "*/*"
			}
			answers[p.status] = media
		}
		for _, status := range r.results() {
			results[status] = true
		}
	}
	problems := func(set map[int]bool) (all []openapi.Response) {
		for _, status := range sorted(set) {
			all = append(all, openapi.Response{Status: status, Doc: problemDocs[status]})
		}
		return all
	}
	operation := func(id, method, path, summary string, responses []openapi.Response, parameters ...openapi.Parameter) openapi.Operation {
		return openapi.Operation{
			ID: id, Method: method, Path: path, Summary: summary, Tag: "Operazioni", Security: security,
			Parameters: parameters, Responses: responses,
		}
	}
	tag := openapi.Header{Name: "ETag", Type: schema.TypeText, Required: true}
	location := openapi.Header{Name: "Location", Type: schema.TypeText, Required: true}
	ended := []openapi.Response{}
	for _, status := range slices.Sorted(maps.Keys(answers)) {
		response := openapi.Response{
			Status: status, Doc: "L'esito, come l'operazione lo descrive", Body: schema.TypeAny, ContentType: answers[status],
		}
		if status == http.StatusNoContent {
			response.Body = nil
		}
		ended = append(ended, response)
		delete(results, status)
	}
	var failures []openapi.Response
	for _, status := range sorted(results) {
		failures = append(failures, endings.failure(status, []int{status}))
	}
	cancelling := maps.Clone(set)
	cancelling[409] = true
	return []openapi.Operation{
		operation("stato-operazione", http.MethodGet, "/operations/{id}", "Lo stato di una richiesta presa in carico", append([]openapi.Response{
			{
				Status: http.StatusOK, Doc: "Non è ancora conclusa; Retry-After dice quando chiedere di nuovo", Body: operationState,
				Headers: []openapi.Header{{Name: "Retry-After", Type: schema.TypeInt, Required: true}, tag},
			},
			{
				Status: http.StatusSeeOther, Doc: "È conclusa: Location dice dove è l'esito", Body: operationState,
				Headers: []openapi.Header{location, tag},
			},
			{Status: http.StatusNotModified, Doc: "Lo stato è quello di If-None-Match"},
		}, problems(set)...), id, openapi.Parameter{
			Name: "If-None-Match", In: "header", Type: schema.TypeText,
			Doc: "L'ETag dell'ultimo stato ricevuto",
		}),
		operation("annulla-operazione", http.MethodDelete, "/operations/{id}", "Annulla una richiesta che attende di essere lavorata",
			append([]openapi.Response{
				{Status: http.StatusOK, Doc: "È annullata", Body: operationState},
			}, problems(cancelling)...), id),
		operation("esito-operazione", http.MethodGet, "/operations/{id}/result", "L'esito di una richiesta conclusa",
			append(ended, failures...), id),
	}
}
