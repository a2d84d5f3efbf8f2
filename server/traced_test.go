package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/store/traces"
)

// BenchmarkTraced is what an exchange with one call costs with traces off, and on with a share of one in a hundred.
func BenchmarkTraced(b *testing.B) {
	for name, on := range map[string]bool{"off": false, "1%": true} {
		b.Run(name, func(b *testing.B) {
			var d Deps
			if on {
				var err error
				if d.Traces, err = traces.Open(b.Context(), filepath.Join(b.TempDir(), "traces.db"), traces.Options{
					Project: "p", Sample: 0.01, Key: func() []byte { return []byte("key") }, Now: time.Now,
				}); err != nil {
					b.Fatal(err)
				}
				defer func() { _ = d.Traces.Close() }()
			}
			s, err := newServed(Config{}, d)
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Swap(Program{Routes: []*routes.Route{{
				ID: "a", Method: http.MethodGet, Path: "/multe/{numero}", Auth: open,
				Serve: func(ctx context.Context, r *trigger.Request) (*trigger.Response, error) {
					if to := connectors.RecorderOf(ctx); to != nil {
						to.Called("routes/a.yaml:7:9", "crm", "read", "read", connectors.AttemptOf(ctx), time.Now(), "")
					}
					return says(http.StatusOK, "application/json", `{"a":1}`)(ctx, r)
				},
			}}}); err != nil {
				b.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodGet, "/multe/7", http.NoBody)
			b.ReportAllocs()
			for b.Loop() {
				s.ServeHTTP(&nowhere{head: http.Header{}}, r)
			}
		})
	}
}
