package sftptest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Proxy stands before a server, and cuts or stalls its connections.
type Proxy struct {
	Host string // where it listens
	to   string

	mu      sync.Mutex
	more    *sync.Cond
	conns   []net.Conn
	made    int   // how many connections there were
	passed  int64 // octets that the server sent
	stalled bool
	most    int64 // after which it cuts, 0 for never
	ended   bool
}

// Before starts a proxy until the test ends.
func Before(t testing.TB, host string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Host: l.Addr().String(), to: host}
	p.more = sync.NewCond(&p.mu)
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", host)
			if err != nil {
				_ = near.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, near, far)
			p.made++
			p.mu.Unlock()
			wait.Go(func() { p.pass(far, near, false) })
			wait.Go(func() { p.pass(near, far, true) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		p.ended = true
		p.mu.Unlock()
		p.Cut()
		wait.Wait()
	})
	return p
}

func (p *Proxy) pass(to io.WriteCloser, from io.ReadCloser, counted bool) {
	defer func() {
		_ = to.Close()
		_ = from.Close()
	}()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		p.mu.Lock()
		for p.stalled && !p.ended {
			p.more.Wait()
		}
		over := false
		if counted {
			p.passed += int64(n)
			over = p.most > 0 && p.passed > p.most
		}
		p.mu.Unlock()
		if over {
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

// Cut ends the connections that there are.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
	p.more.Broadcast()
}

// CutAfter cuts what the server sends after so many octets from now on; 0 for never.
func (p *Proxy) CutAfter(octets int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed, p.most = 0, octets
}

// Stall holds everything back, or lets it go on.
func (p *Proxy) Stall(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled = on
	p.more.Broadcast()
}

// Made returns how many connections there were.
func (p *Proxy) Made() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.made
}
