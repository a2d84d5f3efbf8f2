package s3

import (
	"context"
	"errors"
	"net/http"
	"path"
	"strings"
	"time"

	wire "github.com/minio/minio-go/v7"

	"fondaco/connectors/files/driver"
)

// List lists what is below a prefix up to the next slash. The store knows no folders: one that holds nothing is not there.
func (s *store) List(ctx context.Context, folder string, each func(driver.File) error) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	under := s.prefix
	if folder != "." {
		under += folder + "/"
	}
	for o := range s.api.ListObjectsIter(ctx, s.bucket, wire.ListObjectsOptions{Prefix: under}) {
		if o.Err != nil {
			return s.told(ctx, o.Err, false)
		}
		name := strings.TrimPrefix(o.Key, under)
		if name == "" { // some make an object for a folder
			continue
		}
		f := fileOf(name, o.Size, o.LastModified)
		if in, is := strings.CutSuffix(name, "/"); is {
			f = driver.File{Name: in, Folder: true}
		}
		if err := each(f); err != nil {
			return err
		}
	}
	return s.told(ctx, ctx.Err(), false) // the library ends a listing without a word when its caller has left
}

// fileOf returns what is known of an object. A listing has parts of seconds, and what is known of one object has none.
func fileOf(name string, size int64, modified time.Time) driver.File {
	return driver.File{Name: name, Size: size, Modified: modified.UTC().Truncate(time.Second), Regular: true}
}

// Stat returns what is known of a file.
func (s *store) Stat(ctx context.Context, p string) (driver.File, error) {
	key, err := s.key(p)
	if err != nil {
		return driver.File{}, err
	}
	if err := s.take(ctx); err != nil {
		return driver.File{}, err
	}
	defer s.give()
	o, err := s.head(ctx, key)
	if err != nil {
		return driver.File{}, err
	}
	return fileOf(path.Base(p), o.Size, o.LastModified), nil
}

// head returns what is known of an object. The answer to HEAD has no body, so that a missing bucket, a wrong key and a clock that differs
// look like a missing file or a lack of permission: what it is, is asked by GET.
func (s *store) head(ctx context.Context, key string) (wire.ObjectInfo, error) {
	o, err := s.api.StatObject(ctx, s.bucket, key, wire.StatObjectOptions{})
	var answer wire.ErrorResponse
	if err == nil || !errors.As(err, &answer) || answer.StatusCode == 0 || answer.StatusCode >= http.StatusInternalServerError {
		return o, s.told(ctx, err, false)
	}
	options := wire.GetObjectOptions{}
	_ = options.SetRange(0, 0)
	body, _, _, why := s.api.GetObject(ctx, s.bucket, key, options)
	if why == nil {
		_ = body.Close()
		return o, s.told(ctx, err, false)
	}
	if errors.As(why, &answer) && answer.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		why = err
	}
	return o, s.told(ctx, why, false)
}

// Append is not supported: objects are written whole.
func (s *store) Append(context.Context, string, []byte) error {
	return &driver.Error{Kind: driver.Unsupported, Err: errors.New("S3 does not append: write a file of its own")}
}

// Remove removes a file.
func (s *store) Remove(ctx context.Context, p string) error {
	key, err := s.key(p)
	if err != nil {
		return err
	}
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	if _, err := s.head(ctx, key); err != nil { // of nothing the store says that it was removed
		return err
	}
	return s.told(ctx, s.api.RemoveObject(ctx, s.bucket, key, wire.RemoveObjectOptions{}), true)
}

// absent reports an error unless there is nothing at a key. What else is wrong the store tells once more is asked.
func (s *store) absent(ctx context.Context, key string) error {
	_, err := s.api.StatObject(ctx, s.bucket, key, wire.StatObjectOptions{})
	if err == nil {
		return &driver.Error{Kind: driver.Exists}
	}
	if err = s.told(ctx, err, false); driver.IsKind(err, driver.Missing) {
		return nil
	}
	_, err = s.head(ctx, key)
	if err == nil {
		return &driver.Error{Kind: driver.Exists}
	}
	return err
}
