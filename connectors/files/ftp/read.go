package ftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"sync/atomic"

	wire "github.com/jlaffaye/ftp"

	"fondaco/connectors/files/driver"
)

// reading is a file that is read, on a connection of its own.
type reading struct {
	ctx  context.Context //nolint:containedctx // it bounds reading, as Store says
	turn *turn
	from *wire.Response
	is   driver.File
	sure bool // the size is known
	stop func() bool

	at  int64
	err error

	busy, closed atomic.Bool // who serves a stream closes it from elsewhere when the caller goes
}

// Read opens a regular file.
func (s *store) Read(ctx context.Context, p string, from int64) (driver.Reader, error) {
	c, err := s.take(ctx)
	if err != nil {
		return nil, err
	}
	r := &reading{ctx: ctx, turn: &turn{conn: c, store: s}}
	r.stop = context.AfterFunc(ctx, c.kill)
	if err := r.open(r.turn.at(p), from); err != nil {
		if !r.stop() {
			c.kill()
		}
		err = r.turn.failed(ctx, err)
		s.give(c)
		return nil, err
	}
	return r, nil
}

func (r *reading) open(at string, from int64) error {
	size, err := r.turn.FileSize(at)
	switch {
	case err == nil:
		r.is, r.sure = driver.File{Name: path.Base(at), Size: size, Regular: true}, true
		if r.turn.IsGetTimeSupported() {
			if r.is.Modified, err = r.turn.GetTime(at); err != nil && codeOf(err) == 0 && isNet(err) {
				return err
			}
		}
	case codeOf(err) == codeNotThere || unsupported(err):
		if r.is, err = r.turn.look(at); err != nil {
			return err
		}
		if !r.is.Regular {
			return &driver.Error{Kind: driver.NoFile}
		}
		r.sure = r.turn.IsTimePreciseInList()
	default:
		return err
	}
	skip := int64(0)
	r.from, err = r.turn.RetrFrom(at, uint64(max(from, 0)))
	if from > 0 && unsupported(err) { // it cannot begin amid a file
		skip = from
		r.from, err = r.turn.Retr(at)
	}
	if err != nil {
		return r.turn.why(err, at)
	}
	if skip > 0 {
		if _, err := io.CopyN(io.Discard, r.from, skip); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	r.at = from
	return nil
}

var errClosed = errors.New("the file is closed")

// Read reads on.
func (r *reading) Read(b []byte) (int, error) {
	r.busy.Store(true)
	defer r.busy.Store(false)
	switch {
	case r.closed.Load():
		return 0, errClosed
	case r.err != nil:
		return 0, r.err
	case r.ctx.Err() != nil:
		return 0, driver.Broken(r.ctx, r.ctx.Err(), true)
	}
	n, err := r.from.Read(b)
	if r.at += int64(n); err == nil {
		return n, nil
	}
	if r.err = r.end(err); errors.Is(r.err, io.EOF) {
		r.err = io.EOF
	}
	return n, r.err
}

// end returns io.EOF of a file that came whole: the connection alone does not say so, for a server that breaks off closes it likewise. The
// server has to say that it sent all, and where the size is known, it has to be there.
func (r *reading) end(err error) error {
	cut := errors.Is(err, io.ErrUnexpectedEOF) // TLS was not ended: the answer counts, which comes by another connection
	if !cut && !errors.Is(err, io.EOF) {
		return r.turn.failed(r.ctx, err)
	}
	err = finished(r.from.Close())
	if cut && codeOf(err) == 0 && !isNet(err) {
		err = nil
	}
	if err != nil {
		return r.turn.failed(r.ctx, err)
	}
	if r.sure && r.at < r.is.Size {
		return &driver.Error{Kind: driver.Lost, Err: fmt.Errorf("the server says that it sent all, after %d of %d octets", r.at, r.is.Size)}
	}
	return io.EOF
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
	r.turn.store.running.Go(func() {
		if err := r.from.Close(); err != nil && codeOf(err) == 0 { // an answer, also that we broke off, leaves the connection good
			r.turn.kill()
		}
		r.turn.store.give(r.turn.conn)
	})
	return nil
}
