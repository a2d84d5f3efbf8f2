package databasetest

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/connectors"
)

// late is how much later than its deadline a call may come back on a loaded machine.
const late = 20 * time.Second

// deadline: a call ends with its context, and the next one is served.
func (s *suite) deadline(t *testing.T) {
	for operation, want := range map[string]connectors.FaultKind{"lenta": connectors.Timeout, "lenta_una_volta": connectors.Unknown} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_, f := call(ctx, t, s, s.caller, operation, `{}`)
		end, _ := ctx.Deadline()
		cancel()
		if over := time.Since(end); over > late {
			t.Errorf("%s came back %s after its deadline", operation, over)
		}
		if f == nil || f.Kind != want || !f.Sent {
			t.Errorf("%s: found %+v, expected %s", operation, f, want)
		}
		s.expect(t, "una", `{"come":"bloccata"}`, `{"codice":"bloccata"}`)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, f := call(ctx, t, s, s.caller, "lenta_una_volta", `{}`); f == nil || f.Kind != connectors.Unavailable || f.Sent {
		t.Errorf("who has gone before: %+v", f)
	}
}

// lock: a lock that others hold passes; nothing was done.
func (s *suite) lock(t *testing.T) {
	if s.server.Lock == nil {
		t.Skip("this database locks otherwise")
	}
	release := s.server.Lock(t)
	s.fails(t, "aggiorna", `{"codice":"bloccata","importo":0.50}`, connectors.Unavailable, "lock")
	release()
	s.expect(t, "aggiorna", `{"codice":"bloccata","importo":0.50}`, `{"affected":1}`)
}

// away: nobody listens.
func (s *suite) away(t *testing.T) {
	if s.server.Host == "" {
		caller := s.open(t, s.server.Address+".absent")
		if _, f := call(t.Context(), t, s, caller, "aggiungi", `{"codice":"x"}`); f == nil || f.Kind != connectors.Unavailable || f.Sent {
			t.Errorf("found %+v", f)
		}
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	caller := s.open(t, strings.Replace(s.server.Address, s.server.Host, l.Addr().String(), 1))
	for _, operation := range []string{"aggiungi", "leggi"} {
		if _, f := call(t.Context(), t, s, caller, operation, `{"codice":"x"}`); f == nil || f.Kind != connectors.Unavailable || f.Sent {
			t.Errorf("%s: found %+v", operation, f)
		}
	}
}

// broken: where the connection breaks with a statement under way, nobody knows what became of a change.
func (s *suite) broken(t *testing.T) {
	if s.server.Host == "" { // a file has no connection that breaks
		return
	}
	p := listen(t, s.server.Host)
	caller := s.open(t, strings.Replace(s.server.Address, s.server.Host, p.at, 1))
	for operation, want := range map[string]connectors.FaultKind{"lenta_una_volta": connectors.Unknown, "lenta": connectors.Unavailable} {
		if _, f := call(t.Context(), t, s, caller, "una", `{"come":"bloccata"}`); f != nil {
			t.Fatal(f)
		}
		sent := p.count()
		done := make(chan *connectors.Fault, 1)
		go func() {
			_, f := call(context.WithoutCancel(t.Context()), t, s, caller, operation, `{}`)
			done <- f
		}()
		for p.count() < sent+2 { // prepared, and begun
			time.Sleep(time.Millisecond)
		}
		select {
		case f := <-done:
			t.Fatalf("%s ended before the connection broke: %v", operation, f)
		case <-time.After(500 * time.Millisecond): // what follows the last octets belongs to the statement too
		}
		p.cut()
		if f := <-done; f == nil || f.Kind != want || !f.Sent {
			t.Errorf("%s: found %+v, expected %s", operation, f, want)
		}
	}
	if _, f := call(t.Context(), t, s, caller, "una", `{"come":"bloccata"}`); f != nil {
		t.Error("no new connection is made: ", f)
	}
}

// proxy stands between the system and its database, and cuts connections.
type proxy struct {
	at, to string
	mu     sync.Mutex
	conns  []net.Conn
	sent   int // how often something was sent to the database
}

func listen(t *testing.T, to string) *proxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{at: l.Addr().String(), to: to}
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				_ = conn.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, conn, far)
			p.mu.Unlock()
			wait.Go(func() { p.pass(far, conn, true) })
			wait.Go(func() { p.pass(conn, far, false) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
		wait.Wait()
	})
	return p
}

func (p *proxy) pass(to io.WriteCloser, from io.Reader, counted bool) {
	defer func() { _ = to.Close() }()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		if counted {
			p.mu.Lock()
			p.sent++
			p.mu.Unlock()
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

func (p *proxy) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}
