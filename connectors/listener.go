package connectors

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
)

// Listener is how a simulator that speaks a wire of its own listens: on TCP, with a function for each connection. It is ready with Scheme
// and Serve, and is three of the methods of a Simulator. Safe for concurrent use.
type Listener struct {
	Scheme string // of the places at which it listens
	// Serve speaks with one client until its context ends, which Stop does; the connection is closed then, and after it.
	Serve func(ctx context.Context, conn net.Conn)

	down     atomic.Bool
	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]func() // the function that ends the context of each
	running  sync.WaitGroup
}

// Start listens at a place, and returns it; the zero Place stands for any that is free on this machine.
func (l *Listener) Start(at Place) (Place, error) {
	if at.Address == "" {
		at = Place{Network: "tcp", Address: "127.0.0.1:0"}
	}
	on, err := net.Listen(at.Network, at.Address)
	if err != nil {
		return at, err
	}
	at.Address, at.Scheme = on.Addr().String(), l.Scheme
	l.mu.Lock()
	l.listener, l.conns = on, map[net.Conn]func(){}
	l.mu.Unlock()
	l.running.Go(func() {
		for {
			conn, err := on.Accept()
			if err != nil {
				return
			}
			l.take(on, conn)
		}
	})
	return at, nil
}

// take serves a connection, unless the listener was stopped.
func (l *Listener) take(on net.Listener, conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listener != on {
		_ = conn.Close()
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.conns[conn] = cancel
	l.running.Go(func() {
		defer func() {
			cancel()
			_ = conn.Close()
			l.mu.Lock()
			delete(l.conns, conn)
			l.mu.Unlock()
		}()
		l.Serve(ctx, conn)
	})
}

// Stop closes the listener and every connection, and waits until nothing runs any more. It may be started again.
func (l *Listener) Stop() {
	l.mu.Lock()
	if l.listener != nil {
		_ = l.listener.Close()
		l.listener = nil
	}
	for conn, cancel := range l.conns {
		cancel()
		_ = conn.Close()
	}
	l.mu.Unlock()
	l.running.Wait()
}

// Down has IsDown report that calls break off, until it is told otherwise.
func (l *Listener) Down(down bool) { l.down.Store(down) }

// IsDown reports whether calls are to break off.
func (l *Listener) IsDown() bool { return l.down.Load() }
