package sftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"syscall"

	wire "github.com/pkg/sftp"

	"fondaco/connectors/files/driver"
)

// buffer is how much is read or written at once: the library makes it as many requests, which are under way together.
const buffer = 1 << 20

// packet is how much one request holds.
const packet = 32 << 10

// Write writes a file whole or not at all.
func (s *store) Write(ctx context.Context, p string, from io.Reader, replace bool) error {
	var own error
	err := s.with(ctx, func(t *turn) error {
		at, err := t.at(p, false, true)
		if err != nil {
			return err
		}
		if !replace {
			switch there, err := t.look(at.path); {
			case err != nil:
				return err
			case there != nil:
				return &driver.Error{Kind: driver.Exists}
			}
		}
		temporary := driver.Temporary(at.path)
		err = t.fill(ctx, temporary, &source{from: from, err: &own})
		if err == nil {
			err = t.rename(temporary, at.path, replace)
		}
		if err != nil {
			t.discard(temporary) //nolint:contextcheck // also where the caller has gone
		}
		return err
	})
	if own != nil {
		return own
	}
	return err
}

// source keeps the error of what is read.
type source struct {
	from io.Reader
	err  *error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.from.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		*s.err = err
	}
	return n, err
}

// fill writes a new file, which is on the disk then as far as the server can say.
func (t *turn) fill(ctx context.Context, at string, from io.Reader) error {
	f, err := t.create(at, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_EXCL)
	if err != nil {
		return err
	}
	chunk := make([]byte, buffer)
	written := int64(0)
	for ended := false; !ended && err == nil; {
		var n int
		n, err = io.ReadFull(from, chunk)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			ended, err = true, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && n > 0 {
			written += int64(n)
			err = t.ask(func() error {
				_, err := f.Write(chunk[:n])
				return t.why(err, path.Dir(at))
			})
		}
	}
	if err = t.settled(f, at, err); err != nil {
		return err
	}
	is, err := t.look(at)
	if err == nil && (is == nil || is.Size() != written) {
		return &driver.Error{Kind: driver.Other, Err: fmt.Errorf("the server did not keep the %d octets that it took", written)}
	}
	return err
}

// create opens a file to write.
func (t *turn) create(at string, flags int) (f *wire.File, err error) {
	err = t.ask(func() error {
		f, err = t.files.OpenFile(at, flags)
		return t.why(err, path.Dir(at))
	})
	return f, err
}

// settled closes a file that was written, and puts it on the disk if all went well.
func (t *turn) settled(f *wire.File, at string, err error) error {
	return t.ask(func() error {
		if _, can := t.files.HasExtension("fsync@openssh.com"); can && err == nil {
			err = f.Sync()
		}
		if wrong := f.Close(); err == nil {
			err = wrong
		}
		return t.why(err, path.Dir(at))
	})
}

// discard removes a temporary file, by another connection if this one is over.
func (t *turn) discard(temporary string) {
	remove := func(t *turn) error {
		return t.ask(func() error { return t.files.Remove(temporary) })
	}
	if err := remove(t); err != nil && !answered(err) {
		t.later(remove)
	}
}

// Append writes octets to the end of a file.
func (s *store) Append(ctx context.Context, p string, octets []byte) error {
	return s.with(ctx, func(t *turn) error {
		at, err := t.at(p, true, true)
		if err != nil {
			return err
		}
		if at.is != nil && !at.is.Mode().IsRegular() {
			return &driver.Error{Kind: driver.NoFile}
		}
		f, err := t.create(at.path, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_APPEND)
		if err != nil {
			return err
		}
		err = t.ask(func() error { // a server that does not know how to append writes where it is told
			is, err := f.Stat()
			if err == nil {
				_, err = f.Seek(is.Size(), io.SeekStart)
			}
			return err
		})
		for len(octets) > 0 && err == nil { // one after the other: at the end of a file the order is that of arrival
			n := min(packet, len(octets))
			t.sent = true
			err = t.ask(func() error {
				_, err := f.Write(octets[:n])
				return t.why(err, path.Dir(at.path))
			})
			octets = octets[n:]
		}
		return t.settled(f, at.path, err)
	})
}
