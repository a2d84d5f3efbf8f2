package auth

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// TestRepeated: a login service that is busy for a moment is asked again for its keys, and about a token, before a caller is refused.
func TestRepeated(t *testing.T) {
	var asked atomic.Int64
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = w.Write(smith.jwks())
	}))
	defer keys.Close()
	c := settings
	c.Keys = keys.URL
	token := smith.es256(es(nil), claims(object{"exp": noon.Unix() + 3600, "iat": noon.Unix()}))
	if _, err := scheme(t, c, Deps{}).Authenticate(t.Context(), bearer(token)); err != nil || asked.Load() != 2 {
		t.Errorf("keys: %v after %d questions", err, asked.Load())
	}

	l := &loginService{}
	l.says(func(w http.ResponseWriter, _ *http.Request) {
		if l.asked.Load() == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{"active":true}`)
	})
	s := introspected(t, l, 0, func() time.Time { return noon })
	if _, err := s.Authenticate(t.Context(), bearer(token)); err != nil || l.asked.Load() != 2 {
		t.Errorf("introspection: %v after %d questions", err, l.asked.Load())
	}
}
