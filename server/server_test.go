package server

import (
	"context"
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
	case <-time.After(2 * time.Minute):
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
