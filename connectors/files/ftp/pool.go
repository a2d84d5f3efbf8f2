package ftp

import (
	"context"
	"slices"
	"time"

	"fondaco/connectors/files/driver"
)

// How long a connection that was given back is taken to be good without being asked, how long the answer to that may take, and how long a
// connection is kept that nobody uses.
const (
	fresh     = 2 * time.Second
	answering = 10 * time.Second
	unused    = 2 * time.Minute
)

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
		if !c.killed.Load() && (time.Since(c.used) < fresh || c.alive(ctx)) {
			return c, nil
		}
		s.drop(c)
	}
	c, err := s.connect(ctx)
	if err != nil {
		<-s.slots
		return nil, err
	}
	return c, nil
}

// alive asks the server for a sign of life.
func (c *conn) alive(ctx context.Context) bool {
	defer context.AfterFunc(ctx, c.kill)()
	late := time.AfterFunc(min(answering, c.idle), c.kill)
	defer late.Stop()
	return c.NoOp() == nil
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
	c.unused.Stop()
	return c
}

// drop ends a connection that nobody has.
func (s *store) drop(c *conn) {
	c.kill()
	s.mu.Lock()
	delete(s.all, c)
	s.mu.Unlock()
}

// give gives a connection back.
func (s *store) give(c *conn) {
	s.mu.Lock()
	over := s.closed || c.killed.Load()
	if !over {
		c.used = time.Now()
		s.free = append(s.free, c)
		c.unused = time.AfterFunc(unused, func() {
			s.mu.Lock()
			i := slices.Index(s.free, c)
			if i >= 0 {
				s.free = slices.Delete(s.free, i, i+1)
			}
			s.mu.Unlock()
			if i >= 0 {
				s.drop(c)
			}
		})
	}
	s.mu.Unlock()
	if over {
		s.drop(c)
	}
	<-s.slots
}

// turn is one call on a connection.
type turn struct {
	*conn
	store *store
	sent  bool // what is asked changes something, and what becomes of it is not known without an answer
}

// with does something on a connection, which ends with ctx.
func (s *store) with(ctx context.Context, do func(*turn) error) error {
	c, err := s.take(ctx)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, c.kill)
	t := &turn{conn: c, store: s}
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
