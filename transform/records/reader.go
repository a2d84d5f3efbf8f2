package records

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"fondaco/schema"
)

// Reader reads the records of a file, one after the other, in memory that its length does not change. Not for concurrent use.
// Values and Raw of a record stay valid as long as somebody holds them, and hold some 64 KiB of the file around them: clone what is
// kept for long (schema.CloneWithin). What a *Bad holds is its own.
type Reader struct {
	f      *Format
	in     source
	at     Position
	room   room
	arena  schema.Arena
	spans  []span
	stands []stand
	sums   []sum
	parsed func() (Record, error) // reads the next record of this wire
	failed error                  // returned again and again
}

// Read returns a reader of a file from its beginning, or from a position that was kept: r is at that offset then. Whoever opened r
// closes it.
func (f *Format) Read(r io.Reader, from Position) *Reader {
	from.Columns, from.Place, from.Sums = slices.Clone(from.Columns), slices.Clone(from.Place), slices.Clone(from.Sums)
	read := &Reader{f: f, in: source{r: r}, at: from}
	switch {
	case f.csv != nil:
		read.parsed = read.csvRecord
	case f.json != nil:
		read.parsed = read.jsonRecord
	default:
		read.parsed = read.fixedRecord
	}
	if from.Offset > 0 && from.Layout != f.sum {
		read.failed = &Disagree{Reason: "the format " + f.name + " has other columns, kinds or figures than when the file was begun: give it " +
			"those that it had, or put the rest of the file as a new one"}
	}
	read.at.Layout = f.sum
	read.restore()
	return read
}

// Position returns the place after the record that Next returned last, bad or good. A reader that is made from it goes on with the
// record after.
func (r *Reader) Position() Position {
	p := r.at
	p.Columns = slices.Clone(p.Columns)
	r.place(&p)
	return p
}

// Next returns the next record. The error is io.EOF at the end of the file; a *Bad of one record that cannot be taken, after which
// Next goes on; a *Disagree if the file as a whole cannot be taken; and otherwise what the io.Reader returned. All but *Bad are
// returned again.
func (r *Reader) Next() (Record, error) {
	if r.failed != nil {
		return Record{}, r.failed
	}
	record, err := r.parsed()
	if err == nil {
		return record, nil
	}
	var bad *Bad
	if errors.As(err, &bad) {
		r.at.Bad++
		bad.Raw = bytes.Clone(bad.Raw) // bad ones are kept until a file is done, and what they lie in is larger
		return Record{}, err
	}
	if errors.Is(err, io.EOF) {
		if lacks := r.complete(); lacks != nil {
			err = lacks
		}
	}
	r.failed = err
	return Record{}, err
}

// advance takes n octets of the next record, which holds that many line ends.
func (r *Reader) advance(n int, lines int64) []byte {
	raw := r.in.take(n)
	r.at.Offset += int64(n)
	r.at.Line += lines
	return raw
}

// broken returns the error of the file itself, if there is one but its end.
func (r *Reader) broken() error {
	if r.in.err != nil && !errors.Is(r.in.err, io.EOF) {
		return r.in.err
	}
	return nil
}

// tooLong takes a line that is longer than the limit as a bad record.
func (r *Reader) tooLong() *Bad {
	bad := &Bad{Line: r.at.Line + 1, Offset: r.at.Offset, Number: r.at.Number + 1, Cut: true, Reason: "expected at most " + bytesOf(r.f.limit)}
	bad.Raw = r.in.take(min(r.f.limit, len(r.in.rest())))
	r.at.Offset += int64(len(bad.Raw)) + r.in.skipLine()
	r.at.Line++
	r.at.Number++
	return bad
}
