package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"
	"time"

	wire "github.com/minio/minio-go/v7"

	"fondaco/connectors/files/driver"
)

// reading is a file that is read.
type reading struct {
	store *store
	ctx   context.Context //nolint:containedctx // it bounds reading, as Store says
	end   context.CancelFunc
	from  io.ReadCloser
	is    driver.File
	at    int64
	once  sync.Once
}

// Read opens a file.
func (s *store) Read(ctx context.Context, p string, from int64) (driver.Reader, error) {
	if err := s.take(ctx); err != nil {
		return nil, err
	}
	key, err := s.key(p)
	if err != nil {
		s.give()
		return nil, err
	}
	r := &reading{store: s, at: from}
	r.ctx, r.end = context.WithCancel(ctx)
	if err = r.open(key, from); err != nil {
		r.end()
		s.give()
		return nil, s.told(ctx, err, false)
	}
	return r, nil
}

func (r *reading) open(key string, from int64) error {
	s := r.store
	options := wire.GetObjectOptions{}
	if from > 0 { // past the end there is no range that a store would answer
		o, err := s.head(r.ctx, key)
		if err != nil {
			return err
		}
		if from >= o.Size {
			r.is, r.from = fileOf(path.Base(key), o.Size, o.LastModified), io.NopCloser(noContent{})
			return nil
		}
		if err = options.SetRange(from, 0); err != nil {
			return err
		}
	}
	body, o, header, err := s.api.GetObject(r.ctx, s.bucket, key, options)
	if err != nil {
		return err
	}
	if from > 0 && !strings.HasPrefix(header.Get("Content-Range"), fmt.Sprintf("bytes %d-", from)) {
		_ = body.Close()
		return &driver.Error{Kind: driver.Unsupported, Err: errors.New("the store answers a part of a file with something else")}
	}
	r.from, r.is = body, fileOf(path.Base(key), from+o.Size, o.LastModified)
	return nil
}

type noContent struct{}

func (noContent) Read([]byte) (int, error) { return 0, io.EOF }

// Read reads on.
func (r *reading) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	r.at += int64(n)
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		err = r.store.told(r.ctx, err, false)
	case r.at < r.is.Size:
		err = &driver.Error{Kind: driver.Lost, Err: fmt.Errorf("the connection ended after %d of %d octets", r.at, r.is.Size)}
	}
	return n, err
}

// File is what was known of it at first.
func (r *reading) File() driver.File { return r.is }

// Close ends reading, also while it goes on.
func (r *reading) Close() error {
	r.once.Do(func() {
		r.end()
		_ = r.from.Close()
		r.store.give()
	})
	return nil
}

// silence is the error of a store that did not answer for a time. It is a deadline that has passed.
type silence time.Duration

// Error says how long was waited.
func (s silence) Error() string {
	return fmt.Sprintf("the store was silent for %s (idle_timeout)", time.Duration(s))
}

// Is reports that it is context.DeadlineExceeded.
func (s silence) Is(target error) bool { return target == context.DeadlineExceeded }
