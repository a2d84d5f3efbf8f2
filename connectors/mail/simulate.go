package mail

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"fondaco/connectors"
)

// simulator is a small server of SMTP that answers from samples.
type simulator struct {
	answers atomic.Pointer[answers]
	down    atomic.Bool

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]func() // the function that ends what a connection waits for
	running  sync.WaitGroup
}

// answers are what a simulator answers.
type answers struct {
	connector  *connectors.Connector
	simulation connectors.Simulation
}

// simulated creates the simulator of a connector.
func simulated(c *connectors.Connector, s connectors.Simulation) (connectors.Simulator, error) {
	if _, ok := c.Wire.(*wire); !ok {
		return nil, errors.New("the connector says nothing under mail")
	}
	made := &simulator{conns: map[net.Conn]func(){}}
	made.answers.Store(&answers{c, s})
	return made, nil
}

// Start listens on TCP.
func (s *simulator) Start(at connectors.Place) (connectors.Place, error) {
	if at.Address == "" {
		at = connectors.Place{Network: "tcp", Address: "127.0.0.1:0"}
	}
	l, err := net.Listen(at.Network, at.Address)
	if err != nil {
		return at, err
	}
	at.Address, at.Scheme = l.Addr().String(), "smtp"
	s.mu.Lock()
	s.listener = l
	s.mu.Unlock()
	s.running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.take(l, conn)
		}
	})
	return at, nil
}

// take serves a connection, unless the simulator was stopped.
func (s *simulator) take(l net.Listener, conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != l {
		_ = conn.Close()
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.conns[conn] = cancel
	s.running.Go(func() {
		defer func() {
			cancel()
			_ = conn.Close()
			s.mu.Lock()
			delete(s.conns, conn)
			s.mu.Unlock()
		}()
		if !s.down.Load() {
			newDialogue(s, conn).run(ctx)
		}
	})
}

// Stop closes the listener and every connection.
func (s *simulator) Stop() {
	s.mu.Lock()
	if s.listener != nil {
		_ = s.listener.Close()
		s.listener = nil
	}
	for conn, cancel := range s.conns {
		cancel()
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Down makes calls break off.
func (s *simulator) Down(down bool) { s.down.Store(down) }

// Follow answers as next from here on.
func (s *simulator) Follow(next connectors.Simulator) bool {
	other, ok := next.(*simulator)
	if ok {
		s.answers.Store(other.answers.Load())
	}
	return ok
}
