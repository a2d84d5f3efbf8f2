package config

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"fondaco/config/diag"

	"gopkg.in/yaml.v3"
)

// source is a file's text with its lines.
type source struct {
	file  string
	text  string
	lines []int // where each begins, in bytes
	runes []int // how many characters stand before each multiple of runeStep bytes
}

const runeStep = 128

func newSource(file, text string) *source {
	s := &source{file: file, text: text, lines: make([]int, 1, 1+strings.Count(text, "\n"))}
	count := 0
	for i := range len(text) {
		if i%runeStep == 0 {
			s.runes = append(s.runes, count)
		}
		if utf8.RuneStart(text[i]) {
			count++
		}
	}
	for i := 0; ; {
		j := strings.IndexByte(text[i:], '\n')
		if j < 0 {
			return s
		}
		i += j + 1
		s.lines = append(s.lines, i)
	}
}

// line returns a line's text without its end, counted from 1; "" of a line that is not there.
func (s *source) line(number int) string {
	if number < 1 || number > len(s.lines) {
		return ""
	}
	end := len(s.text)
	if number < len(s.lines) {
		end = s.lines[number] - 1
	}
	return strings.TrimSuffix(s.text[s.lines[number-1]:end], "\r")
}

// pos returns the place of a byte.
func (s *source) pos(offset int) diag.Pos {
	offset = min(max(offset, 0), len(s.text))
	line, found := slices.BinarySearch(s.lines, offset)
	if !found {
		line--
	}
	return diag.Pos{File: s.file, Line: line + 1, Col: s.charactersBefore(offset) - s.charactersBefore(s.lines[line]) + 1}
}

// charactersBefore returns how many characters begin before a byte of the text.
func (s *source) charactersBefore(offset int) int {
	step := min(offset/runeStep, len(s.runes)-1)
	if step < 0 {
		return 0
	}
	count := s.runes[step]
	for _, b := range []byte(s.text[step*runeStep : offset]) {
		if utf8.RuneStart(b) {
			count++
		}
	}
	return count
}

// offset returns the byte at a place.
func (s *source) offset(pos diag.Pos) int {
	if pos.Line < 1 || pos.Line > len(s.lines) {
		return len(s.text)
	}
	begin, end := s.lines[pos.Line-1], len(s.text)
	if pos.Line < len(s.lines) {
		end = s.lines[pos.Line] - 1
	}
	wanted := s.charactersBefore(begin) + pos.Col - 1 // characters before the place
	step, _ := slices.BinarySearch(s.runes, wanted+1)
	at, count := begin, s.charactersBefore(begin)
	if from := (step - 1) * runeStep; from > begin {
		at, count = from, s.runes[step-1]
	}
	for ; at < end; at++ {
		if utf8.RuneStart(s.text[at]) {
			if count == wanted {
				break
			}
			count++
		}
	}
	return at
}

// places finds where the bytes of a scalar's value stand in the file, through quotes, escapes and folded lines. It is
// worked out when a problem first asks. Safe for concurrent use.
type places struct {
	source *source
	start  int // in bytes: behind the quote, or at the | or >
	style  yaml.Style
	value  string
	once   sync.Once
	spots  []int // of each byte of value, and of its end
}

func (p *places) at(offset int) diag.Pos {
	p.once.Do(p.trace)
	return p.source.pos(p.spots[min(max(offset, 0), len(p.value))])
}

func (p *places) trace() {
	p.spots = make([]int, 0, len(p.value)+1)
	if p.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		p.block()
	} else {
		p.flow()
	}
	last := p.start
	if n := len(p.spots); n > 0 {
		last = p.spots[n-1]
	}
	for len(p.spots) <= len(p.value) { // behind the end, or text that was not understood
		p.spots = append(p.spots, last)
	}
	p.spots = p.spots[:len(p.value)+1]
}

func (p *places) put(count, spot int) {
	for range count {
		p.spots = append(p.spots, spot)
	}
}

// flow walks plain and quoted scalars.
func (p *places) flow() {
	text, s := p.source.text, p.start
	for len(p.spots) < len(p.value) && s < len(text) {
		rest := p.value[len(p.spots):]
		blank := len(text[s:]) - len(strings.TrimLeft(text[s:], " \t\r\n"))
		breaks := strings.Count(text[s:s+blank], "\n")
		switch {
		case breaks > 0 && rest[0] != '\t':
			p.put(max(1, breaks-1), s)
			s += blank
		case p.style&yaml.SingleQuotedStyle != 0 && strings.HasPrefix(text[s:], "''"):
			p.put(1, s)
			s += 2
		case p.style&yaml.DoubleQuotedStyle != 0 && text[s] == '\\':
			length, made := escape(text[s:])
			if made == 0 {
				s += length
				continue
			}
			p.put(made, s)
			s += length
		case text[s] == rest[0]:
			p.put(1, s)
			s++
		default:
			return
		}
	}
	p.put(1, s)
}

// escape reports how long an escape is in the file, and how many bytes it stands for.
func escape(text string) (length, made int) {
	if len(text) < 2 {
		return len(text), 1
	}
	digits := 0
	switch text[1] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case 'N', '_':
		return 2, 2
	case 'L', 'P':
		return 2, 3
	case '\r', '\n':
		rest := strings.TrimLeft(text[1:], "\r\n \t")
		return len(text) - len(rest), 0
	default:
		return 2, 1
	}
	r := 0
	for i := 2; i < min(2+digits, len(text)); i++ {
		r = r<<4 | max(0, strings.IndexByte("0123456789abcdef", strings.ToLower(text[i : i+1])[0]))
	}
	return min(2+digits, len(text)), max(1, utf8.RuneLen(rune(r)))
}

// block walks literal and folded blocks, line by line.
func (p *places) block() {
	s := p.source
	first := s.pos(p.start).Line + 1
	indent := -1
	for line := first; line <= len(s.lines) && indent < 0; line++ {
		if text := s.line(line); strings.TrimLeft(text, " ") != "" {
			value := strings.TrimLeft(p.value, "\n")
			indent = len(text) - len(strings.TrimLeft(text, " ")) - (len(value) - len(strings.TrimLeft(value, " ")))
		}
	}
	end := p.start
	for line := first; line <= len(s.lines) && len(p.spots) < len(p.value); line++ {
		begin := s.lines[line-1] + indent
		content := s.line(line)
		content = content[min(max(indent, 0), len(content)):]
		if p.style&yaml.LiteralStyle != 0 {
			for i := range len(content) {
				p.put(1, begin+i)
			}
			p.put(1, begin+len(content))
			continue
		}
		if content == "" {
			continue
		}
		for len(p.spots) < len(p.value) && !strings.HasPrefix(p.value[len(p.spots):], content) {
			if c := p.value[len(p.spots)]; c != ' ' && c != '\n' {
				return
			}
			p.put(1, end)
		}
		for i := range len(content) {
			p.put(1, begin+i)
		}
		end = begin + len(content)
	}
	if p.style&yaml.FoldedStyle != 0 {
		p.put(1, end)
	}
}
