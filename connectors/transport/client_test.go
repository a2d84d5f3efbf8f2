package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/connectors"
)

// to makes a client of an address.
func to(t testing.TB, address string, change func(*Options)) *Client {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{System: "prova", Endpoint: u, MaxAnswer: 1 << 16}
	if change != nil {
		change(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// wire listens on loopback and lets serve speak on each connection.
func wire(t *testing.T, serve func(conn net.Conn, r *bufio.Reader)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				serve(conn, bufio.NewReader(conn))
			}()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return "http://" + l.Addr().String()
}

// request reads one request and its body.
func request(r *bufio.Reader) bool {
	req, err := http.ReadRequest(r)
	if err == nil {
		_, err = io.Copy(io.Discard, req.Body)
	}
	return err == nil
}

func told(res *Response, err error) string {
	if f := connectors.AsFault(err); f != nil {
		return fmt.Sprintf("%s sent=%t %v", f.Kind, f.Sent, f.Err)
	}
	return fmt.Sprintf("%d %s", res.Status, res.Body)
}

// TestFaults: what a system does wrong on the wire, and what is made of it.
func TestFaults(t *testing.T) {
	answer := func(text string) func(net.Conn, *bufio.Reader) {
		return func(conn net.Conn, r *bufio.Reader) {
			if request(r) {
				_, _ = io.WriteString(conn, text)
			}
		}
	}
	hang := func(_ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) }
	reset := func(conn net.Conn, r *bufio.Reader) {
		request(r)
		_ = conn.(*net.TCPConn).SetLinger(0)
	}
	for _, c := range []struct {
		name       string
		serve      func(net.Conn, *bufio.Reader)
		read, once string
	}{
		{"hangs", hang, "timeout sent=true context deadline exceeded", "unknown sent=true context deadline exceeded"},
		{"drips", func(conn net.Conn, r *bufio.Reader) {
			request(r)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
			hang(conn, r)
		}, "timeout sent=true context deadline exceeded", "unknown sent=true context deadline exceeded"},
		{"closes", func(_ net.Conn, r *bufio.Reader) { request(r) }, "unavailable sent=true EOF", "unknown sent=true EOF"},
		{"resets", reset, "unavailable sent=true", "unknown sent=true"},
		{
			"truncated", answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"), "invalid sent=true unexpected EOF",
			"unknown sent=true unexpected EOF",
		},
		{
			"truncated chunks", answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"), "invalid sent=true unexpected EOF",
			"unknown sent=true unexpected EOF",
		},
		{
			"garbage", answer("ciao, sono il mainframe\r\n\r\n"), "invalid sent=true the answer is not HTTP",
			"unknown sent=true the answer is not HTTP",
		},
		{
			"two lengths", answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"), "invalid sent=true the answer is not HTTP",
			"unknown sent=true the answer is not HTTP",
		},
		{
			"large head", answer("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n"), "invalid sent=true the answer is not HTTP",
			"unknown sent=true the answer is not HTTP",
		},
		{
			"large", answer("HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n{"), "invalid sent=true the answer is larger than allowed",
			"invalid sent=true the answer is larger than allowed",
		},
		{
			"large chunks", answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n" + strings.Repeat(" ", 0x20000) +
				"\r\n0\r\n\r\n"),
			"invalid sent=true the answer is larger than allowed", "invalid sent=true the answer is larger than allowed",
		},
		{"moved", answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), "302 ", "302 "},
	} {
		address := wire(t, c.serve)
		for effect, want := range map[connectors.Effect]string{connectors.Read: c.read, connectors.Once: c.once} {
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			if !strings.HasSuffix(want, "exceeded") {
				ctx, cancel = context.WithTimeout(context.Background(), 5*time.Second)
			}
			client := to(t, address, nil)
			got := told(client.Do(ctx, &Request{Method: "POST", Target: "/x", Body: []byte("{}"), Effect: effect}))
			cancel()
			client.Close()
			if got != want && (c.name != "resets" || !strings.HasPrefix(got, want)) {
				t.Errorf("%s, %s: found %s, expected %s", c.name, effect, got, want)
			}
		}
	}
}

