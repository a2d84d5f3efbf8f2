package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/routes"
	"fondaco/routes/trigger"
)

// talkAndLeave sends a request and closes the connection once the exchange has begun.
func talkAndLeave(t *testing.T, s *running, raw string, begun <-chan time.Duration) {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, raw); err != nil {
		t.Fatal(err)
	}
	<-begun
	c.Close()
}

// version is a program that says which it is, and notices when it is used after its end.
type version struct {
	number int
	closed atomic.Bool
	late   *atomic.Int64
}

func (v *version) program() Program {
	return Program{
		Routes: []*routes.Route{{
			ID: "v", Method: "GET", Path: "/v/{x}", Auth: open,
			Serve: func(context.Context, *trigger.Request) (*trigger.Response, error) {
				if v.closed.Load() {
					v.late.Add(1)
				}
				res := trigger.NewResponse()
				res.Status, res.ContentType = 200, "text/plain"
				res.Body = fmt.Append(res.Body, v.number, "-", v.number)
				if v.closed.Load() {
					v.late.Add(1)
				}
				return res, nil
			},
		}},
	}
}

// end is called after the last exchange.
func (v *version) end(ended *atomic.Int64) func() {
	return func() { v.closed.Store(true); ended.Add(1) }
}

// TestReload: P19. Programs are swapped under load: no request is dropped, each sees one program, and each program ends
// once, after its last exchange.
func TestReload(t *testing.T) {
	const reloads, clients, each = 200, 4, 25_000
	moved := make(chan struct{}, clients*each) // now and then, as the load moves on
	var late, ended, tried, done atomic.Int64
	next := func(n int) (Program, func()) {
		v := &version{number: n, late: &late}
		return v.program(), v.end(&ended)
	}
	first, end := next(0)
	s := serveUntil(t, Config{}, first, end)
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	var load sync.WaitGroup
	defer load.Wait()
	for range clients {
		load.Go(func() {
			for range each {
				if err := askVersion(client, s.Addr()); err != nil {
					t.Error(err)
				} else {
					done.Add(1)
				}
				if tried.Add(1)%(clients*each/(reloads+5)) == 0 {
					moved <- struct{}{}
				}
			}
		})
	}
	for n := 1; n <= reloads; n++ {
		<-moved
		if err := s.swap(next(n)); err != nil {
			t.Fatal(err)
		}
	}
	load.Wait()
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if done.Load() != clients*each || late.Load() != 0 || ended.Load() != reloads+1 {
		t.Errorf("%d answers of %d; %d uses after the end; %d programs ended of %d", done.Load(), clients*each, late.Load(), ended.Load(),
			reloads+1)
	}
	if err := s.swap(next(99)); err == nil || err.Error() != "the server is stopping" {
		t.Errorf("found %v", err)
	}
}

// askVersion asks for the version twice told.
func askVersion(client *http.Client, address net.Addr) error {
	res, err := client.Get("http://" + address.String() + "/v/x")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	var a, b int
	if _, err := fmt.Sscanf(string(body), "%d-%d", &a, &b); err != nil || res.StatusCode != 200 || a != b {
		return fmt.Errorf("found %d %q", res.StatusCode, body)
	}
	return nil
}

// TestStop: P21. What was begun is finished, what comes later is not taken, and the program ends last.
func TestStop(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	var ended atomic.Bool
	s := serveUntil(t, Config{}, Program{
		Routes: []*routes.Route{{
			ID: "a", Method: "GET", Path: "/a", Auth: open,
			Serve: func(context.Context, *trigger.Request) (*trigger.Response, error) {
				close(begun)
				<-finish
				if ended.Load() {
					t.Error("the program ended before its exchange")
				}
				return says(200, "text/plain", "done")(nil, nil)
			},
		}},
	}, func() { ended.Store(true) })
	answers := make(chan []answer, 1)
	go func() { answers <- talk(t, s.Addr(), get("/a"), 1) }()
	<-begun
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	for ready := fetch(t, s, "/readyz"); ready.status != 503; ready = fetch(t, s, "/readyz") {
		if ready.status != 200 {
			t.Fatalf("readyz: %d %s", ready.status, ready.body)
		}
	}
	close(finish)
	if got := <-answers; len(got) != 1 || got[0].status != 200 || got[0].body != "done" {
		t.Errorf("found %v", got)
	}
	if err := <-stopped; err != nil || !ended.Load() {
		t.Errorf("found %v, ended %v", err, ended.Load())
	}
	if _, err := net.Dial("tcp", s.Addr().String()); err == nil {
		t.Error("the listener is still open")
	}
}

// TestStopUnderLoad: P21. Whatever was begun when the server was told to stop is answered whole.
func TestStopUnderLoad(t *testing.T) {
	const clients = 4
	var begun, answered atomic.Int64
	warm := make(chan struct{}, 1<<16)
	s := serve(t, Config{DrainDelay: 20 * time.Millisecond}, Program{Routes: []*routes.Route{{
		ID: "a", Method: "GET", Path: "/a", Auth: open,
		Serve: func(context.Context, *trigger.Request) (*trigger.Response, error) {
			begun.Add(1)
			select {
			case warm <- struct{}{}:
			default:
			}
			return says(200, "text/plain", "done")(nil, nil)
		},
	}}})
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	var load sync.WaitGroup
	for range clients {
		load.Go(func() {
			for {
				res, err := client.Get("http://" + s.Addr().String() + "/a")
				if err != nil {
					return // the listener is closed
				}
				body, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || res.StatusCode != 200 || string(body) != "done" {
					t.Errorf("found %d %q %v", res.StatusCode, body, err)
				}
				answered.Add(1)
			}
		})
	}
	for range 500 {
		<-warm
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	load.Wait()
	if begun.Load() != answered.Load() {
		t.Errorf("%d exchanges were begun, %d answered", begun.Load(), answered.Load())
	}
}

// TestStopIsBounded: an exchange that does not end is cut off after the grace.
func TestStopIsBounded(t *testing.T) {
	begun, never := make(chan struct{}), make(chan struct{})
	s := serve(t, Config{Grace: 50 * time.Millisecond}, Program{Routes: []*routes.Route{{
		ID: "a", Method: "GET", Path: "/a", Auth: open,
		Serve: func(context.Context, *trigger.Request) (*trigger.Response, error) {
			close(begun)
			<-never
			return nil, nil
		},
	}}})
	answers := make(chan []answer, 1)
	go func() { answers <- talk(t, s.Addr(), get("/a"), 1) }()
	<-begun
	err := s.stop()
	if want := "exchanges were cut off: context deadline exceeded\na program did not end in time"; err == nil || err.Error() != want {
		t.Errorf("found %v", err)
	}
	<-answers
	close(never)
}
