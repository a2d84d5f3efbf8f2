package files

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// simulator answers operations from samples.
type simulator struct {
	answers atomic.Pointer[answers]
	down    atomic.Bool

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]func() // the function that ends the call of each
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
		return nil, errors.New("the connector says nothing under files")
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
	at.Address, at.Scheme = l.Addr().String(), "files"
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

// take answers a connection, unless the simulator was stopped.
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
		s.serve(ctx, cancel, conn)
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

// serve answers the one call of a connection.
func (s *simulator) serve(ctx context.Context, cancel func(), conn net.Conn) {
	var a asking
	if readFrame(conn, &a) != nil || s.down.Load() {
		return
	}
	gone := make(chan struct{})
	s.running.Go(func() { // the caller sends nothing more: a read ends when it is gone
		defer close(gone)
		_, _ = conn.Read(make([]byte, 1))
		cancel()
	})
	head, content := s.answers.Load().answer(ctx, a)
	if s.down.Load() || ctx.Err() != nil {
		return
	}
	if writeFrame(conn, head) == nil && head.Fault == "" {
		_, _ = conn.Write(content)
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	<-gone
}

// failed is the reply of a call that fails.
func failed(kind driver.Kind, text string) reply { return reply{Fault: kind.String(), Text: text} }

// answer answers a request.
func (a *answers) answer(ctx context.Context, asked asking) (head reply, content []byte) {
	operation := a.connector.Operation(asked.Operation)
	if w := a.connector.Watch(asked.Operation); operation == nil && w != nil {
		return a.told(ctx, w)
	}
	if operation == nil {
		return failed(driver.Other, "this is no operation of the simulated connector"), nil
	}
	p, _ := operation.Wire.(*op)
	in, err := codec.CompileJSON(operation.Wired(), codec.JSONOptions{}).Decode(asked.Input)
	if err != nil || p == nil {
		return failed(driver.Other, "the input is none of the simulated operation"), nil
	}
	sample := a.simulation.Find(asked.Operation, in)
	if sample == nil {
		return failed(driver.Other, "no sample of "+asked.Operation+" fits this input"), nil
	}
	if !waited(ctx, sample.Delay) {
		return reply{}, nil
	}
	switch {
	case sample.Fault != nil:
		return failed(kindOf(sample.Fault.Code), sample.Fault.Text), nil
	case sample.Raw != "":
		return reply{}, []byte(sample.Raw)
	case sample.Status >= 300:
		return failed(driver.Other, "a sample of files has answer, raw or fault, and no status"), nil
	}
	return p.played(sample.Answer)
}

// played returns the content of the file of an answer, or the answer as JSON.
func (p *op) played(v schema.Value) (reply, []byte) {
	if p.kind == doRead {
		switch {
		case v.IsNil():
			return failed(driver.Missing, ""), nil
		case p.content == contentBytes:
			return reply{}, schema.Octets(v)
		case p.content == contentText:
			return reply{}, []byte(v.Str())
		}
	}
	return reply{}, codec.AppendJSON(nil, v)
}

// waited waits, and reports whether the call may go on.
func waited(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
