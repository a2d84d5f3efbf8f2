package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"fondaco/routes"
)

// BenchmarkRate measures a request of a route with a rate, from its head to its answer.
func BenchmarkRate(b *testing.B) {
	s := newServer(b, Config{}, &routes.Route{
		ID: "a", Method: "GET", Path: "/a", Auth: open,
		Rate: routes.Rate{Count: 1 << 30, Per: time.Second}, Serve: says(200, "text/plain", "ok"),
	},
		&routes.Route{ID: "b", Method: "GET", Path: "/b", Auth: open, Serve: says(200, "text/plain", "ok")})
	for _, path := range []string{"/a", "/b"} {
		b.Run(path[1:], func(b *testing.B) {
			b.ReportAllocs()
			r := httptest.NewRequest(http.MethodGet, path, nil)
			for b.Loop() {
				s.ServeHTTP(&nowhere{head: http.Header{}}, r)
			}
		})
	}
}
