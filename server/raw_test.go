package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fondaco/routes"
	"fondaco/routes/trigger"
)

// TestRaw: a route that judges bodies itself gets any media type, whole and unpacked, within its own limit; why it
// answered a failure of its own is in the log, and nowhere else.
func TestRaw(t *testing.T) {
	var log bytes.Buffer
	s, err := newServed(Config{MaxBody: 10}, Deps{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	serve := func(_ context.Context, r *trigger.Request) (*trigger.Response, error) {
		res := trigger.NewResponse()
		res.Status, res.ContentType = 200, "text/xml"
		res.Body = fmt.Appendf(res.Body, "%s %d", r.Header.Get("Content-Type"), len(r.Body))
		if string(r.Body) == "fail" {
			res.Status, res.Failure = 500, errors.New("the archive is on fire")
		}
		return res, nil
	}
	if err := s.Swap(Program{Routes: []*routes.Route{{
		ID: "soap", Method: "POST", Path: "/soap", Auth: open, HasBody: true, Raw: true,
		MaxBody: 100, Serve: serve,
	}}}); err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(z, strings.Repeat("a", 90))
	_ = z.Close()
	for _, x := range []struct {
		media, coding, body string
		status              int
		want                string
	}{
		{"text/xml; charset=utf-8", "", strings.Repeat("a", 100), 200, "text/xml; charset=utf-8 100"},
		{`multipart/related; boundary="b"`, "", "a", 200, `multipart/related; boundary="b" 1`},
		{"text/xml", "gzip", zipped.String(), 200, "text/xml 90"},
		{"", "", "a", 200, " 1"},
		{"text/xml", "", strings.Repeat("a", 101), 413, "application/problem+json"},
		{"text/xml", "br", "a", 415, "application/problem+json"},
		{"text/xml", "", "fail", 500, "text/xml 4"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/soap", strings.NewReader(x.body))
		r.Header.Set("Content-Type", x.media)
		if x.coding != "" {
			r.Header.Set("Content-Encoding", x.coding)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if got := w.Body.String(); w.Code != x.status || got != x.want && w.Header().Get("Content-Type") != x.want {
			t.Errorf("%v: found %d %s %s", x, w.Code, w.Header().Get("Content-Type"), got)
		}
	}
	if !strings.Contains(log.String(), "the archive is on fire") {
		t.Errorf("the log does not say why: %s", &log)
	}
}