// TestUnsent: what never reached the system may be sent again, whatever the operation does.
func TestUnsent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	client := to(t, "http://"+l.Addr().String(), nil)
	_, err = client.Do(context.Background(), &Request{Method: "POST", Target: "/", Effect: connectors.Once})
	if f := connectors.AsFault(err); f == nil || f.Kind != connectors.Unavailable || f.Sent {
		t.Errorf("nobody listens: %v", err)
	}
	// A handshake that never ends.
	silent := wire(t, func(_ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) })
	client = to(t, strings.Replace(silent, "http:", "https:", 1), nil)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	got := told(client.Do(ctx, &Request{Method: "POST", Target: "/", Effect: connectors.Once}))
	if want := "timeout sent=false context deadline exceeded"; got != want {
		t.Errorf("handshake: found %s, expected %s", got, want)
	}
	// A certificate that nobody we trust has signed.
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	server.Config.ErrorLog = nil
	client = to(t, server.URL, nil)
	_, err = client.Do(context.Background(), &Request{Method: "POST", Target: "/", Effect: connectors.Once})
	if f := connectors.AsFault(err); f == nil || f.Kind != connectors.Unavailable || f.Sent {
		t.Errorf("unknown authority: %v", err)
	}
}

// TestDeadline: nothing starts after the deadline, and a cancel reaches the system's socket.
func TestDeadline(t *testing.T) {
	var calls atomic.Int32
	gone := make(chan time.Time, 1)
	began := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		began <- struct{}{}
		<-r.Context().Done()
		gone <- time.Now()
	}))
	defer server.Close()
	client := to(t, server.URL, nil)
	ctx, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	got := told(client.Do(ctx, &Request{Method: "GET", Target: "/", Effect: connectors.Read}))
	cancel()
	if got != "timeout sent=false context deadline exceeded" || calls.Load() != 0 {
		t.Errorf("%s, %d calls", got, calls.Load())
	}
	ctx, cancel = context.WithCancel(context.Background())
	var at time.Time
	go func() {
		<-began
		at = time.Now()
		cancel()
	}()
	got = told(client.Do(ctx, &Request{Method: "GET", Target: "/", Effect: connectors.Read}))
	if got != "unavailable sent=true context canceled" {
		t.Error(got)
	}
	if took := (<-gone).Sub(at); took > 100*time.Millisecond {
		t.Errorf("the cancel reached the socket after %s", took)
	}
}

