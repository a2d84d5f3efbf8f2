package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/s3/s3test"
)

// answering is a store that answers each request with a code and a document.
func answering(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		if code != "" {
			fmt.Fprintf(w, "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>of documenti/RSSMRA80A01L736U.pdf</Message></Error>", code)
		}
	}
}

// TestTrouble: what a store does that it should not has its kind, and of a change it is said whether it may have been done.
func TestTrouble(t *testing.T) {
	hold := make(chan struct{})
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		ask    func(context.Context, *store) error
		kind   driver.Kind
		sent   bool
		says   string
	}{
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("short"))
		}, func(ctx context.Context, s *store) error { return second(read(ctx, s, "a", 0)) }, driver.Lost, false, "unexpected EOF"},
		"another range": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write(make([]byte, 100))
		}, reads, driver.Unsupported, false, "a part of a file"},
		"silent": {func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-hold
		}, writes, driver.Silent, true, "idle_timeout"},
		"ends":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, writes, driver.Lost, true, "no whole answer"},
		"full":      {answering(http.StatusInsufficientStorage, ""), writes, driver.Full, false, "no space"},
		"quota":     {answering(http.StatusBadRequest, "QuotaExceeded"), writes, driver.Full, false, "no space"},
		"failing":   {answering(http.StatusInternalServerError, "InternalError"), writes, driver.Other, true, "500 InternalError"},
		"slow down": {answering(http.StatusServiceUnavailable, "SlowDown"), writes, driver.Other, false, "503 SlowDown"},
		"clock":     {answering(http.StatusForbidden, "RequestTimeTooSkewed"), writes, driver.Login, false, "the clock of this machine"},
		"token":     {answering(http.StatusBadRequest, "ExpiredToken"), writes, driver.Login, false, "access_key or secret_key"},
		"archive":   {answering(http.StatusForbidden, "InvalidObjectState"), reads, driver.Other, false, "has to be restored"},
		"personal":  {answering(http.StatusTeapot, "of documenti/RSSMRA80A01L736U.pdf"), writes, driver.Other, false, "answers 418"},
		"plain":     {answering(http.StatusBadRequest, ""), writes, driver.Other, false, "may want https"},
		"no store": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<html>console</html>")
		}, lists, driver.Other, false, "compare endpoint"},
		"moved": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("x-amz-bucket-region", "eu-south-1")
			answering(http.StatusMovedPermanently, "PermanentRedirect")(w, r)
		}, lists, driver.Login, false, "write region: eu-south-1"},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusTemporaryRedirect)
		}, writes, driver.Other, false, "answers 307"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			if name == "silent" {
				defer close(hold)
			}
			at := &s3test.Store{Endpoint: server.URL, Access: "comune", Secret: "segretissima"}
			s := opened(t, at, "documenti", "", func(o *driver.Options) {
				if name == "silent" {
					o.Idle = 5 * time.Second
				}
				dial := o.Dial
				o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					if address != strings.TrimPrefix(server.URL, "http://") {
						t.Errorf("it connects to %s", address)
					}
					return dial(ctx, network, address)
				}
			})
			err := c.ask(t.Context(), s)
			var e *driver.Error
			if !errors.As(err, &e) || e.Kind != c.kind || e.Sent != c.sent || !strings.Contains(err.Error(), c.says) {
				t.Errorf("found %v %+v, expected %s that says %q", err, e, c.kind, c.says)
			}
			for _, secret := range []string{"segretissima", "comune", "documenti", "RSSMRA80A01L736U"} {
				if strings.Contains(fmt.Sprint(err), secret) {
					t.Errorf("the error says %s: %v", secret, err)
				}
			}
		})
	}
}

