package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"fondaco/connectors"
)

// TestStream: the body outlives the context of the call, ends with an error when the system stops sending, and a head that does not
// come in time is a fault.
func TestStream(t *testing.T) {
	ended := make(chan struct{}, 3)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { ended <- struct{}{} }()
		if r.URL.Path == "/nothing" {
			<-r.Context().Done()
			return
		}
		if r.URL.Path == "/coded" {
			w.Header().Set("Content-Encoding", "gzip")
		}
		_, _ = io.WriteString(w, "abc "+r.Header.Get("Accept-Encoding"))
		_ = http.NewResponseController(w).Flush()
		if r.URL.Path == "/silent" {
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	c := to(t, server.URL, nil)
	good := func(status int) bool { return status == http.StatusOK }
	ask := func(path string, idle time.Duration) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		if path == "/nothing" {
			ctx, cancel = context.WithTimeout(t.Context(), 10*time.Millisecond)
		}
		res, err := c.Stream(ctx, idle, &Request{Method: "GET", Target: path, Header: http.Header{}, Effect: connectors.Read}, good)
		cancel()
		if err != nil {
			return "", err
		}
		defer func() { _ = res.Stream.Close() }()
		b, err := io.ReadAll(res.Stream)
		return string(b), err
	}
	if got, err := ask("/", time.Minute); got != "abc identity" || err != nil {
		t.Errorf("found %q %v", got, err)
	}
	<-ended
	if got, err := ask("/silent", 20*time.Millisecond); got != "abc identity" || !errors.Is(err, errIdle) {
		t.Errorf("found %q %v", got, err)
	}
	<-ended // the request was given up
	if _, err := ask("/nothing", time.Minute); connectors.AsFault(err) == nil || connectors.AsFault(err).Kind != connectors.Timeout {
		t.Errorf("found %v", err)
	}
	<-ended
	if _, err := ask("/coded", time.Minute); connectors.AsFault(err) == nil || connectors.AsFault(err).Kind != connectors.Invalid {
		t.Errorf("found %v", err)
	}
}
