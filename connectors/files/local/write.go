package local

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"

	"fondaco/connectors/files/driver"
)

// The permissions of new files and folders: the owner may do all, the group may read.
const (
	fileMode   = 0o640
	folderMode = 0o750
)

// buffer is how much is copied at once.
const buffer = 1 << 20

// Write writes a file whole or not at all.
func (s *store) Write(ctx context.Context, p string, from io.Reader, replace bool) error {
	var own error
	err := s.in(ctx, true, func(root *os.Root) error {
		if err := made(root, path.Dir(p)); err != nil {
			return err
		}
		if _, err := root.Lstat(p); err == nil && !replace {
			return fs.ErrExist
		}
		temporary := driver.Temporary(p)
		f, err := root.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
		if err != nil {
			return err
		}
		defer func() { _ = root.Remove(temporary) }() // which is gone if all went well
		source := &watched{ctx: ctx, from: from}
		_, err = io.CopyBuffer(onlyWriter{f}, source, make([]byte, buffer))
		if err == nil {
			err = f.Sync()
		}
		if e := f.Close(); err == nil {
			err = e
		}
		if own = source.err; own != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return driver.Broken(ctx, ctx.Err(), false) // the file has not its name yet
		}
		return renamed(root, temporary, p, replace)
	})
	if own != nil {
		return own
	}
	return err
}

// onlyWriter hides the other methods of a file, so that the buffer is used.
type onlyWriter struct{ io.Writer }

// watched keeps the error of what is read, and ends with ctx.
type watched struct {
	ctx  context.Context //nolint:containedctx // it lives as long as one copy
	from io.Reader
	err  error
}

func (w *watched) Read(b []byte) (int, error) {
	if w.ctx.Err() != nil {
		w.err = driver.Broken(w.ctx, w.ctx.Err(), false)
		return 0, w.err
	}
	n, err := w.from.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// made creates the missing folders.
func made(root *os.Root, folder string) error {
	if folder == "." {
		return nil
	}
	return root.MkdirAll(folder, folderMode)
}

// renamed changes the name of a file.
func renamed(root *os.Root, from, to string, replace bool) error {
	if replace {
		if err := root.Rename(from, to); err != nil {
			return err
		}
	} else if err := linked(root, from, to); err != nil {
		return err
	}
	if path.Dir(from) != path.Dir(to) {
		if err := synced(root, path.Dir(from)); err != nil {
			return err
		}
	}
	return synced(root, path.Dir(to))
}

// linked changes the name of a file to one that must be free: by a link, which two cannot create at once. Where there are no links, the
// name is looked up first, and two at once may then replace one another.
func linked(root *os.Root, from, to string) error {
	err := root.Link(from, to)
	switch {
	case err == nil:
		return root.Remove(from)
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOSYS), errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.EMLINK):
	default:
		return err
	}
	if _, err := root.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return root.Rename(from, to)
}

// Append writes octets to the end of a file.
func (s *store) Append(ctx context.Context, p string, octets []byte) error {
	return s.in(ctx, true, func(root *os.Root) error {
		if err := made(root, path.Dir(p)); err != nil {
			return err
		}
		f, err := root.OpenFile(p, os.O_CREATE|os.O_APPEND|os.O_WRONLY|syscall.O_NONBLOCK, fileMode)
		if err != nil {
			return err
		}
		info, err := f.Stat()
		if err == nil && !info.Mode().IsRegular() {
			err = &driver.Error{Kind: driver.NoFile}
		}
		if err == nil {
			_, err = io.Copy(f, bytes.NewReader(octets))
		}
		if err == nil {
			err = f.Sync()
		}
		if e := f.Close(); err == nil {
			err = e
		}
		return err
	})
}

// Move changes the path of a file.
func (s *store) Move(ctx context.Context, from, to string, replace bool) error {
	return s.in(ctx, true, func(root *os.Root) error {
		info, err := root.Lstat(from)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return &driver.Error{Kind: driver.NoFile}
		}
		if err := made(root, path.Dir(to)); err != nil {
			return err
		}
		return renamed(root, from, to, replace)
	})
}
