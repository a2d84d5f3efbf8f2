package s3

import (
	"context"
	"errors"
	"fmt"

	wire "github.com/minio/minio-go/v7"

	"fondaco/connectors/files/driver"
)

// mostCopy is how large an object may be that one request copies.
const mostCopy = 5 << 30

// Move copies a file and removes it: between the two both are there, and of a call that fails it may stay so. A file that is replaced
// meanwhile stays where it is.
func (s *store) Move(ctx context.Context, from, to string, replace bool) error {
	source, err := s.key(from)
	if err != nil {
		return err
	}
	target, err := s.key(to)
	if err != nil {
		return err
	}
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	o, err := s.head(ctx, source)
	if err == nil && !replace {
		err = s.absent(ctx, target)
	}
	if err != nil || source == target {
		return err
	}
	if err := s.copied(ctx, source, target, o); err != nil {
		return err
	}
	now, err := s.head(ctx, source)
	switch {
	case driver.IsKind(err, driver.Missing), err == nil && now.ETag != o.ETag:
		return nil // another took it, or it is another file, which is not ours to remove
	case err == nil:
		err = s.told(ctx, s.api.RemoveObject(ctx, s.bucket, source, wire.RemoveObjectOptions{}), true)
	}
	var e *driver.Error
	if errors.As(err, &e) {
		e.Sent, e.Err = true, fmt.Errorf("the copy is there, and so is the old file: %w", e.Err)
	}
	return err
}

// copied copies an object as it was seen.
func (s *store) copied(ctx context.Context, from, to string, o wire.ObjectInfo) error {
	source := wire.CopySrcOptions{Bucket: s.bucket, Object: from, MatchETag: o.ETag}
	target := wire.CopyDestOptions{Bucket: s.bucket, Object: to}
	var err error
	if o.Size > mostCopy {
		_, err = s.api.ComposeObject(ctx, target, source)
	} else {
		_, err = s.api.Client.CopyObject(ctx, target, source)
	}
	if err = s.told(ctx, err, true); driver.IsKind(err, driver.Exists) { // which is the answer to MatchETag here
		return &driver.Error{Kind: driver.Other, Err: errors.New("the file was replaced as it was moved")}
	}
	return err
}
