package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

var open = routes.Auth{None: true}

// says returns a route's Serve that answers with a text.
func says(status int, contentType, body string, head ...trigger.Header) func(context.Context, *trigger.Request) (*trigger.Response, error) {
	return func(context.Context, *trigger.Request) (*trigger.Response, error) {
		res := trigger.NewResponse()
		res.Status, res.ContentType = status, contentType
		res.Header = append(res.Header, head...)
		res.Body = append(res.Body, body...)
		return res, nil
	}
}

func fails(err error) func(context.Context, *trigger.Request) (*trigger.Response, error) {
	return func(context.Context, *trigger.Request) (*trigger.Response, error) { return nil, err }
}

// ask sends one request without a socket.
func ask(s *Server, method, target string, head ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(head); i += 2 {
		r.Header[http.CanonicalHeaderKey(head[i])] = []string{head[i+1]}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func newServer(t testing.TB, c Config, rs ...*routes.Route) *Server {
	t.Helper()
	s, err := newServed(c, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(Program{Routes: rs}); err != nil {
		t.Fatal(err)
	}
	return s.Server
}

func TestRouting(t *testing.T) {
	route := func(id, method, path string) *routes.Route {
		return &routes.Route{
			ID: id, Method: method, Path: path, Auth: open,
			Serve: func(_ context.Context, r *trigger.Request) (*trigger.Response, error) {
				return says(200, "text/plain", id+" "+strings.Join(r.Path, ","))(nil, nil)
			},
		}
	}
	s := newServer(t, Config{},
		route("root", "GET", "/"), route("list", "GET", "/multe"), route("one", "GET", "/multe/{numero}"), route("new", "POST", "/multe"),
		route("mine", "GET", "/multe/mie"), route("part", "GET", "/multe/{numero}/rate/{rata}"), route("photo", "GET", "/multe/mie/foto"),
		route("drop", "DELETE", "/multe/{n}"), route("postmine", "POST", "/multe/mie"))
	for _, row := range []struct{ method, path, want string }{
		{"GET", "/", "root "},
		{"GET", "/multe", "list "},
		{"GET", "/multe/7", "one 7"},
		{"POST", "/multe", "new "},
		{"GET", "/multe/mie", "mine "},
		{"GET", "/multe/mie/rate/2", "part mie,2"},
		{"GET", "/multe/mie/foto", "photo "},
		{"DELETE", "/multe/mie", "drop mie"},
		{"POST", "/multe/mie", "postmine "},
		{"GET", "/multe/a%20b", "one a b"},
		{"HEAD", "/multe/7", "one 7"},
		{"GET", "/multe/", "404"},
		{"GET", "/altro", "404"},
		{"GET", "/multe/7/rate", "404"},
		{"GET", "/multe/7/rate/2/x", "404"},
		{"PUT", "/multe", "405 GET, HEAD, POST, OPTIONS"},
		{"PATCH", "/multe/mie", "405 GET, HEAD, POST, DELETE, OPTIONS"},
		{"OPTIONS", "/multe/7", "204 GET, HEAD, DELETE, OPTIONS"},
		{"OPTIONS", "/altro", "404"},
	} {
		w := ask(s, row.method, row.path)
		got := w.Body.String()
		if w.Code != 200 {
			got = strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Header().Get("Allow")))
		}
		if got != row.want {
			t.Errorf("%s %s: found %q, expected %q", row.method, row.path, got, row.want)
		}
	}
}

func TestRoutingRefuses(t *testing.T) {
	s := newServer(t, Config{})
	for want, rs := range map[string][]*routes.Route{
		`route b: GET /a is taken by route a`: {
			{ID: "a", Method: "GET", Path: "/a", Auth: open},
			{ID: "b", Method: "GET", Path: "/a", Auth: open},
		},
		`route b: GET /{y} is taken by route a`: {
			{ID: "a", Method: "GET", Path: "/{x}", Auth: open},
			{ID: "b", Method: "GET", Path: "/{y}", Auth: open},
		},
		`route a: there is no scheme "spid"`:               {{ID: "a", Method: "GET", Path: "/a", Auth: routes.Auth{Scheme: "spid"}}},
		`route a: there is no scheme ""`:                   {{ID: "a", Method: "GET", Path: "/a"}},
		`route a: "TRACE" "/a" is not a method and a path`: {{ID: "a", Method: "TRACE", Path: "/a", Auth: open}},
	} {
		if _, err := s.Routing(Program{Routes: rs}); err == nil || err.Error() != want {
			t.Errorf("found %v, expected %s", err, want)
		}
	}
}

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
		{fault(connectors.Unknown, ""), `502 {"type":"about:blank","title":"Bad Gateway","status":502,"detail":"The outcome is unknown: it is not known whether the request took effect.","request_id":"r-1"}`},
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

func TestRates(t *testing.T) {
	s := newServer(t, Config{Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		&routes.Route{
			ID: "a", Method: "GET", Path: "/a", Auth: open, Rate: routes.Rate{Count: 2, Per: time.Hour},
			Serve: says(200, "text/plain", "ok"),
		})
	var got []string
	for _, from := range []string{"9.9.9.9", "9.9.9.9", "9.9.9.9", "8.8.8.8", "1.1.1.1, 9.9.9.9, 192.0.2.7"} {
		w := ask(s, "GET", "/a", "X-Forwarded-For", from) // the peer is 192.0.2.1, a proxy
		h := w.Header()
		got = append(got, fmt.Sprint(w.Code, h["X-RateLimit-Limit"], h["X-RateLimit-Remaining"], h["X-RateLimit-Reset"], h["Retry-After"]))
	}
	want := []string{
		"200 [2] [1] [1800] []", "200 [2] [0] [3600] []", "429 [2] [0] [3600] [1800]", "200 [2] [1] [1800] []",
		"429 [2] [0] [3600] [1800]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found    %v\nexpected %v", got, want)
	}
	s = newServer(t, Config{}, &routes.Route{
		ID: "a", Method: "GET", Path: "/a", Auth: open, Rate: routes.Rate{Count: 1, Per: time.Hour},
		Serve: says(200, "text/plain", "ok"),
	})
	ask(s, "GET", "/a")
	if w := ask(s, "GET", "/a", "X-Forwarded-For", "7.7.7.7"); w.Code != 429 {
		t.Errorf("H16: X-Forwarded-For of a stranger was believed: %d", w.Code)
	}
}

// TestDeadline: P17. The caller's deadline reaches the exchange, and so does the caller's going away.
func TestDeadline(t *testing.T) {
	left := make(chan time.Duration, 1)
	gone := make(chan struct{})
	s := serve(t, Config{}, Program{Routes: []*routes.Route{
		{
			ID: "left", Method: "GET", Path: "/left", Auth: open, Timeout: time.Minute,
			Serve: func(ctx context.Context, _ *trigger.Request) (*trigger.Response, error) {
				end, _ := ctx.Deadline()
				left <- time.Until(end)
				return says(204, "", "")(nil, nil)
			},
		},
		{
			ID: "wait", Method: "GET", Path: "/wait", Auth: open, Timeout: 50 * time.Millisecond,
			Serve: func(ctx context.Context, _ *trigger.Request) (*trigger.Response, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
		},
		{
			ID: "gone", Method: "GET", Path: "/gone", Auth: open, Timeout: time.Minute,
			Serve: func(ctx context.Context, _ *trigger.Request) (*trigger.Response, error) {
				left <- 0
				<-ctx.Done()
				close(gone)
				return nil, ctx.Err()
			},
		},
	}})
	for header, most := range map[string]time.Duration{
		"": time.Minute, "X-Request-Timeout: 1.5\r\n": 1500 * time.Millisecond,
		"X-Request-Timeout: 600\r\n": time.Minute,
	} {
		talk(t, s.Addr(), "GET /left HTTP/1.1\r\n"+host+header+"\r\n", 1)
		if d := <-left; d > most || d < most-time.Second {
			t.Errorf("%q leaves %v", header, d)
		}
	}
	began := time.Now()
	if got := talk(t, s.Addr(), get("/wait"), 1); len(got) != 1 || got[0].status != 504 || time.Since(began) > 20*time.Second {
		t.Errorf("found %v after %v", got, time.Since(began))
	}
	talkAndLeave(t, s, get("/gone"), left)
	select {
	case <-gone:
	case <-time.After(5 * time.Second):
		t.Error("the exchange did not hear that its caller had gone")
	}
}

// TestConsole: U10, U11. What is for operators is on the console alone; nothing of a request is in logs or metrics.
func TestConsole(t *testing.T) {
	p := echo()
	p.Pages = map[string]http.Handler{"/openapi.json": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"openapi":"3.0.3"}`)
	})}
	s := serve(t, Config{}, p)
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/livez", "/readyz", "/console"} {
		if got := talk(t, s.Addr(), get(path), 1); len(got) != 1 || got[0].status != 404 {
			t.Errorf("%s on the public listener: %v", path, got)
		}
	}
	got := talk(t, s.Addr(), get("/items/RSSMRA80A01L736V?q=canary")+get("/openapi.json")+get("/status")+
		"GET /a HTTP/1.1\r\n"+host+"X-Request-Id: {\"x\":\x1b[31m}\r\n\r\n", 4)
	if len(got) != 4 || got[1].body != `{"openapi":"3.0.3"}` ||
		got[2].body != `{"type":"about:blank","title":"OK","status":200,"detail":"The service is up."}` {
		t.Fatalf("found %v", got)
	}
	metrics := fetch(t, s, "/metrics").body
	for _, want := range []string{
		`fondaco_requests_total{route="item",status="200"} 1`,
		`fondaco_request_duration_seconds_count{route="item"} 1`, "go_goroutines",
	} {
		if !strings.Contains(metrics, want+"\n") && !strings.Contains(metrics, want+" ") {
			t.Errorf("the metrics lack %s", want)
		}
	}
	for path, want := range map[string]string{
		"/livez": `200 {"status":"pass"}`, "/readyz": `200 {"status":"pass"}`,
		"/nothing": `404 {"type":"about:blank","title":"Not Found","status":404,"detail":"There is nothing under this path."}`,
	} {
		if a := fetch(t, s, path); fmt.Sprintf("%d %s", a.status, a.body) != want {
			t.Errorf("%s: found %d %s", path, a.status, a.body)
		}
	}
	if a := fetch(t, s, "/debug/pprof/goroutine?debug=1"); a.status != 200 {
		t.Errorf("pprof: %d", a.status)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	for _, canary := range []string{"RSSMRA", "canary", "\x1b", "31m"} {
		if strings.Contains(s.log.String()+metrics, canary) {
			t.Errorf("%q is in the log or the metrics", canary)
		}
	}
	line := regexp.MustCompile(`(?m)^\{"time":"[^"]+","level":"INFO","msg":"request","method":"GET","route":"item","status":200,"bytes":50,"ms":[0-9.e-]+,"request_id":"[0-9a-f]{32}"\}$`)
	if !line.MatchString(s.log.String()) {
		t.Errorf("the log is %s", s.log)
	}
}

func BenchmarkServeHTTP(b *testing.B) {
	s := newServer(b, Config{}, &routes.Route{
		ID: "a", Method: "GET", Path: "/multe/{numero}", Auth: open,
		Serve: says(200, "application/json", `{"a":1}`),
	})
	r := httptest.NewRequest("GET", "/multe/7", nil)
	b.ReportAllocs()
	for b.Loop() {
		s.ServeHTTP(&nowhere{head: http.Header{}}, r)
	}
}

// nowhere takes answers and forgets them.
type nowhere struct{ head http.Header }

func (n *nowhere) Header() http.Header         { return n.head }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n *nowhere) WriteHeader(int)             {}
