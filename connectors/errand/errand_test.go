package errand

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/connectors/network"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// outcome is what one attempt comes to.
type outcome struct {
	status int
	header http.Header
	err    error
}

func header(name, value string) http.Header { return http.Header{name: {value}} }

// wire answers each attempt with the next outcome, the last one again and again, and notes what came.
type wire struct {
	outcomes []outcome
	bodies   []string
	at       []time.Time
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	x := w.outcomes[min(len(w.bodies), len(w.outcomes)-1)]
	w.bodies, w.at = append(w.bodies, body), append(w.at, time.Now())
	if x.err != nil {
		return nil, x.err
	}
	if x.header == nil {
		x.header = http.Header{}
	}
	return &http.Response{StatusCode: x.status, Header: x.header, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

// TestTransport: what fails for a reason that passes is tried again, with its body and after a pause; what does not is not.
func TestTransport(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	wrong := x509.HostnameError{Certificate: &x509.Certificate{}}
	for name, x := range map[string]struct {
		outcomes []outcome
		within   time.Duration
		status   int
		err      error
		attempts int
	}{
		"an answer":                  {outcomes: []outcome{{status: 200}}, status: 200, attempts: 1},
		"refused, then an answer":    {outcomes: []outcome{{err: refused}, {status: 200}}, status: 200, attempts: 2},
		"refused for good":           {outcomes: []outcome{{err: refused}}, err: refused, attempts: 3},
		"503, then an answer":        {outcomes: []outcome{{status: 503}, {status: 502}, {status: 200}}, status: 200, attempts: 3},
		"503 for good":               {outcomes: []outcome{{status: 503}}, status: 503, attempts: 3},
		"503 that says when to come": {outcomes: []outcome{{status: 503, header: header("Retry-After", "1")}}, status: 503, attempts: 1},
		"500":                        {outcomes: []outcome{{status: 500}}, status: 500, attempts: 1},
		"401":                        {outcomes: []outcome{{status: 401}}, status: 401, attempts: 1},
		"a redirection": {
			outcomes: []outcome{{status: 302, header: header("Location", "https://b.example/")}}, status: 302,
			attempts: 1,
		},
		"an address that is denied":     {outcomes: []outcome{{err: &network.Denied{}}}, err: &network.Denied{}, attempts: 1},
		"a certificate that is wrong":   {outcomes: []outcome{{err: &tls.CertificateVerificationError{Err: wrong}}}, err: wrong, attempts: 1},
		"shortly before the deadline":   {outcomes: []outcome{{err: refused}}, within: time.Second - 1, err: refused, attempts: 1},
		"in time before the deadline":   {outcomes: []outcome{{err: refused}, {status: 200}}, within: 2 * time.Second, status: 200, attempts: 2},
		"refused, until it is too late": {outcomes: []outcome{{err: refused}}, within: 1100 * time.Millisecond, err: refused, attempts: 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				if x.within > 0 {
					ctx, cancel = context.WithTimeout(t.Context(), x.within)
				}
				defer cancel()
				r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://a.example/token", strings.NewReader("grant_type=x"))
				if err != nil {
					t.Fatal(err)
				}
				before := r.Body
				w := &wire{outcomes: x.outcomes}
				res, err := Transport(w).RoundTrip(r)
				if err == nil {
					defer res.Body.Close()
				}
				if x.err == nil && (err != nil || res.StatusCode != x.status) || x.err != nil && !sameKind(err, x.err) {
					t.Errorf("found %v, %v", res, err)
				}
				if len(w.bodies) != x.attempts {
					t.Errorf("%d attempts, expected %d", len(w.bodies), x.attempts)
				}
				for i, body := range w.bodies {
					if body != "grant_type=x" {
						t.Errorf("attempt %d sent %q", i, body)
					}
					if i > 0 && w.at[i].Sub(w.at[i-1]) < pauseLong<<(i-1)/2 {
						t.Errorf("attempt %d came after %s", i, w.at[i].Sub(w.at[i-1]))
					}
				}
				if r.Body != before {
					t.Error("the caller's request was changed")
				}
			})
		})
	}
}

func sameKind(found, expected error) bool {
	var denied *network.Denied
	var host x509.HostnameError
	switch expected.(type) {
	case *network.Denied:
		return errors.As(found, &denied)
	case x509.HostnameError:
		return errors.As(found, &host)
	}
	return errors.Is(found, expected)
}

// TestTransport_cancelled: whoever goes away is not waited for.
func TestTransport_cancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://a.example/keys", nil)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Millisecond, cancel)
		w := &wire{outcomes: []outcome{{status: 503}}}
		if res, err := Transport(w).RoundTrip(r); !errors.Is(err, context.Canceled) {
			t.Errorf("found %v, %v", res, err)
		}
		if len(w.at) != 1 {
			t.Errorf("%d attempts", len(w.at))
		}
	})
}
