package mock

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/openapi"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

// Options are what a mock is told.
type Options struct {
	Seed uint64       // of what is made from types: with the same seed answers are the same
	Now  config.Clock // of accepted requests
}

// timeout is how long an answer may take, delays included, where no route says less.
const timeout = 90 * time.Second

// OfProject returns routes that stand for the public routes of a project: requests are checked by the routes themselves, and answered from
// document, the project's own. The error says which answer has a type of which no value is found, or what of the document is not there.
func OfProject(t *routes.Typed, document *openapi.Document, o Options) ([]*routes.Route, error) {
	var all []*routes.Route
	served, accepting := map[string]bool{}, map[string]*answers{}
	program := routes.Compile(t)
	for _, r := range program.Routes {
		op := document.Operation(r.ID)
		if op == nil {
			continue // a service: it answers SOAP, which the document does not describe
		}
		served[r.ID] = true
		a, err := answersOf(op, o)
		if err != nil {
			return nil, err
		}
		if results := t.Results(r.ID); results != nil {
			ends := *op
			ends.Responses = results
			if a.results, err = answersOf(&ends, o); err != nil {
				return nil, err
			}
			accepting[r.ID] = a
		}
		stood := r.Stand(a.serve)
		stood.Timeout = max(stood.Timeout, timeout)
		all = append(all, told(stood))
	}
	for i := range document.Operations { // of accepted requests: the server's own
		op := &document.Operations[i]
		if served[op.ID] || op.Path == statusPath {
			continue
		}
		r, err := described(document, op, o)
		if err != nil {
			return nil, err
		}
		if op.Path == operationPath || op.Path == resultPath {
			a, err := answersOf(op, o)
			if err != nil {
				return nil, err
			}
			r.Serve = problems((&later{*a, accepting}).serve)
		}
		all = append(all, r)
	}
	return all, nil
}

// OfDocument returns a route for each operation of a document, of any origin. The error says of which operation none can be made.
func OfDocument(document *openapi.Document, o Options) ([]*routes.Route, error) {
	var all []*routes.Route
	for i := range document.Operations {
		op := &document.Operations[i]
		if !slices.Contains(trigger.Methods, op.Method) {
			continue // HEAD and OPTIONS are the server's
		}
		r, err := described(document, op, o)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// statusPath is answered by the server.
const statusPath = "/status"

// described returns the route of an operation that a document alone describes.
func described(document *openapi.Document, op *openapi.Operation, o Options) (*routes.Route, error) {
	name := op.Method + " " + op.Path
	var out diag.List
	if trigger.ParsePattern(config.Text{Value: name, Pos: op.Pos}, &out); out.Failed() {
		return nil, fmt.Errorf("%s: %s", op.Pos, out.Sorted()[0].Message)
	}
	a, err := answersOf(op, o)
	if err != nil {
		return nil, err
	}
	r := &routes.Route{
		ID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Pos: op.Pos, Auth: routes.Auth{None: true}, Timeout: timeout,
		HasBody: op.Body != nil,
	}
	if r.ID == "" {
		r.ID = name
	}
	var keys []string
	for _, s := range document.Info.Schemes {
		if s.Type == "apiKey" && s.In == "query" {
			keys = append(keys, s.Key)
		}
	}
	in, err := inputOf(op, r, keys)
	if err != nil {
		return nil, err
	}
	for i := range op.Responses {
		r.Other = r.Other || !isJSON(op.Responses[i].ContentType) && op.Responses[i].ContentType != ""
		for _, h := range op.Responses[i].Headers {
			r.Sets = append(r.Sets, h.Name)
		}
	}
	r.Serve = func(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
		if p := in.check(req); p != nil {
			return nil, p
		}
		return problems(a.serve)(ctx, req)
	}
	return told(r), nil
}

// problems makes a problem of every error: only those of a caller who had no time left are none.
func problems(serve func(context.Context, *trigger.Request) (*trigger.Response, error)) func(context.Context, *trigger.Request) (
	*trigger.Response, error,
) {
	return func(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
		resp, err := serve(ctx, req)
		var p *trigger.Problem
		if err == nil || errors.As(err, &p) {
			return resp, err
		}
		return nil, &trigger.Problem{Status: http.StatusGatewayTimeout, Detail: "The answer was not ready in time.", Err: err}
	}
}

// told lets pages of other origins use the mock's own headers.
func told(r *routes.Route) *routes.Route {
	r.Takes, r.Sets = append(r.Takes, prefer), append(r.Sets, applied)
	return r
}
