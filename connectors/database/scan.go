package database

import "strings"

// token is what a piece of SQL is.
type token uint8

const (
	tokenSpace     token = iota // also a comment
	tokenWord                   // a name or a keyword
	tokenQuoted                 // a text, a quoted name, a number
	tokenSign                   // one character of anything else, or a sign of several
	tokenParameter              // :name
	tokenMark                   // ? or $1: a parameter that is not ours
	tokenEnd                    // ;
	tokenBroken                 // what does not end
	tokenSlash                  // a text with a backslash before a quote
)

// scanner walks over SQL.
type scanner struct {
	text string
	at   int
}

func letter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// next moves over one token. There is one.
func (s *scanner) next() token {
	rest := s.text[s.at:]
	c := rest[0]
	switch {
	case c <= ' ':
		s.at++
		return tokenSpace
	case strings.HasPrefix(rest, "--"):
		return s.to(tokenSpace, strings.IndexByte(rest, '\n'), true)
	case strings.HasPrefix(rest, "/*"):
		return s.comment()
	case c == '\'':
		return s.quoted('\'', false)
	case c == '"' || c == '`':
		return s.quoted(c, false)
	case (c == 'e' || c == 'E') && len(rest) > 1 && rest[1] == '\'':
		s.at++
		return s.quoted('\'', true)
	case c == '$':
		return s.dollar()
	case letter(c):
		s.word()
		return tokenWord
	case digit(c):
		s.word()
		return tokenQuoted
	case c == ':':
		return s.colon()
	case c == '?':
		s.at++
		return tokenMark
	case c == ';':
		s.at++
		return tokenEnd
	}
	s.at++
	return tokenSign
}

// to moves to an offset from here, or to the end for -1 where that ends the token too.
func (s *scanner) to(kind token, offset int, ends bool) token {
	switch {
	case offset >= 0:
		s.at += offset
	case ends:
		s.at = len(s.text)
	default:
		s.at = len(s.text)
		return tokenBroken
	}
	return kind
}

// comment moves over a comment, and those within it.
func (s *scanner) comment() token {
	depth := 0
	for s.at < len(s.text) {
		switch rest := s.text[s.at:]; {
		case strings.HasPrefix(rest, "/*"):
			depth++
			s.at += 2
		case strings.HasPrefix(rest, "*/"):
			s.at += 2
			if depth--; depth == 0 {
				return tokenSpace
			}
		default:
			s.at++
		}
	}
	return tokenBroken
}

// quoted moves over what stands in quotes, in which two of them are one; escapes has a backslash hide the next character.
func (s *scanner) quoted(quote byte, escapes bool) token {
	slash := false
	for s.at++; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '\\' && escapes:
			s.at++
		case c == '\\' && quote == '\'' && s.at+1 < len(s.text) && s.text[s.at+1] == '\'':
			slash = true
		case c == quote && s.at+1 < len(s.text) && s.text[s.at+1] == quote:
			s.at++
		case c == quote:
			s.at++
			if slash {
				return tokenSlash
			}
			return tokenQuoted
		}
	}
	s.at = len(s.text)
	return tokenBroken
}

// dollar moves over $1, $$ text $$ or $tag$ text $tag$.
func (s *scanner) dollar() token {
	rest := s.text[s.at:]
	end := 1
	for end < len(rest) && (letter(rest[end]) || digit(rest[end])) {
		end++
	}
	switch {
	case end < len(rest) && rest[end] == '$' && (end == 1 || !digit(rest[1])):
		tag := rest[:end+1]
		s.at += len(tag)
		offset := strings.Index(s.text[s.at:], tag)
		if offset >= 0 {
			offset += len(tag)
		}
		return s.to(tokenQuoted, offset, false)
	case end > 1 && digit(rest[1]):
		s.at += end
		return tokenMark
	}
	s.at++
	return tokenSign
}

func (s *scanner) word() {
	for s.at < len(s.text) && (letter(s.text[s.at]) || digit(s.text[s.at]) || s.text[s.at] == '$') {
		s.at++
	}
}

// colon moves over :name, :: or := , or the colon alone, as in a[1:2].
func (s *scanner) colon() token {
	before := byte(' ')
	if s.at > 0 {
		before = s.text[s.at-1]
	}
	s.at++
	if s.at == len(s.text) {
		return tokenSign
	}
	switch c := s.text[s.at]; {
	case c == ':' || c == '=':
		s.at++
		return tokenSign
	case letter(c) && !letter(before) && !digit(before) && !strings.ContainsRune(")]['\"", rune(before)):
		for s.at < len(s.text) && (letter(s.text[s.at]) || digit(s.text[s.at])) {
			s.at++
		}
		return tokenParameter
	}
	return tokenSign
}
