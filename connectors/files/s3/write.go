package s3

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // S3 compares what arrives by it (Content-MD5); it keeps no secret
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"time"

	wire "github.com/minio/minio-go/v7"

	"fondaco/connectors/files/driver"
)

// Bounds of what is sent at once: 10,000 parts are 156 GiB.
const (
	part      = 16 << 20
	mostParts = 10_000
)

const octetStream = "application/octet-stream"

// Write writes a file. What is larger than a part is sent in parts, which become a file at the end: before that nobody sees anything of it.
func (s *store) Write(ctx context.Context, p string, from io.Reader, replace bool) error {
	key, err := s.key(p)
	if err != nil {
		return err
	}
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	options := wire.PutObjectOptions{ContentType: octetStream}
	if !replace {
		if err := s.absent(ctx, key); err != nil {
			return err
		}
		options.SetMatchETagExcept("*") // which holds though another writer comes now
	}
	var b block
	whole, err := b.fill(from)
	if err != nil {
		return err
	}
	if !whole {
		return s.writeParts(ctx, key, &b, from, options)
	}
	_, err = s.api.PutObject(ctx, s.bucket, key, bytes.NewReader(b.octets), int64(len(b.octets)), b.sum(), "", options)
	return s.told(ctx, err, true)
}

// writeParts sends a file in parts, of which the first is read. They are taken back unless all of them become a file.
func (s *store) writeParts(ctx context.Context, key string, b *block, from io.Reader, options wire.PutObjectOptions) (err error) {
	upload, err := s.api.NewMultipartUpload(ctx, s.bucket, key, wire.PutObjectOptions{ContentType: octetStream})
	if err != nil {
		return s.told(ctx, err, false)
	}
	defer func() {
		if err != nil {
			s.takeBack(ctx, key, upload)
		}
	}()
	var parts []wire.CompletePart
	for whole := false; len(b.octets) > 0; {
		if len(parts) == mostParts {
			return &driver.Error{Kind: driver.Unsupported, Err: fmt.Errorf("a file of S3 has at most %d GiB here", mostParts*part>>30)}
		}
		done, err := s.api.PutObjectPart(ctx, s.bucket, key, upload, len(parts)+1, bytes.NewReader(b.octets), int64(len(b.octets)),
			wire.PutObjectPartOptions{Md5Base64: b.sum()})
		if err != nil {
			return s.told(ctx, err, false)
		}
		if parts = append(parts, wire.CompletePart{PartNumber: len(parts) + 1, ETag: done.ETag}); whole {
			break
		}
		if whole, err = b.fill(from); err != nil {
			return err
		}
	}
	_, err = s.api.CompleteMultipartUpload(ctx, s.bucket, key, upload, parts, options)
	return s.told(ctx, err, true)
}

// takeBack takes back the parts of a file that does not come to be, also where the caller has left.
func (s *store) takeBack(ctx context.Context, key, upload string) {
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), min(s.idle, time.Minute))
	defer end()
	_ = s.api.AbortMultipartUpload(ctx, s.bucket, key, upload) // what stays is for the bucket's lifecycle rules
}

// block is a part of a file that is sent.
type block struct{ octets []byte }

// fill reads the next part. whole says that it is the last one; it may be empty then. An error of from is returned as it is.
func (b *block) fill(from io.Reader) (whole bool, err error) {
	b.octets = b.octets[:0]
	for len(b.octets) < part {
		if len(b.octets) == cap(b.octets) {
			b.octets = slices.Grow(b.octets, b.more())
		}
		n, err := from.Read(b.octets[len(b.octets):min(cap(b.octets), part)])
		b.octets = b.octets[:len(b.octets)+n]
		switch {
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, err
		}
	}
	return false, nil
}

// more is how much room is made at once: little for small files, and the rest of a part for one that is no longer small.
func (b *block) more() int {
	if len(b.octets) >= 1<<20 {
		return part - len(b.octets)
	}
	return max(len(b.octets), 64<<10)
}

// sum is what the store compares a part with.
func (b *block) sum() string {
	sum := md5.Sum(b.octets) //nolint:gosec // as above
	return base64.StdEncoding.EncodeToString(sum[:])
}
