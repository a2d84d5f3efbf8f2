package diag

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	red, yellow, blue, bold, plain = "\x1b[31m", "\x1b[33m", "\x1b[34m", "\x1b[1m", "\x1b[0m"
	widest                         = 160  // columns of a source line that are shown
	longest                        = 1000 // characters of a message that are shown
)

// Print writes the problems, sorted and each once, with the guilty line and a caret, and the summary at the end; an
// empty list prints nothing, and of very many the first are printed with the number of the others. source returns a file's bytes,
// nil if it cannot; source itself may be nil. colour is for
// terminals. A writer's error is left to the writer.
func (l *List) Print(w io.Writer, source func(file string) []byte, colour bool) {
	problems, others := l.first()
	if len(problems) == 0 {
		return
	}
	paint := func(how, text string) string {
		if !colour {
			return text
		}
		return how + text + plain
	}
	var b bytes.Buffer
	files := map[string]*lines{}
	for i := range problems {
		p := &problems[i]
		word := paint(red, string(p.Code))
		if p.Warning {
			word = paint(yellow, "warning "+string(p.Code))
		}
		fmt.Fprintf(&b, "%s: %s %s\n", paint(bold, p.Pos.String()), word, visible(p.Message))
		if _, known := files[p.Pos.File]; !known && source != nil && p.Pos.File != "" {
			files[p.Pos.File] = newLines(source(p.Pos.File))
		}
		if part, cut, ok := files[p.Pos.File].around(p.Pos.Line, p.Pos.Col, 2*widest, 2*widest); ok {
			shown, caret := excerpt(part, p.Pos.Col-cut, p.Len)
			fmt.Fprintf(&b, "%s %s\n%s %s\n", paint(blue, fmt.Sprintf("%5d |", p.Pos.Line)), shown, paint(blue, "      |"), paint(red, caret))
		}
		if p.Hint != "" {
			fmt.Fprintf(&b, "%s %s\n", paint(blue, "      ="), visible(p.Hint))
		}
		b.WriteByte('\n')
	}
	if others > 0 {
		fmt.Fprintf(&b, "and %d more that are not shown: fix these first\n\n", others)
	}
	b.WriteString(l.Summary())
	b.WriteByte('\n')
	_, _ = w.Write(b.Bytes())
}

// excerpt returns a line as a terminal can show it, and the carets that stand under length characters from col. Tabs
// stay tabs in both, wide characters have two carets, and of a long line the part around col is shown.
func excerpt(runes []rune, col, length int) (shown, caret string) {
	col = min(max(col, 1), len(runes)+1)
	from, to := 0, len(runes)
	if to > widest {
		from = max(0, min(col-1-widest/2, to-widest))
		to = from + widest
	}
	end := min(max(col-1+max(length, 1), col), max(to, col))
	var s, c strings.Builder
	if from > 0 {
		s.WriteString("…")
		c.WriteByte(' ')
	}
	for i := from; i < max(to, end); i++ {
		mark, r := byte(' '), rune(0)
		if i < to {
			r = runes[i]
		}
		if i >= col-1 && i < end {
			mark = '^'
		}
		switch {
		case i >= to: // a place after the line's end
			c.WriteByte(mark)
			continue
		case r == '\t':
			s.WriteByte('\t')
			if mark == ' ' {
				c.WriteByte('\t')
			} else {
				c.WriteByte('^')
			}
			continue
		case !unicode.IsPrint(r) && !unicode.Is(unicode.Mn, r):
			r = utf8.RuneError
		}
		s.WriteRune(r)
		for range width(r) {
			c.WriteByte(mark)
		}
	}
	if to < len(runes) {
		s.WriteString("…")
	}
	return s.String(), strings.TrimRight(c.String(), " \t")
}

// width reports how many columns of a terminal a character takes.
func width(r rune) int {
	switch {
	case unicode.Is(unicode.Mn, r):
		return 0
	case r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0x303e || r >= 0x3041 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 ||
		r >= 0x1f300 && r <= 0x1f64f || r >= 0x1f900 && r <= 0x1f9ff || r >= 0x20000 && r <= 0x3fffd):
		return 2
	}
	return 1
}

// visible cuts what is too long to be read, and keeps a file's control and direction characters from playing with the reader's terminal.
func visible(text string) string {
	if len(text) > longest {
		if runes := []rune(text); len(runes) > longest {
			text = string(runes[:longest]) + "…"
		}
	}
	return strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsPrint(r) && !unicode.Is(unicode.Mn, r) {
			return utf8.RuneError
		}
		return r
	}, text)
}
