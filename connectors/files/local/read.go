package local

import (
	"context"
	"os"
	"syscall"

	"fondaco/connectors/files/driver"
)

// reading is a file that is read.
type reading struct {
	ctx  context.Context //nolint:containedctx // it bounds reading, as Store says
	file *os.File
	is   driver.File
}

// Read opens a regular file.
func (s *store) Read(ctx context.Context, p string, from int64) (driver.Reader, error) {
	var r *reading
	err := s.in(ctx, false, func(root *os.Root) error {
		f, err := root.OpenFile(p, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe without a writer would be waited for
		if err != nil {
			return err
		}
		info, err := f.Stat()
		if err == nil && !info.Mode().IsRegular() {
			err = &driver.Error{Kind: driver.NoFile}
		}
		if err == nil && from > 0 {
			_, err = f.Seek(from, 0)
		}
		if err != nil {
			_ = f.Close()
			return err
		}
		r = &reading{ctx, f, fileOf(info)}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Read reads on.
func (r *reading) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.file.Read(b)
}

// File is what was known of it at first.
func (r *reading) File() driver.File { return r.is }

// Close ends reading.
func (r *reading) Close() error { return r.file.Close() }
