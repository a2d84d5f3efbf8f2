package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

func TestProblems(t *testing.T) {
	fault := func(k connectors.FaultKind, detail string) error {
		return fmt.Errorf("a step: %w", &connectors.Fault{
			System: "veritas", Operation: "letture", Kind: k, Detail: detail,
			Err: errors.New("dial tcp 10.1.2.3: secret"),
		})
	}
	for _, row := range []struct {
		err  error
		want string
	}{
		{
			&trigger.Problem{
				Status: 422, Title: "No", Detail: "d",
				Errors: []trigger.Invalid{{Pointer: "#/a", Detail: "x"}, {Parameter: "q", Detail: "y"}},
			},
			`422 {"type":"about:blank","title":"No","status":422,"detail":"d","errors":[{"pointer":"#/a","detail":"x"},{"parameter":"q","detail":"y"}],"request_id":"r-1"}`,
		},
		{fault(connectors.Unavailable, ""), `503 {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"A system that this answer depends on is not available.","request_id":"r-1"}`},
		{fault(connectors.Timeout, ""), `504 {"type":"about:blank","title":"Gateway Timeout","status":504,"detail":"A system that this answer depends on did not answer in time.","request_id":"r-1"}`},
		{fault(connectors.Invalid, ""), `502 {"type":"about:blank","title":"Bad Gateway","status":502,"detail":"A system that this answer depends on gave an answer that is not understood.","request_id":"r-1"}`},
		{fault(connectors.Refused, "no such meter"), `422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"no such meter","request_id":"r-1"}`},
		{fault(connectors.NotFound, ""), `404 {"type":"about:blank","title":"Not Found","status":404,"detail":"What was asked for does not exist.","request_id":"r-1"}`},
		{fault(connectors.Conflict, ""), `409 {"type":"about:blank","title":"Conflict","status":409,"detail":"The present state does not allow this.","request_id":"r-1"}`},
		{fault(connectors.Unknown, ""), `502 {"type":"about:blank","title":"Bad Gateway","status":502,"detail":"The outcome is unknown: it is not known whether the request took effect.","outcome":"unknown","request_id":"r-1"}`},
		{context.DeadlineExceeded, `504 {"type":"about:blank","title":"Gateway Timeout","status":504,"detail":"The answer was not ready in time.","request_id":"r-1"}`},
		{errors.New("secret"), `500 {"type":"about:blank","title":"Internal Server Error","status":500,"request_id":"r-1"}`},
	} {
		w := ask(newServer(t, Config{}, &routes.Route{ID: "a", Method: "GET", Path: "/a", Auth: open, Serve: fails(row.err)}), "GET", "/a",
			"X-Request-Id", "r-1")
		if got := fmt.Sprintf("%d %s", w.Code, w.Body); got != row.want {
			t.Errorf("found    %s\nexpected %s", got, row.want)
		}
		if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
			t.Errorf("found %s", ct)
		}
		if after := w.Header().Get("Retry-After"); (after != "") != (w.Code == 503) {
			t.Errorf("Retry-After is %q with %d", after, w.Code)
		}
	}
}

func TestPanicBecomesAProblem(t *testing.T) {
	p := Program{Routes: []*routes.Route{{
		ID: "a", Method: "GET", Path: "/a", Auth: open,
		Serve: func(context.Context, *trigger.Request) (*trigger.Response, error) {
			panic("RSSMRA80A01L736V")
		},
	}}}
	s := serve(t, Config{}, p)
	got := talk(t, s.Addr(), get("/a")+get("/status"), 2)
	if len(got) != 2 || got[0].status != 500 || got[1].status != 200 {
		t.Fatalf("found %v", got)
	}
	checkProblem(t, got[0])
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if strings.Contains(s.log.String(), "RSSMRA80A01L736V") || !strings.Contains(s.log.String(), `"kind":"string"`) {
		t.Errorf("the log has the panic's text, or lacks its kind: %s", s.log)
	}
}

