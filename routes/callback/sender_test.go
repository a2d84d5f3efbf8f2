package callback

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/store"

	"fondaco/connectors/network"
)

func address(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := Address(text, prefixes(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestTell: what is sent is what ModI asks for, and nothing more.
func TestTell(t *testing.T) {
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, `{"result":"ACK"}`)
	}))
	defer server.Close()
	s := NewSender(nil)
	defer s.Close()
	err := s.Tell(t.Context(), address(t, server.URL+"/esiti/7"),
		Told{Operation: "op", ID: "op-done", ContentType: "application/json", Body: []byte(`{"a":1.50}`), Trace: "00-a-b-01"})
	if err != nil || got.Method != http.MethodPost || got.URL.Path != "/esiti/7" || string(body) != `{"a":1.50}` {
		t.Fatal(err, got, string(body))
	}
	want := map[string]string{
		"X-Correlation-Id": "op", "Idempotency-Key": "op-done", "Content-Type": "application/json", "Traceparent": "00-a-b-01",
		"User-Agent": "fondaco", "Content-Length": "10",
	}
	for name, values := range got.Header {
		if want[name] != strings.Join(values, ",") {
			t.Errorf("%s: %q", name, values)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("there is no %v", want)
	}
	if err := s.Tell(t.Context(), address(t, server.URL), Told{Operation: "op", ID: "op-done"}); err != nil || len(body) != 0 ||
		got.Header.Get("Content-Type") != "" {
		t.Error("without a body:", err, got.Header)
	}
}

// TestTellRefused: an answer that is no 2xx is told with its status; a redirect leads nowhere.
func TestTellRefused(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	status := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", other.URL)
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(status)
	}))
	defer server.Close()
	s := NewSender(nil)
	defer s.Close()
	for code, final := range map[int]bool{
		301: true, 302: true, 303: true, 307: true, 308: true, 304: true, 400: true, 410: true, 413: true, 415: true, 422: true,
		401: false, 403: false, 404: false, 408: false, 409: false, 425: false, 429: false, 500: false, 502: false, 503: false, 504: false,
	} {
		status = code
		to := address(t, server.URL+"/segreto")
		to.RawQuery = "token=t0ken"
		err := s.Tell(t.Context(), to, Told{Operation: "op", ID: "i", Body: []byte("x")})
		var answer *Answer
		if !errors.As(err, &answer) || answer.Status != code || answer.Final() != final || answer.RetryAfter != 7*time.Second {
			t.Errorf("%d: %v", code, err)
		}
		if strings.Contains(err.Error(), "segreto") || strings.Contains(err.Error(), "t0ken") {
			t.Errorf("the error holds the address: %v", err)
		}
	}
	if elsewhere != 0 {
		t.Error("a redirect was followed")
	}
}

// TestTellUnheard: no answer, an endless one, a certificate that nobody vouches for: an error each, in time, that holds
// nothing of the address but its host.
func TestTellUnheard(t *testing.T) {
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer silent.Close()
	defer close(release)
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 8<<10)); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	s := NewSender(nil)
	defer s.Close()
	for name, c := range map[string]struct {
		to   string
		want string
	}{
		"silent": {silent.URL, "deadline"}, "gone": {gone.URL, "refused"}, "untrusted": {untrusted.URL, "certificate"},
		"endless": {endless.URL, ""},
	} {
		patience := time.Minute
		if name == "silent" {
			patience = 300 * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		began := time.Now()
		err := s.Tell(ctx, address(t, c.to+"/segreto"), Told{Operation: "op", ID: "i"})
		cancel()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) ||
			strings.Contains(err.Error(), "segreto")) || time.Since(began) > 30*time.Second {
			t.Errorf("%s: %v after %s", name, err, time.Since(began))
		}
	}
}

// TestInside: what a name has come to mean is looked at by the project's rules, and this machine is not connected to
// unless it is written as such.
func TestInside(t *testing.T) {
	s := NewSender(network.New(network.Rules{AlsoDeny: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}}))
	defer s.Close()
	for _, a := range []string{
		"0.0.0.0:80", "169.254.169.254:80", "[fe80::1]:80", "[::]:80", "224.0.0.1:80", "10.9.1.1:80",
		"[::ffff:169.254.169.254]:80",
	} {
		var denied *network.Denied
		if c, err := s.pool.DialContext(t.Context(), "tcp", a); !errors.As(err, &denied) {
			t.Errorf("%s: %v %v", a, c, err)
		}
	}
}

// TestSlowHost: one host that does not answer takes only its share.
func TestSlowHost(t *testing.T) {
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer silent.Close()
	s := NewSender(nil)
	defer s.Close()
	to := address(t, silent.URL)
	var under sync.WaitGroup
	for range perHost {
		under.Go(func() {
			if err := s.Tell(t.Context(), to, Told{Operation: "op", ID: "i"}); err != nil {
				t.Error(err)
			}
		})
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		n := s.busy[to.Host]
		s.mu.Unlock()
		if n == perHost {
			break
		}
		if time.Now().After(end) {
			t.Fatal(n, "are under way")
		}
	}
	if err := s.Tell(t.Context(), to, Told{}); !errors.Is(err, ErrBusy) {
		t.Error(err)
	}
	close(release)
	under.Wait()
	if len(s.busy) != 0 {
		t.Error(s.busy)
	}
}

// TestMessage: the message of an end is the same each time, and reads back; what is none does not.
func TestMessage(t *testing.T) {
	e := Ended{Operation: "op", Route: "segnala", State: store.Done}
	m := e.Message("00-a-b-01", time.Unix(1, 0))
	if got, err := Read(m); err != nil || got != (Ended{"op", "segnala", store.Done, 1}) || m.Check(0) != nil || m.ID != "op-done" ||
		m.Key != "op" || messaging.CheckName(Topic) != nil {
		t.Errorf("%+v, %+v, %v", m, got, err)
	}
	for _, body := range []string{
		"", "{}", `{"operation":"op","route":"r","state":"working"}`, `{"operation":"","route":"r","state":"done"}`,
		`[`,
	} {
		if _, err := Read(messaging.Message{Body: []byte(body)}); err == nil {
			t.Errorf("%q is taken for an end", body)
		}
	}
}
