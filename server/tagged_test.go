package server

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"fondaco/routes"
	"fondaco/routes/trigger"
)

// TestTaggedBodies: a compressed body is another representation than the plain one, and has another strong tag, which comes back as the
// plain one's; an answer 304 varies as the answer that it stands for; a tag that a route writes by hand stays as it is.
func TestTaggedBodies(t *testing.T) {
	big := `"` + strings.Repeat("x", 2*leastZipped) + `"`
	route := func(path string, tagged bool) *routes.Route {
		return &routes.Route{
			ID: path, Method: "GET", Path: "/" + path, Auth: open,
			Serve: func(_ context.Context, req *trigger.Request) (*trigger.Response, error) {
				resp := trigger.NewResponse()
				resp.Status, resp.ContentType, resp.Body, resp.Tagged = 200, "application/json", append(resp.Body, big...), tagged
				resp.Header = append(resp.Header, trigger.Header{Name: "ETag", Value: `"a"`})
				if trigger.NoneMatch(req.Header["If-None-Match"], `"a"`) {
					resp.Status, resp.ContentType, resp.Body = 304, "", resp.Body[:0]
				}
				return resp, nil
			},
		}
	}
	s := newServer(t, Config{}, route("tagged", true), route("own", false))
	for _, c := range []struct {
		path, accept, known string
		status              int
		tag, vary           string
	}{
		{"/tagged", "gzip", "", 200, `"a-gzip"`, "Accept-Encoding"},
		{"/tagged", "", "", 200, `"a"`, "Accept-Encoding"},
		{"/tagged", "gzip", `"a-gzip"`, 304, `"a"`, "Accept-Encoding"},
		{"/tagged", "gzip", `W/"a"`, 304, `"a"`, "Accept-Encoding"},
		{"/tagged", "gzip", `"b-gzip"`, 200, `"a-gzip"`, "Accept-Encoding"},
		{"/own", "gzip", "", 200, `"a"`, "Accept-Encoding"},
	} {
		w := ask(s, http.MethodGet, c.path, "Accept-Encoding", c.accept, "If-None-Match", c.known)
		if w.Code != c.status || w.Header().Get("Etag") != c.tag || w.Header().Get("Vary") != c.vary || (w.Code == 304) != (w.Body.Len() == 0) {
			t.Errorf("%+v: found %d %v", c, w.Code, w.Header())
		}
	}
	if w := ask(s, http.MethodHead, "/tagged", "If-None-Match", `"a"`); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("HEAD: found %d %v", w.Code, w.Header())
	}
}
