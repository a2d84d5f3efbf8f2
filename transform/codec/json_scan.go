package codec

import (
	"fmt"
	"unicode/utf8"
)

// SyntaxError says that a document is not well formed. It holds no piece of it.
type SyntaxError struct {
	Offset int    // bytes from the beginning
	Reason string // "expected a comma or }"
}

// Error tells offset and reason.
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

// peek gives the next byte that is no white space, 0 at the end.
func (s *scanner) peek() byte {
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

// text reads a string, whose opening quote is next. Without escapes the result is the document's own bytes; plain tells so.
func (s *scanner) text() (b []byte, plain bool) {
	s.pos++
	start := s.pos
	data := s.data
	for i := start; i < len(data); i++ {
		c := data[i]
		if plainByte[c] {
			continue
		}
		switch {
		case c == '"':
			s.pos = i + 1
			return data[start:i:i], true
		case c == '\\':
			s.pos = i
			return s.escaped(start), false
		case c < 0x20:
			s.pos = i
			s.fail("a control character in a string")
			return nil, true
		default:
			n := runeLen(data[i:])
			if n == 0 {
				s.pos = i
				s.fail("not UTF-8")
				return nil, true
			}
			i += n - 1
		}
	}
	s.pos = len(data)
	s.fail("the string does not end")
	return nil, true
}

// plainByte are the bytes that a string holds as they are: ASCII but quote, backslash and controls.
var plainByte = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// runeLen gives the length of the UTF-8 sequence that b begins with, 0 if it is none.
func runeLen(b []byte) int {
	r, n := utf8.DecodeRune(b)
	if r == utf8.RuneError && n <= 1 {
		return 0
	}
	return n
}

// escaped reads the rest of a string from its first escape on.
func (s *scanner) escaped(start int) []byte {
	out := append(make([]byte, 0, len(s.data[start:s.pos])+32), s.data[start:s.pos]...)
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		switch {
		case c == '"':
			s.pos++
			return out
		case c == '\\':
			r := s.escape()
			if s.err != nil {
				return nil
			}
			out = utf8.AppendRune(out, r)
		case c < 0x20:
			s.fail("a control character in a string")
			return nil
		case c < 0x80:
			out = append(out, c)
			s.pos++
		default:
			n := runeLen(s.data[s.pos:])
			if n == 0 {
				s.fail("not UTF-8")
				return nil
			}
			out = append(out, s.data[s.pos:s.pos+n]...)
			s.pos += n
		}
	}
	s.fail("the string does not end")
	return nil
}

// escape reads one escape sequence, or two that make a surrogate pair.
func (s *scanner) escape() rune {
	if s.pos+1 >= len(s.data) {
		s.pos = len(s.data)
		s.fail("the string does not end")
		return 0
	}
	c := s.data[s.pos+1]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.unicode()
	default:
		s.fail("an escape that JSON does not have")
		return 0
	}
	s.pos += 2
	return rune(c)
}

func (s *scanner) unicode() rune {
	r, ok := hex4(s.data[s.pos+2:])
	if !ok {
		s.fail(`expected four hexadecimal digits after \u`)
		return 0
	}
	if r < 0xd800 || r > 0xdfff {
		s.pos += 6
		return r
	}
	if rest := s.data[s.pos+6:]; r < 0xdc00 && len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
		if low, ok := hex4(rest[2:]); ok && low >= 0xdc00 && low <= 0xdfff {
			s.pos += 12
			return (r-0xd800)<<10 + (low - 0xdc00) + 0x10000
		}
	}
	s.fail("half a surrogate pair")
	return 0
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 + rune(c)
	}
	return r, true
}

// maxNumber is how long a number may be written.
const maxNumber = 1000

// number reads a number; whole tells that it has neither point nor exponent.
func (s *scanner) number() (b []byte, whole bool) {
	start, i, data := s.pos, s.pos, s.data
	whole = true
	if i < len(data) && data[i] == '-' {
		i++
	}
	digits := func() int {
		n := i
		for i < len(data) && data[i] >= '0' && data[i] <= '9' {
			i++
		}
		return i - n
	}
	first := i
	switch n := digits(); {
	case n == 0:
		s.fail("expected a digit")
		return nil, false
	case n > 1 && data[first] == '0':
		s.fail("a number with a leading zero")
		return nil, false
	}
	if i < len(data) && data[i] == '.' {
		whole = false
		i++
		if digits() == 0 {
			s.pos = i
			s.fail("expected a digit after the point")
			return nil, false
		}
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		whole = false
		if i++; i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		if n := digits(); n == 0 || n > 3 {
			s.pos = i
			s.fail("an exponent of one to three digits was expected")
			return nil, false
		}
	}
	if i-start > maxNumber {
		s.fail("a number that is too long")
		return nil, false
	}
	s.pos = i
	return data[start:i:i], whole
}

// word reads true, false or null.
func (s *scanner) word(w string) bool {
	if len(s.data)-s.pos >= len(w) && string(s.data[s.pos:s.pos+len(w)]) == w {
		s.pos += len(w)
		return true
	}
	s.fail("expected a value")
	return false
}

// next steps over the comma or the end of a list or record that ends with end; more tells that another item follows.
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
			s.text()
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
		s.text()
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

func (s *scanner) colon() {
	if s.peek() != ':' {
		s.fail("expected a colon")
		return
	}
	s.pos++
}
