package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/routes"
	"fondaco/routes/trigger"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lines is a log that tests read. It is safe for concurrent use.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// running is a server on free ports of the loopback.
type running struct {
	*served
	log  *lines
	stop func() error
}

// serve runs a server until the test ends.
func serve(t testing.TB, c Config, p Program) *running { return serveUntil(t, c, p, nil) }

// serveUntil is serve, with what is called after the last exchange of p.
func serveUntil(t testing.TB, c Config, p Program, end func()) *running {
	t.Helper()
	c.Listen, c.Console = "127.0.0.1:0", "127.0.0.1:0"
	log := &lines{}
	s, err := newServed(c, Deps{Log: slog.New(slog.NewJSONHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.swap(p, end); err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	r := &running{served: s, log: log}
	r.stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = r.stop() })
	return r
}

// talk sends raw and reads until the server closes or answers n times.
func talk(t testing.TB, address net.Addr, raw string, n int) []answer {
	t.Helper()
	c, err := net.Dial("tcp", address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	sent := make(chan struct{})
	go func() { defer close(sent); _, _ = io.WriteString(c, raw) }()
	defer func() { c.Close(); <-sent }()
	return hear(t, c, n)
}

// answer is what came back. closed reports whether the connection was closed after it.
type answer struct {
	status int
	header http.Header
	body   string
}

func hear(t testing.TB, c net.Conn, n int) []answer {
	t.Helper()
	in := bufio.NewReader(c)
	var all []answer
	for len(all) < n {
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
				return all
			}
			t.Fatalf("after %d answers: %v", len(all), err)
		}
		if res.StatusCode == http.StatusContinue {
			all = append(all, answer{status: 100})
			continue
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		all = append(all, answer{res.StatusCode, res.Header, string(body)})
	}
	return all
}

// echo is a program whose routes answer with what reached them.
func echo() Program {
	give := func(_ context.Context, req *trigger.Request) (*trigger.Response, error) {
		res := trigger.NewResponse()
		res.Status, res.ContentType = 200, "application/json"
		res.Body = append(res.Body, `{"path":"`+strings.Join(req.Path, "|")+`","body":"`...)
		res.Body = append(res.Body, strings.ReplaceAll(string(req.Body), `"`, "'")...)
		res.Body = append(res.Body, `","headers":"`...)
		for _, name := range []string{
			"X_real_ip", "X-Real-Ip", "X_Real_IP", "X-Esb-Route", "X-Fondaco-User", "X-Forwarded-For", "Host",
			"X-Http-Method-Override", "Long-Running-Action", "Trailer",
		} {
			if v, ok := req.Header[name]; ok {
				res.Body = append(res.Body, name+"="+strings.Join(v, "+")+";"...)
			}
		}
		res.Body = append(res.Body, `"}`...)
		return res, nil
	}
	open := routes.Auth{None: true}
	return Program{Routes: []*routes.Route{
		{ID: "a", Method: "GET", Path: "/a", Auth: open, Serve: give},
		{ID: "item", Method: "GET", Path: "/items/{id}", Auth: open, Serve: give},
		{ID: "put", Method: "POST", Path: "/a", Auth: open, HasBody: true, Serve: give},
		{ID: "admin", Method: "GET", Path: "/admin/x", Auth: open, Serve: func(context.Context, *trigger.Request) (*trigger.Response, error) {
			return nil, trigger.NewProblem(http.StatusTeapot, "the admin route was reached")
		}},
	}}
}
