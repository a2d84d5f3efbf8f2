package connectortest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/connectors"
)

// canary stands for personal data: it may be in no error.
const canary = "RSSMRA80A01L736U"

// refused: nobody listens. The system has not seen the call.
func (s *suite) refused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	caller := s.open(t, "http://"+l.Addr().String())
	for operation, input := range asks {
		_, f := s.call(context.Background(), t, caller, operation, input)
		if f == nil || f.Kind != connectors.Unavailable || f.Sent {
			t.Errorf("%s: %+v", operation, f)
		}
	}
	if err := caller.Close(); err != nil {
		t.Error(err)
	}
}

// asks are inputs of the operations.
var asks = map[string]string{"leggi": `{"codice":"` + canary + `"}`, "scrivi": `{"codice":"` + canary + `","importo":1}`}

// wrong: what a system does wrong has a kind, and the fault names no value.
func (s *suite) wrong(t *testing.T) {
	good := s.simulator(t, sample{"leggi", "", `{"codice":"A","importo":1234567.89,"nota":"` + canary + `","voci":[]}`}, sample{"scrivi", "", `{"codice":"A"}`})
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
		{"another type", change(func(b []byte) []byte { return bytes.Replace(b, []byte("1234567.89"), []byte(`"tanto"`), 1) }), "invalid 200 /importo", ""},
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
		{"bad UTF-8", change(func(b []byte) []byte { return bytes.Replace(b, []byte(canary), []byte("\xff\xfe"), 1) }), "invalid 200", ""},
		{"large", change(func(b []byte) []byte { return append(b, strings.Repeat(" ", 64<<10)...) }), "invalid 200", "invalid 200"},
		{"moved", status(302, "Location", "http://127.0.0.1:1/"), "invalid 302", "invalid 302"},
		{"not us", status(401), "unavailable 401", "unavailable 401"},
		{"forbidden", status(403), "unavailable 403", "unavailable 403"},
		{"too often", status(429, "Retry-After", "7"), "unavailable 429 after 7s", "unavailable 429 after 7s"},
		{"down", status(503), "unavailable 503", "unknown 503"},
		{"down for a while", status(503, "Retry-After", "7"), "unavailable 503 after 7s", "unavailable 503 after 7s"},
		{"gateway", status(502), "unavailable 502", "unknown 502"},
	} {
		caller := s.behind(t, c.serve)
		for operation, want := range map[string]string{"leggi": c.read, "scrivi": c.once} {
			if want == "" {
				continue
			}
			got, f := s.call(context.Background(), t, caller, operation, asks[operation])
			if f != nil {
				got = fmt.Sprintf("%s %d", f.Kind, f.Status)
				if f.Path != "" && strings.Contains(want, "/") {
					got += " " + f.Path
				}
				if f.RetryAfter > 0 {
					got += " after " + f.RetryAfter.String()
				}
				if text := f.Error() + f.Detail + f.Path; strings.Contains(text, canary) {
					t.Errorf("%s: the fault tells a value: %s", c.name, text)
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

// late is how much later than its deadline a call may come back, and a system see that its caller is gone: at once, but on a
// machine that has other work too. What does not look at its context never comes back here.
const late = 10 * time.Second

// deadline: a call ends with its context, whatever the system does, and none begins after that.
func (s *suite) deadline(t *testing.T) {
	var calls atomic.Int32
	caller := s.behind(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	for operation, want := range map[string]connectors.FaultKind{"leggi": connectors.Timeout, "scrivi": connectors.Unknown} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_, f := s.call(ctx, t, caller, operation, asks[operation])
		end, _ := ctx.Deadline()
		if over := time.Since(end); over > late {
			t.Errorf("%s: came back %s after its deadline", operation, over)
		}
		cancel()
		if f == nil || f.Kind != want || !f.Sent {
			t.Errorf("%s: %+v, expected %s", operation, f, want)
		}
		ctx, cancel = context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
		before := calls.Load()
		if _, f = s.call(ctx, t, caller, operation, asks[operation]); f == nil || f.Kind != connectors.Timeout || f.Sent || calls.Load() != before {
			t.Errorf("%s, too late: %+v", operation, f)
		}
		cancel()
	}
}

// cancel: who goes away is not answered, and the system sees it at once.
func (s *suite) cancel(t *testing.T) {
	began, gone := make(chan struct{}), make(chan time.Time)
	caller := s.behind(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		began <- struct{}{}
		<-r.Context().Done()
		gone <- time.Now()
	}))
	for operation := range asks {
		ctx, cancel := context.WithCancel(context.Background())
		at := make(chan time.Time, 1)
		go func() {
			<-began
			at <- time.Now()
			cancel()
		}()
		_, f := s.call(ctx, t, caller, operation, asks[operation])
		if f == nil {
			t.Errorf("%s: no fault", operation)
		}
		if took := (<-gone).Sub(<-at); took > late {
			t.Errorf("%s: the system saw it after %s", operation, took)
		}
		cancel()
	}
}

// crosstalk: many calls at once, some given up, and each has its own answer.
func (s *suite) crosstalk(t *testing.T) {
	const callers, calls = 8, 40
	var samples []sample
	for i := range callers {
		samples = append(samples, sample{"leggi", fmt.Sprintf(`{"codice":"c%d"}`, i), fmt.Sprintf(`{"codice":"c%d","importo":%d.%02d,"nota":"%s","voci":[]}`, i, i, i, strings.Repeat(fmt.Sprint(i), 100))})
	}
	caller := s.behind(t, s.simulator(t, samples...))
	var wait sync.WaitGroup
	for i := range callers {
		wait.Go(func() {
			for range calls {
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				if rand.IntN(4) == 0 {
					cancel()
					ctx, cancel = context.WithTimeout(context.Background(), time.Duration(rand.IntN(500))*time.Microsecond)
				}
				got, f := s.call(ctx, t, caller, "leggi", fmt.Sprintf(`{"codice":"c%d"}`, i))
				if f == nil && got != samples[i].answer {
					t.Errorf("caller %d got %s", i, got)
				}
				if f != nil && ctx.Err() == nil {
					t.Error(f)
				}
				cancel()
			}
		})
	}
	wait.Wait()
}
