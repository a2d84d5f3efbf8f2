package files

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// simulator answers operations from samples.
type simulator struct {
	connectors.Listener
	answers atomic.Pointer[answers]
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
	made := &simulator{}
	made.Scheme, made.Serve = simulatorScheme, made.serve
	made.answers.Store(&answers{c, s})
	return made, nil
}

// Follow answers as next from here on.
func (s *simulator) Follow(next connectors.Simulator) bool {
	other, ok := next.(*simulator)
	if ok {
		s.answers.Store(other.answers.Load())
	}
	return ok
}

// serve answers the one call of a connection.
func (s *simulator) serve(ctx context.Context, conn net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var a asking
	if readFrame(conn, &a) != nil || s.IsDown() {
		return
	}
	gone := make(chan struct{})
	go func() { // the caller sends nothing more: a read ends when it is gone
		defer close(gone)
		_, _ = conn.Read(make([]byte, 1))
		cancel()
	}()
	defer func() {
		_ = conn.Close()
		<-gone
	}()
	head, content := s.answers.Load().answer(ctx, a)
	if s.IsDown() || ctx.Err() != nil {
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
