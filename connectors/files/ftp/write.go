package ftp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"fondaco/connectors/files/driver"
)

// source counts what is read, keeps its error, and ends with ctx. It hides what else a file can do.
type source struct {
	ctx  context.Context //nolint:containedctx // it lives as long as one copy
	from io.Reader
	read int64
	err  error
}

func (s *source) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.from.Read(b)
	s.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// Write writes a file whole or not at all.
func (s *store) Write(ctx context.Context, p string, from io.Reader, replace bool) error {
	source := &source{ctx: ctx, from: from}
	err := s.with(ctx, func(t *turn) error {
		at := t.at(p)
		if err := t.made(path.Dir(at)); err != nil {
			return err
		}
		if !replace {
			if err := t.absent(at); err != nil {
				return err
			}
		}
		temporary := driver.Temporary(at)
		err := t.fill(temporary, source)
		if err == nil {
			err = t.rename(temporary, at, replace, true)
		}
		if err == nil {
			return nil
		}
		if source.err != nil { // which is no fault of the connection
			err = nil
		} else {
			err = t.failed(ctx, err)
		}
		t.discard(temporary) //nolint:contextcheck // also where the caller has gone
		return err
	})
	if source.err != nil {
		return source.err
	}
	return err
}

// fill writes a new file. A server cannot be asked to put it on the disk; it is asked how large it is.
func (t *turn) fill(at string, from *source) error {
	if err := finished(t.Stor(at, from)); err != nil {
		return err
	}
	if err := errors.Join(from.err, from.ctx.Err()); err != nil {
		return err
	}
	switch size, err := t.FileSize(at); {
	case unsupported(err):
		return nil
	case err != nil:
		return err
	case size != from.read:
		return &driver.Error{Kind: driver.Other, Err: fmt.Errorf("the server kept %d of the %d octets that it took", size, from.read)}
	}
	return nil
}

// discard removes a temporary file, by another connection if this one is over.
func (t *turn) discard(temporary string) {
	if !t.killed.Load() {
		if err := t.Delete(temporary); err == nil || codeOf(err) > 0 {
			return
		}
		t.kill()
	}
	t.store.later(func(t *turn) error { return t.Delete(temporary) })
}

// Append writes octets to the end of a file.
func (s *store) Append(ctx context.Context, p string, octets []byte) error {
	return s.with(ctx, func(t *turn) error {
		at := t.at(p)
		if err := t.made(path.Dir(at)); err != nil {
			return err
		}
		f, err := t.look(at)
		there := err == nil
		switch {
		case there && !f.Regular:
			return &driver.Error{Kind: driver.NoFile}
		case err != nil && !driver.IsKind(err, driver.Missing):
			return err
		case there && len(octets) == 0:
			return nil
		}
		from := &source{ctx: ctx, from: bytes.NewReader(octets)}
		do := t.ServerConn.Append
		if len(octets) == 0 { // the library does not begin TLS for nothing
			do = t.Stor
		}
		t.sent = true
		err = finished(do(at, from))
		if err != nil && codeOf(err) > 0 && from.read == 0 {
			t.sent = false // it was refused before
		}
		return err
	})
}
