package records

import (
	"bytes"
	"io"
)

// blockSize is how much is read at once. Values point into the blocks, so that none is written to again once it was handed out.
const blockSize = 64 << 10

// source returns the octets of a file in pieces of any length, up to a limit.
type source struct {
	r     io.Reader
	block []byte // what was read and not yet taken is block[start:]
	start int
	err   error // why there is no more; io.EOF at the end
}

func (s *source) rest() []byte { return s.block[s.start:] }

// more reads on, and reports whether anything was read. What rest returned before stays valid, and is still the beginning of rest.
func (s *source) more() bool {
	if s.err != nil {
		return false
	}
	if len(s.block) == cap(s.block) {
		kept := s.rest()
		grown := make([]byte, len(kept), max(blockSize, 2*len(kept)))
		copy(grown, kept)
		s.block, s.start = grown, 0
	}
	for range 100 {
		n, err := s.r.Read(s.block[len(s.block):cap(s.block)])
		s.block = s.block[:len(s.block)+n]
		s.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	s.err = io.ErrNoProgress
	return false
}

// take returns the next n octets and moves past them.
func (s *source) take(n int) []byte {
	out := s.block[s.start : s.start+n : s.start+n]
	s.start += n
	return out
}

// line returns how long the next line is, with its line feed, looking for it from octet from on. ended is false if the line is
// longer than limit, or if the file ends without a line feed.
func (s *source) line(from, limit int) (n int, ended bool) {
	for {
		rest := s.rest()
		if i := bytes.IndexByte(rest[from:], '\n'); i >= 0 && from+i < limit {
			return from + i + 1, true
		}
		if from = len(rest); from >= limit {
			return limit, false
		}
		if !s.more() {
			return len(s.rest()), false
		}
	}
}

// skipLine passes over what is left of a line, and returns how many octets that were.
func (s *source) skipLine() (n int64) {
	for {
		rest := s.rest()
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			s.start += i + 1
			return n + int64(i) + 1
		}
		n += int64(len(rest))
		s.start = len(s.block)
		if !s.more() {
			return n
		}
	}
}
