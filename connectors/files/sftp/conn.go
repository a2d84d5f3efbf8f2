package sftp

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	wire "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// conn is a connection to a server. The library's calls know no context and no deadline: what ends one ends the connection.
type conn struct {
	link  net.Conn
	ssh   *ssh.Client
	files *wire.Client
	idle  time.Duration
	dead  chan struct{} // closed once it is broken
	used  time.Time     // when it was given back

	killed atomic.Bool // it is ended by us
	silent atomic.Bool // it was ended as the server did not answer
	flood  atomic.Bool // and as it answered too much

	mu    sync.Mutex
	asked int         // how many are asking
	watch *time.Timer // nil while nothing is asked
	most  int64       // octets that an answer may still have; below zero for any number
}

// kill ends the connection at once.
func (c *conn) kill() {
	c.killed.Store(true)
	_ = c.link.Close()
}

// broken reports whether the connection is over.
func (c *conn) broken() bool {
	select {
	case <-c.dead:
		return true
	default:
		return c.killed.Load()
	}
}

// ask does something that asks the server, which may be silent for as long as the connection says: then the connection ends.
func (c *conn) ask(do func() error) error { return c.askFor(-1, do) }

// askFor is ask of answers that have no more than some octets.
func (c *conn) askFor(most int64, do func() error) error {
	c.mu.Lock()
	c.most = most
	if c.asked++; c.watch == nil {
		c.watch = time.AfterFunc(c.idle, func() {
			c.silent.Store(true)
			c.kill()
		})
	}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		if c.asked--; c.asked == 0 {
			c.watch.Stop()
			c.watch = nil
		}
		c.mu.Unlock()
	}()
	return do()
}

// active is what comes of SFTP. Whatever comes shows that the server is not silent.
type active struct {
	from io.Reader
	of   *conn
}

func (a *active) Read(b []byte) (int, error) {
	n, err := a.from.Read(b)
	c := a.of
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watch == nil || n == 0 {
		return n, err
	}
	if c.watch.Stop() {
		c.watch.Reset(c.idle)
	}
	if c.most >= 0 {
		if c.most -= int64(n); c.most < 0 {
			c.flood.Store(true)
			c.kill()
		}
	}
	return n, err
}

// How often a connection is looked after, how long an answer to that may take, and how long a connection is kept that nobody uses.
const (
	tended    = 15 * time.Second
	answering = 10 * time.Second
	unused    = 5 * time.Minute
)

// alive asks the server for a sign of life.
func (c *conn) alive(ctx context.Context) bool {
	defer context.AfterFunc(ctx, c.kill)()
	late := time.AfterFunc(min(answering, c.idle), c.kill)
	defer late.Stop()
	_, _, err := c.ssh.SendRequest("keepalive@openssh.com", true, nil)
	return err == nil
}

// tend looks after a new connection until it is over.
func (s *store) tend(c *conn) {
	s.mu.Lock()
	s.all[c] = true
	if s.closed {
		c.kill()
	}
	s.mu.Unlock()
	s.running.Go(func() {
		_ = c.ssh.Wait()
		close(c.dead)
		_ = c.link.Close()
		_ = c.files.Close()
		s.mu.Lock()
		delete(s.all, c)
		s.mu.Unlock()
	})
	s.running.Go(func() { // a server may end SFTP, and keep the connection
		_ = c.files.Wait()
		c.kill()
	})
	s.running.Go(func() {
		tick := time.NewTicker(tended)
		defer tick.Stop()
		for {
			select {
			case <-c.dead:
				return
			case <-tick.C:
			}
			if s.unneeded(c) || !c.alive(s.life) {
				c.kill()
				return
			}
		}
	})
}

// errorOf returns why what was asked was not answered, nil if the connection is not the reason.
func (c *conn) errorOf(err error) error {
	switch {
	case c.silent.Load():
		return silence(c.idle)
	case c.flood.Load():
		return errFlood
	case c.broken():
		return err
	}
	return nil
}

// silence is the error of a server that did not answer for a time. It is a deadline that has passed.
type silence time.Duration

// Error says how long was waited.
func (s silence) Error() string {
	return fmt.Sprintf("the server was silent for %s (idle_timeout)", time.Duration(s))
}

// Is reports that it is context.DeadlineExceeded.
func (s silence) Is(target error) bool { return target == context.DeadlineExceeded }