func TestAnswers(t *testing.T) {
	big := `{"testo":"` + strings.Repeat("acqua alta ", 200) + `"}`
	s := newServer(t, Config{},
		&routes.Route{ID: "big", Method: "GET", Path: "/big", Auth: open, Serve: says(200, "application/json", big)},
		&routes.Route{
			ID: "small", Method: "GET", Path: "/small", Auth: open,
			Serve: says(200, "application/json", "{}", trigger.Header{Name: "Cache-Control", Value: "max-age=60"}),
		},
		&routes.Route{ID: "none", Method: "DELETE", Path: "/small", Auth: open, Serve: says(204, "", "")})
	w := ask(s, "GET", "/big", "Accept-Encoding", "br, gzip;q=0.8")
	z, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(z); err != nil || string(plain) != big || w.Header().Get("Vary") != "Accept-Encoding" ||
		w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("found %v %q %v", err, plain, w.Header())
	}
	for _, accept := range []string{"", "identity", "gzip;q=0", "br", "gzip;q=0.000"} {
		if w := ask(s, "GET", "/big", "Accept-Encoding", accept); w.Body.String() != big || w.Header().Get("Content-Encoding") != "" {
			t.Errorf("Accept-Encoding %q: found %v", accept, w.Header())
		}
	}
	w = ask(s, "GET", "/small", "Accept-Encoding", "gzip")
	want := http.Header{
		"Cache-Control": {"max-age=60"}, "Content-Length": {"2"}, "Content-Type": {"application/json"}, "X-Content-Type-Options": {"nosniff"},
		"Content-Security-Policy": nothingMore, "X-Request-Id": w.Header()["X-Request-Id"],
	}
	if fmt.Sprint(w.Header()) != fmt.Sprint(want) {
		t.Errorf("found    %v\nexpected %v", w.Header(), want)
	}
	if w := ask(s, "DELETE", "/small"); w.Code != 204 || w.Body.Len() > 0 || w.Header().Get("Content-Type") != "" ||
		w.Header().Get("Content-Length") != "" {
		t.Errorf("found %d %v", w.Code, w.Header())
	}
}

func TestCORS(t *testing.T) {
	s := newServer(t, Config{Origins: []string{"https://dime.example"}},
		&routes.Route{ID: "a", Method: "GET", Path: "/a", Auth: open, Serve: says(200, "application/json", "{}")})
	for _, row := range []struct {
		method, origin, allowed, methods string
		status                           int
	}{
		{"GET", "https://dime.example", "https://dime.example", "", 200},
		{"GET", "https://dime.example.evil", "", "", 200},
		{"GET", "null", "", "", 200},
		{"OPTIONS", "https://dime.example", "https://dime.example", "GET, HEAD, OPTIONS", 204},
		{"OPTIONS", "https://evil.example", "", "", 204},
	} {
		w := ask(s, row.method, "/a", "Origin", row.origin, "Access-Control-Request-Method", "GET")
		h := w.Header()
		if w.Code != row.status || h.Get("Access-Control-Allow-Origin") != row.allowed || h.Get("Access-Control-Allow-Methods") != row.methods ||
			h.Get("Vary") != "Origin" || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s %s: %d %v", row.method, row.origin, w.Code, h)
		}
	}
}

// TestLocalOrigins: what a demo admits are pages of this machine, and no name that looks like it.
func TestLocalOrigins(t *testing.T) {
	s := newServer(t, Config{LocalOrigins: true},
		&routes.Route{ID: "a", Method: "GET", Path: "/a", Auth: open, Serve: says(200, "application/json", "{}")})
	for origin, allowed := range map[string]bool{
		"http://localhost:5173": true, "http://localhost": true, "https://localhost": true, "http://127.0.0.1:3000": true,
		"http://127.9.9.9:3000": true, "http://[::1]:3000": true, "http://dime.localhost:4200": true,
		"http://localhost.evil.example": false, "http://evillocalhost": false, "http://127.0.0.1.evil.example": false,
		"http://127.0.0.1@evil.example": false, "http://evil.example/localhost": false, "http://evil.example#.localhost": false,
		"http://localhost:5173/": false, "http://10.0.0.1:5173": false, "null": false, "file://localhost": false, "": false,
	} {
		w := ask(s, "OPTIONS", "/a", "Origin", origin, "Access-Control-Request-Method", "GET")
		h := w.Header()
		if got := h.Get("Access-Control-Allow-Origin"); (got != "") != allowed || got != "" && got != origin || h.Get("Vary") != "Origin" {
			t.Errorf("%s: %v", origin, h)
		}
	}
}

func TestTraces(t *testing.T) {
	var seen *connectors.Trace
	s := newServer(t, Config{}, &routes.Route{
		ID: "a", Method: "GET", Path: "/a", Auth: open,
		Serve: func(ctx context.Context, _ *trigger.Request) (*trigger.Response, error) {
			seen = connectors.TraceOf(ctx)
			return says(204, "", "")(nil, nil)
		},
	})
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ask(s, "GET", "/a", "Traceparent", parent, "Tracestate", "a=b", "X-Request-Id", "id-1")
	ours := seen.Parent()
	if ours[:36] != parent[:36] || ours[36:52] == parent[36:52] || ours[52:] != "-01" || seen.State != "a=b" || seen.RequestID != "id-1" {
		t.Errorf("found %s %+v", ours, seen)
	}
	for _, bad := range []string{
		"", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", parent + "x", "ff" + parent[2:], strings.Repeat("a", 9999),
	} {
		w := ask(s, "GET", "/a", "Traceparent", bad, "Tracestate", "a=b", "X-Request-Id", "bad id\n")
		if strings.HasPrefix(seen.Parent(), parent[:36]) || seen.State != "" ||
			!regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(seen.RequestID) || w.Header().Get("X-Request-Id") != seen.RequestID {
			t.Errorf("%q: found %+v", bad, seen)
		}
	}
}
