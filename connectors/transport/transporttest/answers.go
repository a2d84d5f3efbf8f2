package transporttest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/connectortest"
)

// wrong: what a system does wrong has a kind, and the fault names no value.
func wrong(s *connectortest.Suite, t *testing.T) {
	good := played(t, s, connectortest.Sample{Operation: "leggi", Answer: `{"codice":"A","importo":1234567.89,"nota":"` +
		connectortest.Canary + `","voci":[]}`},
		connectortest.Sample{Operation: "scrivi", Answer: `{"codice":"A"}`})
	change := func(how func(body []byte) []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			got := httptest.NewRecorder()
			good.ServeHTTP(got, r)
			w.Header().Set("Content-Type", got.Header().Get("Content-Type"))
			_, _ = w.Write(how(got.Body.Bytes()))
		}
	}
	status := func(n int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if len(header) > 0 {
				w.Header().Set(header[0], header[1])
			}
			w.WriteHeader(n)
		}
	}
	for _, c := range []struct {
		name       string
		serve      http.HandlerFunc
		read, once string
	}{
		{"a page", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html><body>Servizio sospeso</body></html>")
		}, "invalid 200", "invalid 200"},
		{
			"another type", change(func(b []byte) []byte { return bytes.Replace(b, []byte("1234567.89"), []byte(`"tanto"`), 1) }),
			"invalid 200 /importo", "",
		},
		{"cut", func(w http.ResponseWriter, r *http.Request) {
			got := httptest.NewRecorder()
			good.ServeHTTP(got, r)
			w.Header().Set("Content-Type", got.Header().Get("Content-Type"))
			w.Header().Set("Content-Length", fmt.Sprint(got.Body.Len()))
			_, _ = w.Write(got.Body.Bytes()[:got.Body.Len()/2])
		}, "invalid 200", "unknown 200"},
		{"half", change(func(b []byte) []byte { return b[:len(b)/2] }), "invalid 200", "invalid 200"},
		{"twice", change(func(b []byte) []byte { return append(b, b...) }), "invalid 200", "invalid 200"},
		{"nothing", change(func([]byte) []byte { return nil }), "invalid 200", "invalid 200"},
		{
			"bad UTF-8", change(func(b []byte) []byte { return bytes.Replace(b, []byte(connectortest.Canary), []byte("\xff\xfe"), 1) }),
			"invalid 200", "",
		},
		{"large", change(func(b []byte) []byte { return append(b, strings.Repeat(" ", 64<<10)...) }), "invalid 200", "invalid 200"},
		{"moved", status(302, "Location", "http://127.0.0.1:1/"), "invalid 302", "invalid 302"},
		{"not us", status(401), "unavailable 401", "unavailable 401"},
		{"forbidden", status(403), "unavailable 403", "unavailable 403"},
		{"too often", status(429, "Retry-After", "7"), "unavailable 429 after 7s", "unavailable 429 after 7s"},
		{"down", status(503), "unavailable 503", "unknown 503"},
		{"down for a while", status(503, "Retry-After", "7"), "unavailable 503 after 7s", "unavailable 503 after 7s"},
		{"gateway", status(502), "unavailable 502", "unknown 502"},
	} {
		caller := behind(t, s, c.serve)
		for operation, want := range map[string]string{"leggi": c.read, "scrivi": c.once} {
			if want == "" {
				continue
			}
			got, f := s.Call(context.Background(), t, caller, operation, connectortest.Asks[operation])
			if f != nil {
				got = fmt.Sprintf("%s %d", f.Kind, f.Status)
				if f.Path != "" && strings.Contains(want, "/") {
					got += " " + f.Path
				}
				if f.RetryAfter > 0 {
					got += " after " + f.RetryAfter.String()
				}
				if text := f.Error() + f.Detail + f.Path; strings.Contains(text, connectortest.Canary) {
					t.Errorf("%s: the fault holds a value: %s", c.name, text)
				}
				if !f.Sent {
					t.Errorf("%s: the fault says that nothing was sent", c.name)
				}
			}
			if got != want {
				t.Errorf("%s, %s: found %s (%v), expected %s", c.name, operation, got, f, want)
			}
		}
	}
}

// deadline: a call ends with its context, whatever the system does, and none begins after that.
func deadline(s *connectortest.Suite, t *testing.T) {
	var calls atomic.Int32
	caller := behind(t, s, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	for operation, want := range map[string]connectors.FaultKind{"leggi": connectors.Timeout, "scrivi": connectors.Unknown} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_, f := s.Call(ctx, t, caller, operation, connectortest.Asks[operation])
		end, _ := ctx.Deadline()
		if over := time.Since(end); over > connectortest.Late {
			t.Errorf("%s: came back %s after its deadline", operation, over)
		}
		cancel()
		if f == nil || f.Kind != want || !f.Sent {
			t.Errorf("%s: %+v, expected %s", operation, f, want)
		}
		ctx, cancel = context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
		before := calls.Load()
		if _, f = s.Call(ctx, t, caller, operation, connectortest.Asks[operation]); f == nil || f.Kind != connectors.Timeout || f.Sent ||
			calls.Load() != before {
			t.Errorf("%s, too late: %+v", operation, f)
		}
		cancel()
	}
}

// cancel: who goes away is not answered, and the system sees it at once.
func cancel(s *connectortest.Suite, t *testing.T) {
	began, gone := make(chan struct{}), make(chan time.Time)
	caller := behind(t, s, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		began <- struct{}{}
		<-r.Context().Done()
		gone <- time.Now()
	}))
	for operation := range connectortest.Asks {
		ctx, cancel := context.WithCancel(context.Background())
		at := make(chan time.Time, 1)
		go func() {
			<-began
			at <- time.Now()
			cancel()
		}()
		_, f := s.Call(ctx, t, caller, operation, connectortest.Asks[operation])
		if f == nil {
			t.Errorf("%s: no fault", operation)
		}
		if took := (<-gone).Sub(<-at); took > connectortest.Late {
			t.Errorf("%s: the system saw it after %s", operation, took)
		}
		cancel()
	}
}

// rule: a fault that a rule of the connector makes of an answer has the answer's status.
func rule(s *connectortest.Suite, t *testing.T) {
	caller := behind(t, s, played(t, s, connectortest.Sample{Operation: "leggi", Answer: `{"codice":"NO","importo":1,"voci":[]}`}))
	if _, f := s.Call(context.Background(), t, caller, "leggi", `{"codice":"A"}`); f == nil || f.Status != http.StatusOK {
		t.Errorf("%+v", f)
	}
}
