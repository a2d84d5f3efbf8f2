package routes_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/routestest"
	"fondaco/routes/trigger"
)

// door is the door of the scripts' project tests: the routes alone, found as Do finds them. The server's own, which the language must not
// know, is tried where it is put before them, in cmd/fondaco.
func door(ctx context.Context, s routestest.Served, request []byte) (*http.Response, error) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
	if err != nil {
		return nil, err
	}
	answer := func(status int, contentType string, body []byte) *http.Response {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(bytes.NewReader(body))}
	}
	failed := func(p *trigger.Problem) (*http.Response, error) {
		contentType, body := trigger.Language(s.Project.Language).Answer(p)
		return answer(p.Status, contentType, body), nil
	}
	route, holes := find(&routes.Program{Routes: s.Routes}, r.Method, r.URL.EscapedPath())
	if route == nil {
		return failed(trigger.NewProblem(404, "There is nothing under this path."))
	}
	in := &trigger.Request{Path: holes, Query: r.URL.RawQuery, Header: r.Header, User: s.Callers[route.Auth.Scheme]}
	if in.Body, err = io.ReadAll(r.Body); err != nil {
		return nil, err
	}
	trace := &connectors.Trace{RequestID: r.Header.Get("X-Request-Id")} // as the server's: another one for each request
	_, _ = rand.Read(trace.TraceID[:])
	_, _ = rand.Read(trace.SpanID[:])
	res, err := route.Serve(connectors.WithTrace(ctx, trace), in)
	if err != nil {
		p, ok := err.(*trigger.Problem)
		if !ok {
			return nil, err
		}
		return failed(p)
	}
	defer res.Release()
	a := answer(res.Status, res.ContentType, bytes.Clone(res.Body))
	for _, h := range res.Header {
		a.Header.Add(h.Name, h.Value)
	}
	return a, nil
}
