package routes

import (
	"maps"
	"net/http"

	"fondaco/openapi"
	"fondaco/openapi/texts"
	"fondaco/schema"
	"fondaco/store"
)

// acceptedBody is what a request that is done later is answered with.
func acceptedBody(l texts.Language) *schema.Type {
	return schema.RecordType(
		schema.Field{Name: "id", Type: schema.TypeText, Required: true, Doc: l.Text(texts.OperationID)},
		schema.Field{Name: "state", Type: stateType(l), Required: true},
	)
}

func stateType(l texts.Language) *schema.Type {
	return &schema.Type{Kind: schema.KindText, Doc: l.Text(texts.OperationState), Enum: []schema.Value{
		schema.Text(string(store.Accepted)), schema.Text(string(store.Working)), schema.Text(string(store.Waiting)),
		schema.Text(string(store.Done)),
		schema.Text(string(store.Failed)), schema.Text(string(store.Cancelled)),
	}}
}

// operationState is the answer of /operations/{id}.
func operationState(l texts.Language) *schema.Type {
	return schema.RecordType(
		schema.Field{Name: "id", Type: schema.TypeText, Required: true},
		schema.Field{Name: "state", Type: stateType(l), Required: true},
		schema.Field{Name: "created", Type: schema.TypeDateTime, Required: true},
		schema.Field{Name: "updated", Type: schema.TypeDateTime, Required: true},
	)
}

// states describes where the states and results of accepted requests are asked for, and where they are cancelled.
func states(async []*TypedRoute, l texts.Language) []openapi.Operation {
	id := openapi.Parameter{Name: "id", In: "path", Required: true, Type: schema.TypeText, Doc: l.Text(texts.OperationID)}
	state := operationState(l)
	var security []openapi.Requirement
	set := map[int]bool{400: true, 404: true, 500: true, 503: true, 504: true}
	results := maps.Clone(set)
	endings := &TypedRoute{escapes: map[escape]bool{}}
	for _, r := range async {
		endings.extended = append(endings.extended, r.extended...)
		endings.formed = append(endings.formed, r.formed...)
		endings.Calls = append(endings.Calls, r.Calls...)
		maps.Copy(endings.escapes, r.escapes)
		if required := r.security(); required != nil {
			security = required
			set[401], set[403], results[401], results[403] = true, true, true, true
		}
		for _, status := range r.results() {
			results[status] = true
		}
	}
	problems := func(set map[int]bool) (all []openapi.Response) {
		for _, status := range sorted(set) {
			all = append(all, openapi.Response{Status: status})
		}
		return all
	}
	operation := func(id, method, path, summary string, responses []openapi.Response, parameters ...openapi.Parameter) openapi.Operation {
		return openapi.Operation{
			ID: id, Method: method, Path: path, Summary: summary, Tag: l.Text(texts.OperationsTag), Security: security,
			Parameters: parameters, Responses: responses,
		}
	}
	tag := openapi.Header{Name: "ETag", Type: schema.TypeText, Required: true}
	location := openapi.Header{Name: "Location", Type: schema.TypeText, Required: true}
	ended := joined(async, l)
	for _, response := range ended {
		delete(results, response.Status)
	}
	var failures []openapi.Response
	for _, status := range sorted(results) {
		failures = append(failures, endings.failure(status, []int{status}, l))
	}
	cancelling := maps.Clone(set)
	cancelling[409] = true
	return []openapi.Operation{
		operation("stato-operazione", http.MethodGet, "/operations/{id}", l.Text(texts.StateOfRequest), append([]openapi.Response{
			{
				Status: http.StatusOK, Doc: l.Text(texts.NotEnded), Body: state,
				Headers: []openapi.Header{{Name: "Retry-After", Type: schema.TypeInt, Required: true}, tag},
			},
			{
				Status: http.StatusSeeOther, Doc: l.Text(texts.Ended), Body: state,
				Headers: []openapi.Header{location, tag},
			},
			{Status: http.StatusNotModified, Doc: l.Text(texts.SameState)},
		}, problems(set)...), id, openapi.Parameter{
			Name: "If-None-Match", In: "header", Type: schema.TypeText,
			Doc: l.Text(texts.LastETag),
		}),
		operation("annulla-operazione", http.MethodDelete, "/operations/{id}", l.Text(texts.CancelRequest),
			append([]openapi.Response{
				{Status: http.StatusOK, Doc: l.Text(texts.Cancelled), Body: state},
			}, problems(cancelling)...), id),
		operation("esito-operazione", http.MethodGet, "/operations/{id}/result", l.Text(texts.ResultOfRequest),
			append(ended, failures...), id),
	}
}
