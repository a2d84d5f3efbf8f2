package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// maxAsked is how much of an answer's body Ask reads.
const maxAsked = 64 << 20

// Ask serves a program to one request, and returns the answer with its whole body in memory. The octets of the request go through the
// door, the router and all else that a request over the network goes through, over a connection in memory; nothing listens. An answer
// that does not come whole is an error. It is for the tests of projects. Safe for concurrent use.
func Ask(ctx context.Context, c Config, p Program, request []byte) (*http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	one := &alone{}
	s, err := New(c, Deps{Programs: one})
	if err != nil {
		return nil, err
	}
	if one.routing, err = s.Routing(p); err != nil {
		return nil, err
	}
	ours, theirs := net.Pipe()
	l := &pipe{conn: theirs, closed: make(chan struct{})}
	public := s.behindDoor(l, true)
	h := s.httpServer(s, public)
	var running sync.WaitGroup
	running.Go(func() { _ = h.Serve(public) })
	running.Go(func() { _, _ = ours.Write(request) }) // the answer may come before all of it is read
	stop := context.AfterFunc(ctx, func() { _ = ours.Close() })
	defer func() {
		stop()
		_ = ours.Close()
		public.Abort()
		_ = h.Close()
		running.Wait()
	}()
	answer, err := readAnswer(ours, request)
	if err != nil {
		return nil, errors.Join(ctx.Err(), fmt.Errorf("the answer did not come whole: %w", err))
	}
	return answer, nil
}

// readAnswer reads the answer to a request, with its body.
func readAnswer(from io.Reader, request []byte) (*http.Response, error) {
	method, _, _ := strings.Cut(string(request[:min(len(request), 16)]), " ")
	answer, err := http.ReadResponse(bufio.NewReader(from), &http.Request{Method: method})
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAsked))
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// alone is the one program of a server, in service for as long as that lives.
type alone struct{ routing *Routing }

// Take returns the program.
func (a *alone) Take() (*Routing, Lease) { return a.routing, a }

// Stop does nothing: the program is its maker's.
func (a *alone) Stop(context.Context) error { return nil }

// Release does nothing, as Stop.
func (a *alone) Release() {}

// pipe is a listener that has one connection.
type pipe struct {
	mu     sync.Mutex
	conn   net.Conn // nil once it was accepted
	once   sync.Once
	closed chan struct{}
}

// Accept returns the connection, and then waits for Close.
func (p *pipe) Accept() (net.Conn, error) {
	p.mu.Lock()
	c := p.conn
	p.conn = nil
	p.mu.Unlock()
	if c != nil {
		return c, nil
	}
	<-p.closed
	return nil, net.ErrClosed
}

// Close ends Accept.
func (p *pipe) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr returns what stands for an address.
func (p *pipe) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
