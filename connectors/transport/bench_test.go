package transport

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"fondaco/connectors"
)

// BenchmarkDo is one call on a connection that is used again, with an answer of 10 KB.
func BenchmarkDo(b *testing.B) {
	answer := bytes.Repeat([]byte(" "), 10<<10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10240")
		_, _ = w.Write(answer)
	}))
	defer server.Close()
	for name, effect := range map[string]connectors.Effect{"read": connectors.Read, "once": connectors.Once} {
		b.Run(name, func(b *testing.B) {
			client := to(b, server.URL, nil)
			defer client.Close()
			r := &Request{
				Method: "POST", Target: "/a/b?c=d", Header: http.Header{"Accept": {"application/json"}}, Body: []byte("{}"),
				Effect: effect,
			}
			b.ReportAllocs()
			for b.Loop() {
				if res, err := client.Do(context.Background(), r); err != nil || len(res.Body) != len(answer) {
					b.Fatal(err)
				}
			}
		})
	}
}