// TestReached: the store is dialled where the connector says it is, or by the proxy, and nowhere else.
func TestReached(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprintf(w, "<ListBucketResult><Contents><Key>RSSMRA80A01L736U/%s</Key></Contents></ListBucketResult>", r.URL.Host)
	}))
	defer proxy.Close()
	by, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		entry driver.Entry
		at    string
	}{
		"Amazon":          {driver.Entry{Region: "eu-south-1"}, "documenti.s3.eu-south-1.amazonaws.com:443"},
		"Amazon, written": {driver.Entry{Endpoint: "https://s3.eu-south-1.amazonaws.com"}, "documenti.s3.eu-south-1.amazonaws.com:443"},
		"Amazon, IPv6":    {driver.Entry{Endpoint: "s3.dualstack.eu-south-1.amazonaws.com"}, "documenti.s3.dualstack.eu-south-1.amazonaws.com:443"},
		"another":         {driver.Entry{Endpoint: "https://minio.example:9000"}, "minio.example:9000"},
		"a proxy":         {driver.Entry{Endpoint: "http://minio.example:9000"}, by.Host},
	} {
		t.Run(name, func(t *testing.T) {
			var dialled []string
			s := opened(t, &s3test.Store{}, "documenti", "", func(o *driver.Options) {
				o.Entry = c.entry
				o.Entry.User, o.Entry.Password = "comune", "segretissima"
				dial := o.Dial
				o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					if dialled = append(dialled, address); address == by.Host {
						return dial(ctx, network, address)
					}
					return nil, errors.New("not now")
				}
				if name == "a proxy" {
					o.Proxy = func(*http.Request) (*url.URL, error) { return by, nil }
				}
			})
			var found []string
			err := s.List(t.Context(), "RSSMRA80A01L736U", func(f driver.File) error {
				found = append(found, f.Name)
				return nil
			})
			if fmt.Sprint(dialled) != "["+c.at+"]" {
				t.Errorf("found %v, expected %s", dialled, c.at)
			}
			switch {
			case name != "a proxy" && !driver.IsKind(err, driver.Down),
				name == "a proxy" && (err != nil || fmt.Sprint(found) != "[minio.example:9000]"):
				t.Errorf("found %v, %v", found, err)
			}
		})
	}
}

// TestUndialled: what keeps from connecting is told.
func TestUndialled(t *testing.T) {
	s := opened(t, &s3test.Store{Endpoint: "http://169.254.169.254", Access: "a", Secret: "b"}, "documenti", "", func(o *driver.Options) {
		o.Dial = func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("nothing is connected to there")
		}
	})
	at := &s3test.Store{Endpoint: "http://169.254.169.254", Access: "a", Secret: "b"}
	refusing := opened(t, at, "documenti", "", func(o *driver.Options) {
		o.Proxy = func(*http.Request) (*url.URL, error) { return nil, errors.New("nothing is connected to there") }
	})
	for name, s := range map[string]*store{"dialling": s, "the proxy": refusing} {
		err := writes(t.Context(), s)
		var e *driver.Error
		if !errors.As(err, &e) || e.Kind != driver.Down || e.Sent || !strings.Contains(err.Error(), "nothing is connected to there") {
			t.Errorf("%s: found %v", name, err)
		}
	}
}

func reads(ctx context.Context, s *store) error {
	return second(read(ctx, s, "RSSMRA80A01L736U.pdf", 10))
}

func lists(ctx context.Context, s *store) error {
	return s.List(ctx, "RSSMRA80A01L736U", func(driver.File) error { return nil })
}

func writes(ctx context.Context, s *store) error {
	return s.Write(ctx, "RSSMRA80A01L736U.pdf", strings.NewReader("alfa"), true)
}

// TestSlow: a store is silent only if nothing is sent to it either, however long a part takes.
func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		l := &link{ours, 30 * time.Second}
		answer := make(chan error, 1)
		go func() {
			_, err := l.Read(make([]byte, 1))
			answer <- err
		}()
		for range 10 {
			time.Sleep(20 * time.Second)
			go func() { _, _ = theirs.Read(make([]byte, 1)) }()
			if _, err := l.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case err := <-answer:
			t.Fatalf("while it is sent to: found %v", err)
		default:
		}
		if err := <-answer; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("found %v", err)
		}
	})
}
