package sftp

import (
	"context"
	"errors"
	"slices"
	"time"

	"fondaco/connectors/files/driver"
)

// fresh is how long a connection that was given back is taken to be good without being asked.
const fresh = 2 * time.Second

// take returns a connection for somebody alone: one that is free, or a new one.
func (s *store) take(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, driver.Broken(ctx, err, false)
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, driver.Broken(ctx, ctx.Err(), false)
	}
	for {
		c := s.popped()
		if c == nil {
			break
		}
		if !c.broken() && (time.Since(c.used) < fresh || c.alive(ctx)) {
			return c, nil
		}
		c.kill()
	}
	c, err := s.connect(ctx)
	if err != nil {
		<-s.slots
		return nil, err
	}
	return c, nil
}

// popped returns the free connection that was used last, nil for none.
func (s *store) popped() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.free)
	if n == 0 {
		return nil
	}
	c := s.free[n-1]
	s.free = s.free[:n-1]
	return c
}

// give gives a connection back.
func (s *store) give(c *conn) {
	s.mu.Lock()
	if c.used = time.Now(); s.closed || c.broken() {
		c.kill()
	} else {
		s.free = append(s.free, c)
	}
	s.mu.Unlock()
	<-s.slots
}

// unneeded takes a connection out of the free ones if nobody has used it for long, and reports whether it did.
func (s *store) unneeded(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.free, c)
	if i < 0 || time.Since(c.used) < unused {
		return false
	}
	s.free = slices.Delete(s.free, i, i+1)
	return true
}

// turn is one call on a connection.
type turn struct {
	*store
	*conn
	sent bool // what is asked changes something, and what becomes of it is not known without an answer
}

// with does something on a connection, which ends with ctx.
func (s *store) with(ctx context.Context, do func(*turn) error) error {
	c, err := s.take(ctx)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, c.kill)
	t := &turn{store: s, conn: c}
	err = do(t)
	if !stop() {
		c.kill()
	}
	if err != nil {
		err = t.failed(ctx, err)
	}
	s.give(c)
	return err
}

// failed returns the error of a call.
func (t *turn) failed(ctx context.Context, err error) error {
	var own *driver.Error
	if errors.As(err, &own) {
		return own
	}
	if ctx.Err() != nil {
		return &driver.Error{Kind: driver.Lost, Sent: t.sent, Err: ctx.Err()}
	}
	if ofConnection(err) { // which is told before the connection is over, if it ends at all
		t.kill()
		<-t.dead
	}
	switch cause := t.errorOf(err); {
	case t.silent.Load():
		return &driver.Error{Kind: driver.Silent, Sent: t.sent, Err: cause}
	case cause != nil:
		return &driver.Error{Kind: driver.Lost, Sent: t.sent, Err: cause}
	}
	e := told(err)
	e.Sent = t.sent && e.Kind == driver.Other
	return e
}

// later does something after a call, on a connection of its own and not for long.
func (s *store) later(do func(*turn) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.running.Go(func() {
		ctx, cancel := context.WithTimeout(s.life, s.o.Idle)
		defer cancel()
		_ = s.with(ctx, do)
	})
}
