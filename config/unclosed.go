package config

import "strings"

// unclosed is the innermost quote or bracket that is open at the end of a line.
type unclosed struct {
	quote, bracket byte
	offset         int
}

// unclosed looks for what is open, from the file's beginning: roughly, as a reader does.
func (s *source) unclosed(line int) unclosed {
	end := len(s.text)
	if line < len(s.lines) {
		end = s.lines[line]
	}
	var stack []int
	text := s.text[:end]
	fresh := true // a value may begin here
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\n':
			fresh = true
		case c == '#' && (i == 0 || strings.IndexByte(" \t\n", text[i-1]) >= 0):
			i = commentEnd(text, i)
		case (c == '"' || c == '\'') && fresh:
			from := i
			if i = quoteEnd(text, i); i >= len(text) {
				return unclosed{quote: c, offset: from}
			}
			fresh = false
		case (c == '[' || c == '{') && fresh:
			stack = append(stack, i)
		case (c == ']' || c == '}') && len(stack) > 0:
			stack = stack[:len(stack)-1]
			fresh = false
		case c == ',' && len(stack) > 0, c == ':' && i+1 < len(text) && text[i+1] == ' ', c == '-' && fresh:
			fresh = true
		case c != ' ' && c != '\t' && c != '\r':
			fresh = false
		}
	}
	return opened(text, stack)
}

// opened returns the innermost of the brackets that are open.
func opened(text string, stack []int) unclosed {
	if len(stack) == 0 {
		return unclosed{}
	}
	top := stack[len(stack)-1]
	return unclosed{bracket: text[top], offset: top}
}

// commentEnd returns the last byte of the comment that begins at i.
func commentEnd(text string, i int) int {
	if j := strings.IndexByte(text[i:], '\n'); j >= 0 {
		return i + j - 1
	}
	return len(text)
}

// quoteEnd returns where the quote that begins at i is closed, len(text) or more if it is not.
func quoteEnd(text string, i int) int {
	quote := text[i]
	for i++; i < len(text) && text[i] != quote; i++ {
		if quote == '"' && text[i] == '\\' {
			i++
		}
	}
	return i
}
