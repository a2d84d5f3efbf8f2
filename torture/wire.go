package main

import (
	"errors"
	"io"
	"net"
	"sync"
)

// wire is a way from one node to one server, which can be made a black hole: connections stay open, new ones are taken, and nothing gets
// through in either direction. When it is healed what was under way goes on, as after a partition of a network that was short enough
// for TCP. It needs no rights, as links of network namespaces do. Safe for concurrent use.
type wire struct {
	to       string
	dial     func(addr string) (net.Conn, error)
	listener net.Listener
	open     sync.WaitGroup

	mu     sync.Mutex
	pass   *sync.Cond
	hole   bool
	closed bool
	ends   map[net.Conn]bool
}

// newWire listens at an address of the loopback. dial connects it with the server; nil: as usual. The caller closes it.
func newWire(to, at string, dial func(addr string) (net.Conn, error)) (*wire, error) {
	if dial == nil {
		dial = func(addr string) (net.Conn, error) { return net.Dial("tcp", addr) }
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		return nil, err
	}
	w := &wire{to: to, dial: dial, listener: l, ends: map[net.Conn]bool{}}
	w.pass = sync.NewCond(&w.mu)
	w.open.Go(w.serve)
	return w, nil
}

func (w *wire) addr() string { return w.listener.Addr().String() }

// cut makes it a black hole, or heals it.
func (w *wire) cut(hole bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hole = hole
	w.pass.Broadcast()
}

func (w *wire) close() {
	_ = w.listener.Close()
	w.mu.Lock()
	w.closed = true
	for c := range w.ends {
		_ = c.Close()
	}
	w.pass.Broadcast()
	w.mu.Unlock()
	w.open.Wait()
}

func (w *wire) serve() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		if w.keep(near) {
			w.open.Go(func() { w.carry(near) })
		}
	}
}

// keep notes a connection, to be closed with the wire; false if that is closed.
func (w *wire) keep(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		_ = c.Close()
		return false
	}
	w.ends[c] = true
	return true
}

func (w *wire) drop(c net.Conn) {
	_ = c.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.ends, c)
}

// passes waits while it is a black hole; false when the wire is closed.
func (w *wire) passes() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.hole && !w.closed {
		w.pass.Wait()
	}
	return !w.closed
}

// carry connects a connection with the server, for as long as both ends are open.
func (w *wire) carry(near net.Conn) {
	defer w.drop(near)
	if !w.passes() {
		return
	}
	far, err := w.dial(w.to)
	if err != nil {
		return
	}
	if !w.keep(far) {
		return
	}
	defer w.drop(far)
	var both sync.WaitGroup
	for _, x := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			_, _ = io.Copy(through{w, x[1]}, x[0])
			_ = x[1].(*net.TCPConn).CloseWrite()
		})
	}
	both.Wait()
}

// through is the far end of a direction: what is written waits while the wire is a black hole.
type through struct {
	w  *wire
	to net.Conn
}

func (t through) Write(b []byte) (int, error) {
	if !t.w.passes() {
		return 0, errors.New("the wire is closed")
	}
	return t.to.Write(b)
}
