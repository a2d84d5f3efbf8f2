package door

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// What comes next on a connection.
const (
	inHead    = iota
	inBody    // left octets of it
	inSize    // the size line of a chunk
	inData    // left octets of a chunk, with the line end after it
	inTrailer // lines, up to an empty one
	inEnd     // nothing: refused, or broken
)

const (
	firstBuffer = 4 << 10
	maxSizeLine = 128     // octets of a chunk's size line, extensions and all
	maxTrailer  = 8 << 10 // octets of all trailers
)

// conn is a connection of which only checked requests can be read.
type conn struct {
	net.Conn
	rules   *Rules
	trusted bool

	// Of the reading side; net/http never reads twice at a time.
	buf     []byte
	r, w    int // buf[r:w] came and has not been handed out
	ready   int // buf[r:ready] may be
	scanned int // of a head that is not whole: up to where its lines were seen, counted from r
	state   int
	left    int64
	trailer int
	err     error // of inEnd

	linger atomic.Bool // Close must let the client finish: it may be sending while it is answered

	// A deadline costs a timer, and net/http sets several for each request: one is handed on only when a read would wait.
	mu       sync.Mutex
	outer    time.Time // the reader's own deadline
	headTime time.Time // by when the head must be whole; zero when none has begun
	applied  time.Time // the deadline that the network knows
	waiting  bool      // a read is under way
	written  time.Time // the writer's deadline
}

// Read hands out what has been checked.
func (c *conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if c.r < c.ready {
			n := copy(p, c.buf[c.r:c.ready])
			c.r += n
			return n, nil
		}
		switch c.state {
		case inHead:
			if c.w > c.r && c.head() {
				continue
			}
		case inBody:
			if c.w == c.r && len(p) > firstBuffer/8 {
				return c.direct(p)
			}
			c.pass()
		case inEnd:
			return 0, c.err
		case inTrailer:
			c.trailers()
		default:
			c.chunks()
		}
		if c.r < c.ready || c.state == inEnd {
			continue
		}
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
}

// fill reads from the network. It blocks until there is something.
func (c *conn) fill() error {
	if c.buf == nil {
		c.buf = make([]byte, firstBuffer)
	}
	if c.r == c.w {
		c.r, c.w, c.ready = 0, 0, 0
	}
	if c.w == len(c.buf) {
		if c.r > 0 {
			c.w = copy(c.buf, c.buf[c.r:c.w])
		} else {
			c.buf = append(c.buf, make([]byte, len(c.buf))...)
		}
		c.r, c.ready = 0, 0
	}
	n, err := c.wait(c.buf[c.w:])
	c.w += n
	if n > 0 {
		return nil
	}
	if c.late(err) {
		c.refuse(errSlow)
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// direct reads a body past the buffer.
func (c *conn) direct(p []byte) (int, error) {
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.wait(p)
	if c.left -= int64(n); c.left == 0 {
		c.state = inHead
	}
	return n, err
}

// pass hands out of the buffer what belongs to a body of known length.
func (c *conn) pass() {
	n := min(c.left, int64(c.w-c.r))
	c.ready = c.r + int(n)
	if c.left -= n; c.left == 0 {
		c.state = inHead
	}
}

// head looks for a whole head in the buffer, checks it, and reports whether the state has changed.
func (c *conn) head() bool {
	raw := c.buf[c.r:c.w]
	end, r := headEnd(raw, &c.scanned, c.rules)
	switch {
	case r != nil:
		c.refuse(r)
		return true
	case end == 0:
		c.await()
		return false
	}
	c.arrived()
	h := head{rules: c.rules, trusted: c.trusted}
	kept, r := h.check(raw[:end])
	if r != nil {
		c.refuse(r)
		return true
	}
	if kept < end { // fields were left out: the head moves up to what follows it
		copy(raw[end-kept:end], raw[:kept])
		c.r += end - kept
		end = kept
	}
	c.ready = c.r + end
	switch {
	case h.length == chunked:
		c.state, c.trailer = inSize, 0
	case h.length > 0:
		c.state, c.left = inBody, h.length
	}
	return true
}

// headEnd returns the length of the head that raw begins with, 0 if it is not whole. scanned remembers the lines seen.
func headEnd(raw []byte, scanned *int, rules *Rules) (int, *Refusal) {
	at := *scanned
	for {
		i := bytes.IndexByte(raw[at:], '\n')
		if i < 0 {
			*scanned = at
			switch {
			case at == 0 && len(raw) > rules.MaxTarget+32:
				return 0, errLongTarget
			case len(raw) > rules.MaxHead:
				return 0, errLongHead
			}
			return 0, nil
		}
		if i == 0 || raw[at+i-1] != '\r' {
			return 0, errLineEnd
		}
		if i == 1 {
			*scanned = 0
			switch {
			case at == 0:
				return 0, errLine
			case at+2 > rules.MaxHead:
				return 0, errLongHead
			}
			return at + 2, nil
		}
		at += i + 1
	}
}

// refuse puts in the place of what came the request that stands for the refusal; after it nothing is read.
func (c *conn) refuse(r *Refusal) {
	c.arrived()
	c.buf = r.request()
	c.r, c.w, c.ready = 0, len(c.buf), len(c.buf)
	c.state, c.err = inEnd, io.EOF
}

// broken ends the connection in the midst of a body: whoever reads the body gets the refusal.
func (c *conn) broken(r *Refusal) { c.state, c.err = inEnd, r }

// await starts the clock of a head that has begun to arrive.
func (c *conn) await() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.headTime.IsZero() {
		c.headTime = time.Now().Add(c.rules.HeadTimeout)
	}
}

// arrived stops the clock.
func (c *conn) arrived() {
	if c.headTime.IsZero() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.headTime = time.Time{}
}

// wait reads from the network under the deadline that now holds.
func (c *conn) wait(p []byte) (int, error) {
	c.mu.Lock()
	c.waiting = true
	err := c.apply()
	c.mu.Unlock()
	n := 0
	if err == nil {
		n, err = c.Conn.Read(p)
	}
	c.mu.Lock()
	c.waiting = false
	c.mu.Unlock()
	return n, err
}

// apply hands the deadline on, if it is another than before. mu is held.
func (c *conn) apply() error {
	d := c.deadline()
	if d.Equal(c.applied) {
		return nil
	}
	c.applied = d
	return c.Conn.SetReadDeadline(d)
}

// late reports whether err says that the head's time is over, and not the reader's own.
func (c *conn) late(err error) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.headTime.IsZero() && c.deadline().Equal(c.headTime)
}

// deadline returns the nearer of the reader's deadline and the head's. mu is held.
func (c *conn) deadline() time.Time {
	if c.headTime.IsZero() || !c.outer.IsZero() && c.outer.Before(c.headTime) {
		return c.outer
	}
	return c.headTime
}

// SetReadDeadline sets the reader's deadline; a head that has begun keeps its own.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outer = t
	if !c.waiting {
		return nil
	}
	return c.apply()
}

// SetWriteDeadline sets the writer's deadline. One that is nearly the same as before stays as it is.
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if later := t.Sub(c.written); later >= 0 && !t.IsZero() && later < time.Until(t)/8 {
		return nil
	}
	c.written = t
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline sets both deadlines.
func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// CloseWrite says that no more will be sent.
func (c *conn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}

// Close closes. A client that has not been heard out may still be sending: what it sends is read for a moment, or its
// kernel would throw the answer away.
func (c *conn) Close() error {
	if c.linger.Load() {
		_ = c.CloseWrite()
		_ = c.Conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = io.CopyN(io.Discard, c.Conn, 256<<10)
	}
	return c.Conn.Close()
}
