package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"fondaco/routes"
	"fondaco/routes/trigger"
)

// TestAsk: a request in memory is answered as one over the network: by the door, by the router, and by the route.
func TestAsk(t *testing.T) {
	serve := func(_ context.Context, r *trigger.Request) (*trigger.Response, error) {
		res := trigger.NewResponse()
		res.Status, res.ContentType = 200, "text/plain"
		res.Body = append(append(res.Body, strings.Join(r.Path, "|")...), r.Body...)
		return res, nil
	}
	p := Program{Routes: []*routes.Route{
		{ID: "a", Method: "POST", Path: "/a/{n}", Auth: routes.Auth{None: true}, HasBody: true, MaxBody: 20, Serve: serve},
		{ID: "b", Method: "GET", Path: "/b", Auth: routes.Auth{None: true}, Serve: func(context.Context, *trigger.Request) (*trigger.Response, error) {
			return nil, &trigger.Problem{Status: 409, Own: &trigger.Own{ContentType: "text/plain", Body: []byte("occupato")}}
		}},
	}}
	const json = "Host: a\r\nContent-Type: application/json\r\nContent-Length: "
	for _, x := range []struct {
		request string
		status  int
		want    string
	}{
		{"POST /a/%C3%A8 HTTP/1.1\r\n" + json + "2\r\n\r\n{}", 200, "è{}"},
		{"POST /a/b%2Fc HTTP/1.1\r\n" + json + "2\r\n\r\n{}", 400, "application/problem+json"},
		{"POST /a/b HTTP/1.1\r\n" + json + "21\r\n\r\n" + strings.Repeat("a", 21), 413, "application/problem+json"},
		{"POST /a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 415, "application/problem+json"},
		{"GET /a/b HTTP/1.1\r\nHost: a\r\n\r\n", 405, "application/problem+json"},
		{"GET /c HTTP/1.1\r\nHost: a\r\n\r\n", 404, "application/problem+json"},
		{"GET /b HTTP/1.1\r\nHost: a\r\n\r\n", 409, "occupato"},
		{"HEAD /b HTTP/1.1\r\nHost: a\r\n\r\n", 409, ""},
	} {
		res, err := Ask(t.Context(), Config{}, p, []byte(x.request))
		if err != nil {
			t.Errorf("%q: %v", x.request, err)
			continue
		}
		body, _ := io.ReadAll(res.Body)
		if res.StatusCode != x.status || string(body) != x.want && res.Header.Get("Content-Type") != x.want {
			t.Errorf("%q: found %d %s %s", x.request, res.StatusCode, res.Header.Get("Content-Type"), body)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Ask(ctx, Config{}, p, []byte("GET /b HTTP/1.1\r\nHost: a\r\n\r\n")); !errors.Is(err, context.Canceled) {
		t.Errorf("found %v", err)
	}
	p.Routes = append(p.Routes, &routes.Route{ID: "c", Method: http.MethodGet, Path: "/b", Auth: routes.Auth{None: true}, Serve: serve})
	if _, err := Ask(t.Context(), Config{}, p, nil); err == nil {
		t.Error("two routes of one path are served")
	}
}
