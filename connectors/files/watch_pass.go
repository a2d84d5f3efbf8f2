package files

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"fondaco/connectors/files/driver"
	"fondaco/transform/records"
)

// pass is the first reading of a file, over several polls if it is long: its sum, its counts and totals, its bad records.
type pass struct {
	file    driver.File
	from    driver.Reader
	hash    hash.Hash
	read    int64
	reader  *records.Reader // nil of a whole file
	records int64
	first   int64 // the octet at which the first record begins
	bad     []*records.Bad
	size    int64 // of what the bad ones hold
	refused error // why the whole file is, nil if it is not
	ended   bool  // of the records; octets may be left
}

// buffered is how much is read at once.
const buffered = 1 << 20

// mostBadSize is how much the bad records of a file may hold together.
const mostBadSize = 16 << 20

// begin opens a file for its first pass.
func (x *watching) begin(f driver.File) (*pass, error) {
	from, err := x.store.Read(x.life, x.from(f.Name), 0)
	if err != nil {
		return nil, err
	}
	p := &pass{file: f, from: from, hash: sha256.New(), first: -1}
	if x.watched.records != nil {
		p.reader = x.watched.records.Read(io.TeeReader(readerOf(from), &counted{p}), records.Position{})
	}
	return p, nil
}

// readerOf hides what a file can do besides reading.
func readerOf(r io.Reader) io.Reader { return struct{ io.Reader }{r} }

// counted sums what is read.
type counted struct{ *pass }

func (c *counted) Write(b []byte) (int, error) {
	c.read += int64(len(b))
	return c.hash.Write(b)
}

func (p *pass) close() { _ = p.from.Close() }

// run reads on until a moment. done says that the file's end was reached.
func (p *pass) run(ctx context.Context, x *watching, until time.Time) (done bool, err error) {
	for n := 0; p.reader != nil && !p.ended; n++ {
		if n%1000 == 999 && (x.now().After(until) || ctx.Err() != nil) {
			return false, ctx.Err()
		}
		if err := p.next(x.watched); err != nil {
			return false, err
		}
	}
	buffer := make([]byte, buffered)
	for {
		n, err := p.from.Read(buffer)
		_, _ = (&counted{p}).Write(buffer[:n])
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, driver.Of(err, false)
		case x.now().After(until) || ctx.Err() != nil:
			return false, ctx.Err()
		}
	}
}

// next takes a record.
func (p *pass) next(w *watched) error {
	r, err := p.reader.Next()
	var bad *records.Bad
	var whole *records.Disagree
	switch {
	case err == nil:
		p.records++
		if p.first < 0 {
			p.first = r.Offset
		}
	case errors.Is(err, io.EOF):
		p.ended = true
	case errors.As(err, &bad):
		p.records++
		if p.first < 0 {
			p.first = bad.Offset
		}
		p.size += int64(len(bad.Raw))
		p.bad = append(p.bad, bad)
		switch {
		case w.bad == badRefuse:
			p.refused, p.ended = bad, true
		case bad.Cut:
			p.refused, p.ended = fmt.Errorf("%w, and it is too long for a reject file", bad), true
		case len(p.bad) > w.mostBad:
			p.refused, p.ended = fmt.Errorf("more than %d records are bad (max_bad); the last is: %w", w.mostBad, bad), true
		case p.size > mostBadSize:
			p.refused, p.ended = fmt.Errorf("the bad records hold more than 16 MiB; the last is: %w", bad), true
		}
	case errors.As(err, &whole):
		p.refused, p.ended = whole, true
	default:
		return driver.Of(err, false)
	}
	return nil
}

// sum returns the SHA-256 of a file.
func (x *watching) sum(ctx context.Context, at string) (string, error) {
	r, err := x.store.Read(ctx, at, 0)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, readerOf(r), make([]byte, buffered)); err != nil {
		return "", driver.Of(err, false)
	}
	return sumOf(h), nil
}
