package codec

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// What a byte may be part of.
const (
	textByte  = 1 << iota // of text, as it is
	valueByte             // of an attribute's value, as it is
	nameByte              // of a name; those of other alphabets are looked at once more
	blankByte             // white space
)

var xmlClass = func() (t [256]uint8) {
	for c := range t {
		if c >= 0x20 && c < 0x80 || c == '\t' || c == '\n' {
			t[c] |= textByte
		}
		if c >= 0x20 && c < 0x80 {
			t[c] |= valueByte
		}
		if c >= 0x80 || nameStart(rune(c)) || nameRune(rune(c)) || c == ':' {
			t[c] |= nameByte
		}
	}
	for _, c := range " \t\n\r" {
		t[c] |= blankByte
	}
	for _, c := range "<&]" {
		t[c] &^= textByte
	}
	for _, c := range `<&"'` {
		t[c] &^= valueByte
	}
	return t
}()

// characters reads text up to the next tag.
func (s *XMLScanner) characters() {
	data, start := s.data, s.pos
	plain := true
	i := start
loop:
	for i < len(data) {
		c := data[i]
		if xmlClass[c]&textByte != 0 {
			i++
			continue
		}
		switch c {
		case '<':
			break loop
		case '&', '\r':
			plain = false
			i++
		case ']':
			if bytes.HasPrefix(data[i:], []byte("]]>")) {
				s.fail(i, "]]> in text")
				return
			}
			i++
		default:
			n := s.legalRune(i)
			if n == 0 {
				return
			}
			i += n
		}
	}
	s.pos = i
	if plain {
		s.text = aliasXML(data[start:i])
		return
	}
	s.text = s.resolveText(start, i, true, false)
}

// section returns the text of a CDATA section.
func (s *XMLScanner) section(start, end int) string {
	s.legal(start, end)
	if s.err != nil {
		return ""
	}
	if bytes.IndexByte(s.data[start:end], '\r') < 0 {
		return aliasXML(s.data[start:end])
	}
	return s.resolveText(start, end, false, false)
}

// value reads an attribute's value in its quotes.
func (s *XMLScanner) value() string {
	data, start := s.data, s.pos+1
	if s.pos >= len(data) || data[s.pos] != '"' && data[s.pos] != '\'' {
		s.fail(s.pos, "expected a value in quotes")
		return ""
	}
	quote := data[s.pos]
	plain := true
	for i := start; i < len(data); {
		c := data[i]
		if xmlClass[c]&valueByte != 0 {
			i++
			continue
		}
		switch c {
		case quote:
			if i-start > maxXMLAttr {
				s.fail(start, fmt.Sprintf("a value of more than %d bytes", maxXMLAttr))
				return ""
			}
			s.pos = i + 1
			if plain {
				return aliasXML(data[start:i])
			}
			return s.resolveText(start, i, true, true)
		case '"', '\'':
			i++
		case '&', '\t', '\n', '\r':
			plain = false
			i++
		case '<':
			s.fail(i, "< in a value")
			return ""
		default:
			n := s.legalRune(i)
			if n == 0 {
				return ""
			}
			i += n
		}
	}
	s.fail(s.pos, "the value does not end")
	return ""
}

// resolveText returns the text that the bytes from start to end stand for: line ends are \n, references are resolved if
// there may be any, and in a value white space becomes spaces. It is never longer than the bytes are.
func (s *XMLScanner) resolveText(start, end int, references, value bool) string {
	if cap(s.resolved)-len(s.resolved) < end-start { // the texts that were given keep the room that is full
		s.resolved = make([]byte, 0, max(end-start, min(max(2*cap(s.resolved), 256), 8192)))
	}
	out := s.resolved
	for i := start; i < end; i++ {
		c := s.data[i]
		switch {
		case c == '&' && references:
			r, next := s.reference(i, end)
			if next < 0 {
				return ""
			}
			out = utf8.AppendRune(out, r)
			i = next - 1
			continue
		case c == '\r':
			if i+1 < end && s.data[i+1] == '\n' {
				i++
			}
			c = '\n'
		}
		if value && (c == '\n' || c == '\t') {
			c = ' '
		}
		out = append(out, c)
	}
	text := aliasXML(out[len(s.resolved):len(out):len(out)])
	s.resolved = out
	return text
}

// reference resolves the entity or character reference at i and returns where it ends.
func (s *XMLScanner) reference(i, end int) (r rune, next int) {
	n := bytes.IndexByte(s.data[i:end], ';')
	if n < 0 {
		s.fail(i, "& without a reference")
		return 0, -1
	}
	name := s.data[i+1 : i+n]
	switch string(name) {
	case "lt":
		r = '<'
	case "gt":
		r = '>'
	case "amp":
		r = '&'
	case "quot":
		r = '"'
	case "apos":
		r = '\''
	default:
		if len(name) == 0 || name[0] != '#' {
			s.fail(i, "an entity that XML does not have")
			return 0, -1
		}
		if r = character(name[1:]); !legalXML(r) {
			s.fail(i, "a reference to a character that XML does not have")
			return 0, -1
		}
	}
	return r, i + n + 1
}

// character reads the number of a character reference; 0 if it is none.
func character(b []byte) (r rune) {
	base := rune(10)
	if len(b) > 0 && b[0] == 'x' {
		base, b = 16, b[1:]
	}
	for _, c := range b {
		var digit rune
		switch {
		case c >= '0' && c <= '9':
			digit = rune(c - '0')
		case base == 16 && c|0x20 >= 'a' && c|0x20 <= 'f':
			digit = rune(c|0x20-'a') + 10
		default:
			return 0
		}
		if r = r*base + digit; r > utf8.MaxRune {
			return 0
		}
	}
	return r
}

// legal checks the characters from start to end.
func (s *XMLScanner) legal(start, end int) {
	for i := start; i < end; {
		if c := s.data[i]; c >= 0x20 && c < 0x80 {
			i++
			continue
		}
		n := s.legalRune(i)
		if n == 0 {
			return
		}
		i += n
	}
}

// legalRune returns the length of the character at i, 0 after failing if XML does not have it.
func (s *XMLScanner) legalRune(i int) int {
	r, n := utf8.DecodeRune(s.data[i:])
	switch {
	case r == utf8.RuneError && n <= 1:
		s.fail(i, "not UTF-8")
		return 0
	case !legalXML(r):
		s.fail(i, "a character that XML does not have")
		return 0
	}
	return n
}

// legalXML reports whether a document may hold r (XML 1.0, [2]).
func legalXML(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xd800:
		return true
	}
	return r >= 0xe000 && r <= utf8.MaxRune && r != 0xfffe && r != 0xffff
}
