package config

import (
	"strings"
	"unicode/utf8"

	"fondaco/config/diag"
)

// checkCharacters reports what no text file of a project may hold: bytes that are not UTF-8, control characters, and
// invisible ones that break lines or turn the order of what is read.
func (s *source) checkCharacters(out *diag.List) bool {
	if strings.HasPrefix(s.text, "\xff\xfe") || strings.HasPrefix(s.text, "\xfe\xff") {
		s.report(out, 1, 1, 1, "save it as UTF-8", "the file is in UTF-16, expected UTF-8")
		return false
	}
	for i := 0; i < len(s.text); {
		c := s.text[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != 0x7f || c == '\n' || c == '\t' {
				i++
				continue
			}
			if c == '\r' && i+1 < len(s.text) && s.text[i+1] == '\n' {
				i++
				continue
			}
			pos := s.pos(i)
			if c == '\r' {
				s.report(out, pos.Line, pos.Col, 1, "end lines with a line feed", "found a carriage return that ends no line")
				return false
			}
			s.report(out, pos.Line, pos.Col, 1, "take it away, or write it as an escape in double quotes", "found the control character U+%04X", c)
			return false
		}
		r, size := utf8.DecodeRuneInString(s.text[i:])
		if r == utf8.RuneError && size == 1 {
			pos := s.pos(i)
			s.report(out, pos.Line, pos.Col, 1, "save the file as UTF-8", "found the byte 0x%02X, which is not UTF-8", c)
			return false
		}
		if invisible(r) {
			pos := s.pos(i)
			s.report(out, pos.Line, pos.Col, 1, "take it away, or write it as an escape in double quotes", "found the invisible character U+%04X", r)
			return false
		}
		i += size
	}
	return true
}

// invisible tells line separators, direction marks and byte order marks: what the eye does not see and a parser obeys.
func invisible(r rune) bool {
	return r >= 0x80 && r <= 0x9f || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f ||
		r == 0xfeff || r >= 0xfff9 && r <= 0xfffb
}
