package transport

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"fondaco/connectors"
)

// TestErrands: a request for a token is tried again when the server of tokens is busy for a moment; a call of the system never is, as that
// is the policies' decision.
func TestErrands(t *testing.T) {
	var tokens, calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			if tokens.Add(1) == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			_, _ = fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":3600}`)
			return
		}
		calls.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	client := to(t, server.URL, func(o *Options) {
		o.Auth = Auth{TokenURL: server.URL + "/token", ClientID: "dime", ClientSecret: "s"}
	})
	if got := told(client.Do(t.Context(), &Request{Method: "GET", Target: "/", Effect: connectors.Read})); got != "503 " {
		t.Errorf("found %s", got)
	}
	if tokens.Load() != 2 || calls.Load() != 1 {
		t.Errorf("%d requests for a token, %d calls", tokens.Load(), calls.Load())
	}
}
