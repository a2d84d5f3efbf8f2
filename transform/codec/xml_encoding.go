package codec

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// begin reads byte order mark and declaration, and lays the document out as UTF-8.
func (s *XMLScanner) begin() {
	switch {
	case s.starts("\xfe\xff"), s.starts("\xff\xfe"), s.starts("<\x00"), s.starts("\x00"):
		s.fail(0, "an encoding that is not read: UTF-16 or UTF-32")
		return
	}
	marked := s.starts("\xef\xbb\xbf")
	if marked {
		s.pos = 3
	}
	at := s.pos
	encoding := s.declaration()
	switch {
	case s.err != nil, encoding == "", strings.EqualFold(encoding, "utf-8"), strings.EqualFold(encoding, "utf8"):
	case marked:
		s.fail(at, "an encoding that the byte order mark belies")
	case strings.EqualFold(encoding, "us-ascii"):
		for i := s.pos; i < len(s.data); i++ {
			if s.data[i] >= 0x80 {
				s.fail(i, "not US-ASCII")
				return
			}
		}
	case strings.EqualFold(encoding, "iso-8859-1"):
		s.widen(nil)
	case strings.EqualFold(encoding, "windows-1252"):
		s.widen(&windows1252)
	default:
		s.fail(at, "an encoding that is not read")
	}
}

// declaration reads <?xml … ?> if the document begins with it, and returns the encoding it names.
func (s *XMLScanner) declaration() (encoding string) {
	if !s.starts("<?xml") || s.pos+5 >= len(s.data) || xmlClass[s.data[s.pos+5]]&blankByte == 0 {
		return ""
	}
	s.pos += 5
	version, ok := s.declared("version")
	if !ok && s.err == nil {
		s.fail(s.pos, "expected version")
	}
	if ok && version != "1.0" {
		s.fail(s.pos, "a version of XML that is not 1.0")
	}
	encoding, _ = s.declared("encoding")
	if alone, ok := s.declared("standalone"); ok && alone != "yes" && alone != "no" {
		s.fail(s.pos, "standalone that is neither yes nor no")
	}
	s.blank()
	if !s.starts("?>") {
		s.fail(s.pos, "expected ?>")
		return ""
	}
	s.pos += 2
	return encoding
}

// declared reads one piece of the declaration, if it is next.
func (s *XMLScanner) declared(name string) (value string, ok bool) {
	at := s.pos
	if !s.blank() || !s.starts(name) {
		s.pos = at
		return "", false
	}
	s.pos += len(name)
	s.blank()
	if !s.starts("=") {
		s.fail(s.pos, "expected =")
		return "", false
	}
	s.pos++
	s.blank()
	if s.pos >= len(s.data) || s.data[s.pos] != '"' && s.data[s.pos] != '\'' {
		s.fail(s.pos, "expected a value in quotes")
		return "", false
	}
	end := bytes.IndexByte(s.data[s.pos+1:], s.data[s.pos])
	if end <= 0 {
		s.fail(s.pos, "expected a value in quotes")
		return "", false
	}
	value = aliasXML(s.data[s.pos+1 : s.pos+1+end])
	s.pos += end + 2
	return value, true
}

// widen turns the rest of the document from one byte a character into UTF-8; high are the characters from 0x80 to
// 0x9f, 0 for those that the encoding does not have; nil for the Latin-1 ones.
func (s *XMLScanner) widen(high *[32]rune) {
	more := 0
	for _, c := range s.data[s.pos:] {
		if c >= 0x80 {
			more++
		}
	}
	if more == 0 {
		return
	}
	if high != nil {
		more *= 2
	}
	out := append(make([]byte, 0, len(s.data)+more), s.data[:s.pos]...)
	for i, c := range s.data[s.pos:] {
		r := rune(c)
		if high != nil && c >= 0x80 && c < 0xa0 {
			if r = high[c-0x80]; r == 0 {
				s.fail(s.pos+i, "not windows-1252")
				return
			}
		}
		out = utf8.AppendRune(out, r)
	}
	s.data, s.narrow = out, true
}

// windows1252 are its characters from 0x80 to 0x9f.
var windows1252 = [32]rune{
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
	0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
}

// offset returns the place in the document as it came.
func (s *XMLScanner) offset(pos int) int {
	if !s.narrow {
		return pos
	}
	if pos < s.countedTo {
		s.countedTo, s.count = 0, 0
	}
	s.count += utf8.RuneCount(s.data[s.countedTo:pos])
	s.countedTo = pos
	return s.count
}
