package transport

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/connectors"
)

// Simulator serves the simulated side of a protocol of HTTP on a socket. It is a connectors.Simulator, and an
// http.Handler for those who have a socket of their own. Safe for concurrent use.
type Simulator struct {
	handler atomic.Pointer[http.Handler]
	down    atomic.Bool

	mu     sync.Mutex
	server *http.Server // nil while it is stopped
	done   chan struct{}
}

// NewSimulator makes a simulator that answers by a handler.
func NewSimulator(h http.Handler) *Simulator {
	s := &Simulator{}
	s.handler.Store(&h)
	return s
}

// Simulate makes a protocol's Simulate of what makes the handler of a simulator.
func Simulate(played func(*connectors.Connector, connectors.Simulation) (http.Handler, error)) func(*connectors.Connector,
	connectors.Simulation) (connectors.Simulator, error) {
	return func(c *connectors.Connector, s connectors.Simulation) (connectors.Simulator, error) {
		h, err := played(c, s)
		if err != nil {
			return nil, err
		}
		return NewSimulator(h), nil
	}
}

// Start listens on TCP.
func (s *Simulator) Start(at connectors.Place) (connectors.Place, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at.Address == "" {
		at = connectors.Place{Network: "tcp", Address: "127.0.0.1:0", Path: at.Path}
	}
	if s.server != nil {
		return at, fmt.Errorf("the simulator runs already, expected it to be stopped")
	}
	listener, err := net.Listen(at.Network, at.Address)
	if err != nil {
		return at, err
	}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	s.done = make(chan struct{})
	go func(server *http.Server, done chan struct{}) {
		defer close(done)
		_ = server.Serve(listener) // it always ends with an error, ErrServerClosed after Stop
	}(s.server, s.done)
	at.Address, at.Scheme = listener.Addr().String(), "http"
	return at, nil
}

// Stop closes the listener and every connection.
func (s *Simulator) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return
	}
	_ = s.server.Close()
	<-s.done
	s.server = nil
}

// Down has every connection closed when a request has come.
func (s *Simulator) Down(down bool) { s.down.Store(down) }

// Follow answers as next from here on.
func (s *Simulator) Follow(next connectors.Simulator) bool {
	other, ok := next.(*Simulator)
	if ok {
		s.handler.Store(other.handler.Load())
	}
	return ok
}

// ServeHTTP answers as the system does.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.down.Load() {
		if h, ok := w.(http.Hijacker); ok {
			if conn, _, err := h.Hijack(); err == nil {
				_ = conn.Close()
			}
		}
		return
	}
	(*s.handler.Load()).ServeHTTP(w, r)
}
