package server

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"fondaco/routes"
	"fondaco/routes/trigger"
)

// BenchmarkLoopback measures a request and its answer over the loopback, client included: through the whole server, and
// through net/http alone.
func BenchmarkLoopback(b *testing.B) {
	const request = "GET /multe/7 HTTP/1.1\r\nHost: api.comune.venezia.example\r\nUser-Agent: dime/1.0\r\nAccept: application/json\r\n" +
		"Accept-Language: it-IT,it;q=0.9\r\nX-Request-Id: 1234\r\n\r\n"
	body := make([]byte, 1024)
	run := func(b *testing.B, address string) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		in := bufio.NewReader(c)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := io.WriteString(c, request); err != nil {
				b.Fatal(err)
			}
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, res.Body); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("server", func(b *testing.B) {
		s, err := newServed(Config{Listen: "127.0.0.1:0"}, Deps{Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		give := func(context.Context, *trigger.Request) (*trigger.Response, error) {
			res := trigger.NewResponse()
			res.Status, res.ContentType = 200, "application/json"
			res.Body = append(res.Body, body...)
			return res, nil
		}
		if err := s.Swap(Program{Routes: []*routes.Route{{ID: "a", Method: "GET", Path: "/multe/{n}", Auth: open, Serve: give}}}); err != nil {
			b.Fatal(err)
		}
		if err := s.Listen(); err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- s.Serve(ctx) }()
		run(b, s.Addr().String())
		cancel()
		<-done
	})
	b.Run("net-http", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		mux := http.NewServeMux()
		mux.HandleFunc("GET /multe/{n}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body)
		})
		s := &http.Server{Handler: mux}
		done := make(chan error, 1)
		go func() { done <- s.Serve(l) }()
		run(b, l.Addr().String())
		_ = s.Close()
		<-done
	})
}

// TestReaderThatNeverReads: H31. Whoever does not take the answer loses the connection, and the exchange is freed.
func TestReaderThatNeverReads(t *testing.T) {
	left := make(chan struct{}, 1)
	s := serveUntil(t, Config{WriteTimeout: 50 * time.Millisecond, MinRate: 1 << 30}, Program{
		Routes: []*routes.Route{{
			ID: "a", Method: "GET", Path: "/a", Auth: open,
			Serve: func(context.Context, *trigger.Request) (*trigger.Response, error) {
				return &trigger.Response{Status: 200, ContentType: "image/png", Body: make([]byte, 64<<20)}, nil
			},
		}},
	}, func() { left <- struct{}{} })
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, get("/a")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err != nil { // the answer has begun
		t.Fatal(err)
	}
	if err := s.Swap(Program{}); err != nil { // the program ends when its exchange does
		t.Fatal(err)
	}
	select {
	case <-left:
	case <-time.After(2 * time.Minute):
		t.Error("the exchange still holds its program")
	}
}

// TestManyIdle: H32. Beyond the cap the connection that has been idle longest is closed, and the others live on.
func TestManyIdle(t *testing.T) {
	const most = 20
	s := serve(t, Config{MaxConns: most}, echo())
	var all []net.Conn
	defer func() {
		for _, c := range all {
			c.Close()
		}
	}()
	for range 3 * most {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		if _, err := io.WriteString(c, get("/a")); err != nil {
			t.Fatal(err)
		}
		if got := hear(t, c, 1); len(got) != 1 || got[0].status != 200 {
			t.Fatalf("found %v", got)
		}
	}
	if n := s.public.Open(); n > most {
		t.Errorf("found %d connections, expected at most %d", n, most)
	}
	if _, err := all[0].Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the first connection: %v", err)
	}
}