// TestOnceIsSentOnce: a connection that breaks while it is used again is no reason to send what happens each time twice.
func TestOnceIsSentOnce(t *testing.T) {
	for effect, want := range map[connectors.Effect]int32{connectors.Once: 2, connectors.Read: 3} {
		var calls atomic.Int32
		address := wire(t, func(conn net.Conn, r *bufio.Reader) {
			for request(r) {
				if calls.Add(1) == 2 {
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			}
		})
		client := to(t, address, nil)
		for range 2 {
			_, _ = client.Do(context.Background(), &Request{Method: "GET", Target: "/", Effect: effect})
		}
		client.Close()
		if calls.Load() != want {
			t.Errorf("%s: sent %d times, expected %d", effect, calls.Load(), want)
		}
	}
}

// TestConnections: one is used again and again, but not after garbage.
func TestConnections(t *testing.T) {
	var connections atomic.Int32
	dropped := make(chan struct{}, 1) // a connection that has said too much
	address := wire(t, func(conn net.Conn, r *bufio.Reader) {
		connections.Add(1)
		more := false
		for {
			req, err := http.ReadRequest(r)
			if err != nil && more {
				dropped <- struct{}{}
			}
			if err != nil {
				return
			}
			more = req.URL.Path == "/more"
			text := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
			if more {
				text += "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nvelen"
			}
			_, _ = io.WriteString(conn, text)
		}
	})
	client := to(t, address, nil)
	for range 5 {
		if got := told(client.Do(context.Background(), &Request{Method: "GET", Target: "/"})); got != "200 {}" {
			t.Error(got)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections for 5 calls", n)
	}
	for range 3 {
		for _, target := range []string{"/more", "/"} {
			if got := told(client.Do(context.Background(), &Request{Method: "GET", Target: target, Effect: connectors.Read})); got != "200 {}" {
				t.Errorf("%s: %s", target, got)
			}
			if target == "/more" {
				<-dropped
			}
		}
	}
}

// TestHeaders: the trace and the request's id go on; the environment's proxy is not asked.
func TestHeaders(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	var got http.Header
	var target string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, target = r.Header, r.RequestURI }))
	defer server.Close()
	client := to(t, server.URL+"/base%20uno?x=1", nil)
	trace := &connectors.Trace{RequestID: "r-1", Sampled: true, State: "a=b"}
	trace.TraceID[0], trace.SpanID[7] = 0xab, 1
	ctx := connectors.WithTrace(context.Background(), trace)
	if _, err := client.Do(ctx, &Request{Method: "GET", Target: "/a%2Fb?q=%C3%A8", Header: http.Header{"X-Canale": {"dime"}}}); err != nil {
		t.Fatal(err)
	}
	want := http.Header{
		"Traceparent": {"00-ab000000000000000000000000000000-0000000000000001-01"}, "Tracestate": {"a=b"},
		"X-Request-Id": {"r-1"}, "X-Canale": {"dime"}, "User-Agent": {"fondaco"}, "Accept-Encoding": {"gzip, deflate, br"},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("found %v, expected %v", got, want)
	}
	if target != "/base%20uno/a%2Fb?q=%C3%A8" {
		t.Error(target)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"7": 7 * time.Second, "Mon, 23 Nov 2026 10:00:30 GMT": 30 * time.Second, "Mon, 23 Nov 2026 09:00:00 GMT": 0,
		"": 0, "-1": 0, "soon": 0, "999999999": 24 * time.Hour,
	} {
		if got, _ := retryAfter(text, now); got != want {
			t.Errorf("%q: found %s, expected %s", text, got, want)
		}
	}
}

func TestStatusFault(t *testing.T) {
	for _, c := range []struct {
		status     int
		read, once connectors.FaultKind
	}{
		{302, connectors.Invalid, connectors.Invalid},
		{400, connectors.Refused, connectors.Refused},
		{401, connectors.Unavailable, connectors.Unavailable},
		{403, connectors.Unavailable, connectors.Unavailable},
		{404, connectors.NotFound, connectors.NotFound},
		{408, connectors.Timeout, connectors.Unknown},
		{409, connectors.Conflict, connectors.Conflict},
		{410, connectors.NotFound, connectors.NotFound},
		{429, connectors.Unavailable, connectors.Unavailable},
		{500, connectors.Unavailable, connectors.Unknown},
		{503, connectors.Unavailable, connectors.Unknown},
	} {
		for effect, want := range map[connectors.Effect]connectors.FaultKind{connectors.Read: c.read, connectors.Once: c.once} {
			f := StatusFault("s", &connectors.Operation{Name: "o", Effect: effect}, &Response{Status: c.status})
			if f.Kind != want || !f.Sent {
				t.Errorf("%d %s: found %s sent=%t, expected %s", c.status, effect, f.Kind, f.Sent, want)
			}
		}
	}
	busy := &Response{Status: 503, Header: http.Header{"Retry-After": {"7"}}}
	f := StatusFault("s", &connectors.Operation{Name: "o"}, busy)
	if f.Kind != connectors.Unavailable || f.RetryAfter != 7*time.Second || f.Error() != "s.o: unavailable: HTTP status 503" ||
		errors.Unwrap(f) == nil {
		t.Error(f, f.RetryAfter)
	}
	for header, want := range map[string]connectors.FaultKind{
		"7": connectors.Unavailable, "0": connectors.Unavailable, "Fri, 31 Dec 1999 23:59:59 GMT": connectors.Unavailable,
		"soon": connectors.Unknown, "-1": connectors.Unknown,
	} {
		f := StatusFault("s", &connectors.Operation{Name: "o", Effect: connectors.Once},
			&Response{Status: 503, Header: http.Header{"Retry-After": {header}}})
		if f.Kind != want {
			t.Errorf("a call that has an effect each time, 503 with Retry-After %s: found %s, expected %s", header, f.Kind, want)
		}
	}
}
