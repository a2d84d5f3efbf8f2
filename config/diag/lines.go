package diag

import (
	"bytes"
	"unicode/utf8"
)

// lines finds places in the text of a file. Places that are asked for in the file's order cost the text once, however
// many there are and however long a line is.
type lines struct {
	text        []byte
	line, begin int // a line, counted from 1, and where it begins
	col, at     int // a column in it, counted from 1, and where it is
}

func newLines(text []byte) *lines {
	return &lines{text: bytes.TrimPrefix(text, []byte("\ufeff")), line: 1, col: 1}
}

// around returns the part of a line around a column, up to before characters ahead of it and after from it on, and how many
// characters of the line stand before that part. ok is false if there is no such line.
func (l *lines) around(line, col, before, after int) (part []rune, cut int, ok bool) {
	if l == nil || line < 1 || len(l.text) == 0 {
		return nil, 0, false
	}
	if line < l.line {
		l.line, l.begin, l.col, l.at = 1, 0, 1, 0
	}
	for l.line < line {
		next := bytes.IndexByte(l.text[l.begin:], '\n')
		if next < 0 {
			return nil, 0, false
		}
		l.line, l.begin = l.line+1, l.begin+next+1
		l.col, l.at = 1, l.begin
	}
	if col < l.col {
		l.col, l.at = 1, l.begin
	}
	for ; l.col < col && !l.ends(l.at); l.col++ {
		_, size := utf8.DecodeRune(l.text[l.at:])
		l.at += size
	}
	start, first := l.at, l.col
	for ; start > l.begin && l.col-first < before; first-- {
		_, size := utf8.DecodeLastRune(l.text[l.begin:start])
		start -= size
	}
	for start < len(l.text) && len(part) < before+after && !l.ends(start) {
		r, size := utf8.DecodeRune(l.text[start:])
		part = append(part, r)
		start += size
	}
	return part, first - 1, true
}

// ends reports whether a line ends at an offset.
func (l *lines) ends(at int) bool {
	return at >= len(l.text) || l.text[at] == '\n' || l.text[at] == '\r' && (at+1 == len(l.text) || l.text[at+1] == '\n')
}
