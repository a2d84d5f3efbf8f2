package s3

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/s3/s3test"
)

// before returns a store of the same buckets whose requests are seen: told says what becomes of one, and of its answer.
func before(t *testing.T, at *s3test.Store, seen func(*http.Request) error, answered func(*http.Request)) *s3test.Store {
	t.Helper()
	to, err := url.Parse(at.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = to.Scheme, to.Host, r.In.Host
		},
		ModifyResponse: func(r *http.Response) error {
			answered(r.Request)
			return nil
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := seen(r); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return &s3test.Store{Endpoint: server.URL, Access: at.Access, Secret: at.Secret}
}

func isCopy(r *http.Request) bool { return r.Header.Get("X-Amz-Copy-Source") != "" }

// TestMove: a file is moved, and replaces only what it may.
func TestMove(t *testing.T) {
	at := s3test.Gateway(t)
	bucket, _ := at.Bucket(t)
	s := opened(t, at, bucket, "scambio", nil)
	put := func(p, text string) {
		t.Helper()
		if err := s.Write(t.Context(), p, strings.NewReader(text), true); err != nil {
			t.Fatal(err)
		}
	}
	large := content(part + 1)
	if err := s.Write(t.Context(), odd, bytes.NewReader(large), true); err != nil {
		t.Fatal(err)
	}
	if err := s.Move(t.Context(), odd, "fatti/"+odd, false); err != nil {
		t.Fatal(err)
	}
	if b, err := read(t.Context(), s, "fatti/"+odd, 0); err != nil || !bytes.Equal(b, large) {
		t.Errorf("found %d octets, %v", len(b), err)
	}
	if err := second(s.Stat(t.Context(), odd)); !driver.IsKind(err, driver.Missing) {
		t.Errorf("the old one: found %v", err)
	}
	put("in/a", "alfa")
	put("fatti/a", "vecchio")
	if err := s.Move(t.Context(), "in/a", "fatti/a", false); !driver.IsKind(err, driver.Exists) {
		t.Errorf("found %v", err)
	}
	if err := s.Move(t.Context(), "in/a", "in/a", true); err != nil {
		t.Errorf("to where it is: %v", err)
	}
	if err := s.Move(t.Context(), "in/a", "fatti/a", true); err != nil {
		t.Error(err)
	}
	if b, err := read(t.Context(), s, "fatti/a", 0); string(b) != "alfa" {
		t.Errorf("found %q, %v", b, err)
	}
}

// TestMoveRaced: of a file that is replaced while it is moved nothing is lost.
func TestMoveRaced(t *testing.T) {
	at := s3test.Gateway(t)
	bucket, _ := at.Bucket(t)
	direct := opened(t, at, bucket, "", nil)
	put := func(text string) {
		if err := direct.Write(t.Context(), "in/a", strings.NewReader(text), true); err != nil {
			t.Error(err)
		}
	}
	holds := func(p string) string {
		b, err := read(t.Context(), direct, p, 0)
		if err != nil && !driver.IsKind(err, driver.Missing) {
			t.Error(err)
		}
		return string(b)
	}
	none := func(*http.Request) {}
	all := func(*http.Request) error { return nil }

	put("alfa")
	s := opened(t, before(t, at, func(r *http.Request) error {
		if isCopy(r) {
			put("nuovo")
		}
		return nil
	}, none), bucket, "", nil)
	err := s.Move(t.Context(), "in/a", "fatti/a", true)
	if !driver.IsKind(err, driver.Other) || holds("in/a") != "nuovo" || holds("fatti/a") != "" {
		t.Errorf("before it is copied: found %v, %q and %q", err, holds("in/a"), holds("fatti/a"))
	}

	s = opened(t, before(t, at, all, func(r *http.Request) {
		if isCopy(r) {
			put("nuovissimo")
		}
	}), bucket, "", nil)
	if err := s.Move(t.Context(), "in/a", "fatti/a", true); err != nil || holds("in/a") != "nuovissimo" || holds("fatti/a") != "nuovo" {
		t.Errorf("after it is copied: found %v, %q and %q", err, holds("in/a"), holds("fatti/a"))
	}

	s = opened(t, before(t, at, func(r *http.Request) error {
		if r.Method == http.MethodDelete {
			return errors.New("down")
		}
		return nil
	}, none), bucket, "", nil)
	err = s.Move(t.Context(), "in/a", "fatti/a", true)
	var e *driver.Error
	if !errors.As(err, &e) || !e.Sent || !strings.Contains(err.Error(), "so is the old file") || holds("in/a") != holds("fatti/a") {
		t.Errorf("where removing fails: found %v, %q and %q", err, holds("in/a"), holds("fatti/a"))
	}
}
