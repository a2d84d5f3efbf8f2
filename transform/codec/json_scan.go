package codec

import "fmt"

// SyntaxError says that a document is not well formed. It holds no piece of it.
type SyntaxError struct {
	Offset int    // bytes from the beginning
	Reason string // "expected a comma or }"
}

// Error returns offset and reason.
func (e *SyntaxError) Error() string { return fmt.Sprintf("at byte %d: %s", e.Offset, e.Reason) }

// scanner walks over JSON text (RFC 8259), strictly. A failure is kept in err and every later step does nothing.
type scanner struct {
	data  []byte
	pos   int
	depth int
	max   int // depth at most
	err   *SyntaxError
}

func (s *scanner) fail(reason string) {
	if s.err == nil {
		s.err = &SyntaxError{Offset: s.pos, Reason: reason}
		s.pos = len(s.data)
	}
}

// peek returns the next byte that is no white space, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.data) {
		if c := s.data[s.pos]; c > ' ' {
			return c
		}
	}
	return s.peekOn()
}

func (s *scanner) peekOn() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// enter and leave count the depth of lists and records.
func (s *scanner) enter() bool {
	if s.depth++; s.depth > s.max {
		s.fail(fmt.Sprintf("nested deeper than %d", s.max))
		return false
	}
	s.pos++
	return true
}

func (s *scanner) leave() {
	s.depth--
	s.pos++
}

// maxNumber is how long a number may be written.
const maxNumber = 1000

// maxExponent is the largest that other programs can be expected to read.
const maxExponent = "308"

// number reads a number; whole reports whether it has neither point nor exponent. It returns nil if it is invalid.
func (s *scanner) number() (b []byte, whole bool) {
	start, data := s.pos, s.data
	i := start
	if data[i] == '-' {
		i++
	}
	first := i
	i = digitsFrom(data, i)
	whole = true
	if i < len(data) && (data[i] == '.' || data[i]|0x20 == 'e') {
		if i, whole = s.fraction(i), false; s.err != nil {
			return nil, false
		}
	}
	switch {
	case i == first || data[first] == '.' || data[first]|0x20 == 'e':
		s.fail("expected a digit")
		return nil, false
	case data[first] == '0' && i > first+1 && isDigit(data[first+1]):
		s.fail("a number with a leading zero")
		return nil, false
	case i-start > maxNumber:
		s.fail("a number that is too long")
		return nil, false
	}
	s.pos = i
	return data[start:i:i], whole
}

// fraction reads what follows a number's whole part from i on, and returns where it ends.
func (s *scanner) fraction(i int) int {
	data := s.data
	if data[i] == '.' {
		from := i + 1
		if i = digitsFrom(data, from); i == from {
			s.pos = i
			s.fail("expected a digit after the point")
			return i
		}
	}
	if i == len(data) || data[i]|0x20 != 'e' {
		return i
	}
	if i++; i < len(data) && (data[i] == '+' || data[i] == '-') {
		i++
	}
	from := i
	switch i = digitsFrom(data, from); {
	case i == from:
		s.pos = i
		s.fail("expected a digit in the exponent")
	case i-from > len(maxExponent) || i-from == len(maxExponent) && string(data[from:i]) > maxExponent:
		s.pos = from
		s.fail("an exponent beyond " + maxExponent)
	}
	return i
}

// digitsFrom returns where the digits that begin at i end.
func digitsFrom(data []byte, i int) int {
	for i < len(data) && isDigit(data[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return c-'0' < 10 }

// word reads true, false or null.
func (s *scanner) word(w string) bool {
	if len(s.data)-s.pos >= len(w) && string(s.data[s.pos:s.pos+len(w)]) == w {
		s.pos += len(w)
		return true
	}
	s.fail("expected a value")
	return false
}

// next steps over the comma or the end of a list or record that ends with end; more reports whether another item follows.
func (s *scanner) next(end byte) (more bool) {
	switch s.peek() {
	case ',':
		s.pos++
		if s.peek() == end {
			s.fail("a comma before the end")
			return false
		}
		return true
	case end:
		s.leave()
		return false
	}
	s.fail("expected a comma or " + string(end))
	return false
}

// skip steps over one value, whatever it is, checking its syntax.
func (s *scanner) skip() {
	switch c := s.peek(); c {
	case '{':
		if !s.enter() {
			return
		}
		if s.peek() == '}' {
			s.leave()
			return
		}
		for more := true; more && s.err == nil; more = s.next('}') {
			if s.peek() != '"' {
				s.fail("expected a name in quotes")
				return
			}
			s.pass()
			s.colon()
			s.skip()
		}
	case '[':
		if !s.enter() {
			return
		}
		if s.peek() == ']' {
			s.leave()
			return
		}
		for more := true; more && s.err == nil; more = s.next(']') {
			s.skip()
		}
	case '"':
		s.pass()
	case 't':
		s.word("true")
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	default:
		if c != '-' && (c < '0' || c > '9') {
			s.fail("expected a value")
			return
		}
		s.number()
	}
}

// named steps over a name and its colon if it is the one expected, written as it is; otherwise it stays.
func (s *scanner) named(name string) bool {
	if s.peek() != '"' {
		return false
	}
	end := s.pos + 1 + len(name)
	if end+1 >= len(s.data) || s.data[end] != '"' || s.data[end+1] != ':' || string(s.data[s.pos+1:end]) != name {
		return false
	}
	s.pos = end + 2
	return true
}

// name reads a name and its colon.
func (s *scanner) name() []byte {
	if s.peek() != '"' {
		s.fail("expected a name in quotes")
		return nil
	}
	b, _ := s.text()
	s.colon()
	return b
}

func (s *scanner) colon() {
	if s.peek() != ':' {
		s.fail("expected a colon")
		return
	}
	s.pos++
}
