package codec

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// plainRun returns the first place from i on where b is not plain: ASCII but quote, backslash and controls; it looks at
// eight bytes at a time.
func plainRun(b []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		quote, slash := x^('"'*ones), x^('\\'*ones)
		odd := (x | (x-' '*ones)&^x | (quote-ones)&^quote | (slash-ones)&^slash) & highs
		if odd != 0 {
			return i + bits.TrailingZeros64(odd)>>3
		}
	}
	for i < len(b) && plainByte(b[i]) {
		i++
	}
	return i
}

func plainByte(c byte) bool { return c >= ' ' && c < 0x80 && c != '"' && c != '\\' }

// text reads a string, whose opening quote is next. Without escapes the result is the document's own bytes; plain says so.
func (s *scanner) text() (b []byte, plain bool) {
	start := s.pos + 1
	if !s.run(start) {
		return nil, true
	}
	if s.data[s.pos] == '"' {
		s.pos++
		return s.data[start : s.pos-1 : s.pos-1], true
	}
	return s.escaped(start), false
}

// pass steps over a string, checking it.
func (s *scanner) pass() {
	for from := s.pos + 1; s.run(from); from = s.pos {
		if s.data[s.pos] == '"' {
			s.pos++
			return
		}
		if s.escape(); s.err != nil {
			return
		}
	}
}

// run goes from i to the next quote or backslash of a string; false says that the string is wrong before one comes.
func (s *scanner) run(i int) bool {
	data := s.data
	for {
		i = plainRun(data, i)
		if i == len(data) {
			s.pos = i
			s.fail("the string does not end")
			return false
		}
		switch c := data[i]; {
		case c == '"' || c == '\\':
			s.pos = i
			return true
		case c < ' ':
			s.pos = i
			s.fail("a control character in a string")
			return false
		default:
			n := runeLen(data[i:])
			if n == 0 {
				s.pos = i
				s.fail("not UTF-8")
				return false
			}
			i += n
		}
	}
}

// runeLen returns the length of the UTF-8 sequence that b begins with, 0 if it is none.
func runeLen(b []byte) int {
	r, n := utf8.DecodeRune(b)
	if r == utf8.RuneError && n <= 1 {
		return 0
	}
	return n
}

// escaped reads the rest of a string from its first escape on.
func (s *scanner) escaped(start int) []byte {
	out := append(make([]byte, 0, s.pos-start+32), s.data[start:s.pos]...)
	for {
		if s.data[s.pos] == '"' {
			s.pos++
			return out
		}
		r := s.escape()
		from := s.pos
		if s.err != nil || !s.run(from) {
			return nil
		}
		out = append(utf8.AppendRune(out, r), s.data[from:s.pos]...)
	}
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
