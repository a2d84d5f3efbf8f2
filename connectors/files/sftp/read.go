package sftp

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	wire "github.com/pkg/sftp"

	"fondaco/connectors/files/driver"
)

// reading is a file that is read, on a connection of its own.
type reading struct {
	ctx  context.Context //nolint:containedctx // it bounds reading, as Store says
	turn *turn
	file *wire.File
	is   driver.File
	stop func() bool

	at    int64  // of what is read next from the server
	chunk []byte // what is read at once; nil before the first
	left  []byte // of it
	step  int
	err   error

	busy, closed atomic.Bool // who serves a stream closes it from elsewhere when the caller goes
}

// Read opens a regular file.
func (s *store) Read(ctx context.Context, p string, from int64) (driver.Reader, error) {
	c, err := s.take(ctx)
	if err != nil {
		return nil, err
	}
	r := &reading{ctx: ctx, turn: &turn{store: s, conn: c}, at: from, step: buffer}
	r.stop = context.AfterFunc(ctx, c.kill)
	if err := r.open(p); err != nil {
		if !r.stop() {
			c.kill()
		}
		err = r.turn.failed(ctx, err)
		s.give(c)
		return nil, err
	}
	return r, nil
}

func (r *reading) open(p string) error {
	at, err := r.turn.at(p, true, false)
	switch {
	case err != nil:
		return err
	case at.is == nil:
		return &driver.Error{Kind: driver.Missing}
	case !at.is.Mode().IsRegular(): // a server that opens a pipe waits for whoever writes it
		return &driver.Error{Kind: driver.NoFile}
	}
	return r.turn.ask(func() error {
		if r.file, err = r.turn.files.Open(at.path); err != nil {
			return err
		}
		is, err := r.file.Stat()
		if err == nil && !is.Mode().IsRegular() {
			err = &driver.Error{Kind: driver.NoFile}
		}
		if err != nil {
			_ = r.file.Close()
			return err
		}
		r.is = fileOf(is)
		return nil
	})
}

var errClosed = errors.New("the file is closed")

// Read reads on.
func (r *reading) Read(b []byte) (int, error) {
	r.busy.Store(true)
	defer r.busy.Store(false)
	if r.closed.Load() {
		return 0, errClosed
	}
	if err := r.ctx.Err(); err != nil {
		return 0, driver.Broken(r.ctx, err, true)
	}
	if len(r.left) == 0 && r.err == nil && len(b) > 0 {
		r.fetch()
	}
	if len(r.left) == 0 {
		return 0, r.err
	}
	n := copy(b, r.left)
	r.left = r.left[n:]
	return n, nil
}

// fetch reads the next chunk. The library takes an answer that is shorter than what was asked for the end of the file; there are servers
// that give less than that at once, so the end is where nothing comes, and such a server is asked for less.
func (r *reading) fetch() {
	if r.chunk == nil {
		r.chunk = make([]byte, max(min(buffer, r.is.Size-r.at+1), packet))
	}
	var n int
	err := r.turn.ask(func() (err error) {
		n, err = r.file.ReadAt(r.chunk[:min(r.step, len(r.chunk))], r.at)
		return err
	})
	r.at += int64(n)
	r.left = r.chunk[:n]
	switch end := err == io.EOF; { //nolint:errorlint // the library returns it as it is, and wraps that of a connection
	case end && n > 0:
		if r.at < r.is.Size {
			r.step = packet
		}
	case end && !r.turn.broken():
		r.err = io.EOF
	case err != nil:
		r.err = r.turn.failed(r.ctx, err)
	}
}

// File is what was known of it at first.
func (r *reading) File() driver.File { return r.is }

// Close ends reading, also while it goes on. The server is informed afterwards.
func (r *reading) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	if !r.stop() || r.busy.Load() {
		r.turn.kill()
	}
	r.turn.running.Go(func() {
		_ = r.turn.ask(r.file.Close)
		r.turn.give(r.turn.conn)
	})
	return nil
}
