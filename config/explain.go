package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"fondaco/config/diag"

	"gopkg.in/yaml.v3"
)

// largestSearched is the longest text in which the guilty line is searched by parsing; of a longer one the library's
// own line, which is near, has to do.
const largestSearched = 256 << 10

// explain says what a parser's error means, at the place where the reader has to change something.
func (s *source) explain(err error, out *diag.List) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	if len(s.text) <= largestSearched {
		line = s.guilty(message)
	}
	line = min(max(line, 1), len(s.lines))
	text := s.line(line)
	flow := s.unclosed(line)
	switch {
	case strings.Contains(message, "unknown anchor"):
		name := strings.TrimSuffix(strings.TrimPrefix(message, "unknown anchor '"), "' referenced")
		s.at(out, line, strings.Index(text, "*"+name), len(name)+1, `put it in quotes if it is text: "*`+name+`"`,
			"found the alias *%s; aliases are no part of the language", name)
	case strings.Contains(message, "alphabetic or numeric"):
		i := max(strings.IndexAny(text, "*&"), 0)
		s.at(out, line, i, 1, "put the value in quotes", "found %q at the beginning of a value, which YAML keeps for itself",
			text[i:min(i+1, len(text))])
	case strings.Contains(message, "tab character") || strings.Contains(message, "start any token"):
		s.token(out, line, text)
	case strings.Contains(message, "end of stream") || strings.Contains(message, "document indicator"):
		if flow.quote != 0 {
			pos := s.pos(flow.offset)
			s.report(out, pos.Line, pos.Col, 1, fmt.Sprintf("close it with %c", flow.quote), "this quote is never closed")
			return
		}
		s.at(out, line, indentOf(text), 1, "", "the file ends in the middle of a value")
	case strings.Contains(message, "',' or") && (nakedHole.MatchString(text) || flow.bracket == 0):
		s.bracket(out, line, text, flow)
	case flow.bracket != 0 && flow.quote == 0 && (strings.Contains(message, "',' or") || strings.Contains(message, "node content") ||
		strings.Contains(message, "expected ':'") || strings.Contains(message, "mapping values")):
		s.bracket(out, line, text, flow)
	case strings.Contains(message, "mapping values"):
		s.colon(out, line, text)
	case strings.Contains(message, "block sequence entries"):
		s.at(out, line, strings.Index(text, "- "), 1, "put the list under its key, each item on a line of its own",
			"found a list item on the line of its key")
	case strings.Contains(message, "escape"):
		i := 0
		if m := wrongEscape.FindStringIndex(text); m != nil {
			i = m[1] - 2
		}
		s.at(out, line, i, 2, `use single quotes, or write the backslash twice`, "found %q in double quotes, which is not an escape",
			text[i:min(i+2, len(text))])
	case strings.Contains(message, "expected key"), strings.Contains(message, "'-' indicator"), strings.Contains(message, "<document start>"):
		s.misplaced(out, line, text, strings.Contains(message, "'-'"))
	case strings.Contains(message, "expected ':'"):
		if colonAt(text) >= 0 {
			line = s.before(line)
			text = s.line(line)
		}
		word := strings.TrimSpace(text)
		s.at(out, line, indentOf(text), utf8.RuneCountInString(word), "write a colon and a space after the key",
			"found %q without a colon, expected a key and its value", shorten(word))
	case strings.Contains(message, "tag"):
		s.at(out, line, max(strings.Index(text, "!"), 0), 1, "put the value in quotes if it is text",
			"found a tag; tags are no part of the language")
	case strings.Contains(message, "exceeded max depth"):
		s.at(out, line, indentOf(text), 1, "make it flatter", "found more than %d levels of lists and objects", maxDepth)
	default:
		s.at(out, line, indentOf(text), 1, "", "the text is not YAML: %s", message)
	}
}

var wrongEscape = regexp.MustCompile(`(?:[^\\]|^)(?:\\\\)*\\[^0abt\tnvfre "/\\N_LPxuU]`)

// guilty finds the first line with which the text is broken in the same way.
func (s *source) guilty(message string) int {
	low, high := 1, len(s.lines)
	for low < high {
		middle := (low + high) / 2
		if s.broken(s.text[:s.lines[middle]], message) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

func (s *source) broken(text, message string) (broken bool) {
	defer func() {
		if recover() != nil {
			broken = true
		}
	}()
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for range 2 {
		var n yaml.Node
		if err := decoder.Decode(&n); err != nil {
			return strings.HasSuffix(err.Error(), message)
		}
	}
	return false
}

// at reports a place in a line by its byte.
func (s *source) at(out *diag.List, line, offset, length int, hint, format string, args ...any) {
	text := s.line(line)
	offset = min(max(offset, 0), len(text))
	s.report(out, line, utf8.RuneCountInString(text[:offset])+1, length, hint, format, args...)
}

// token explains a character that may not begin anything.
func (s *source) token(out *diag.List, line int, text string) {
	if i := strings.IndexByte(text, '\t'); i >= 0 && strings.TrimLeft(text[:i], " -") == "" {
		s.at(out, line, i, 1, "use spaces: two a level", "found a tab in the indentation")
		return
	}
	i := -1
	for _, m := range valueStart.FindAllStringSubmatchIndex(text, -1) {
		if i = m[2]; strings.ContainsRune("@`%", rune(text[i])) {
			break
		}
	}
	if i < 0 {
		i = indentOf(text)
	}
	found := "the end of the line"
	if i < len(text) {
		r, _ := utf8.DecodeRuneInString(text[i:])
		found = strconv.Quote(string(r))
		if r == '\t' {
			s.at(out, line, i, 1, "use spaces", "found a tab where a value or a key begins")
			return
		}
	}
	s.at(out, line, i, 1, "put the value in quotes", "found %s at the beginning of a value, which YAML keeps for itself", found)
}

var valueStart = regexp.MustCompile(`(?:^|: +|- +|, *|\[ *|\{ *)([^\s])`)

// colon explains a colon where no key can stand.
func (s *source) colon(out *diag.List, line int, text string) {
	first := colonAt(text)
	if first >= 0 {
		rest := text[first+1:]
		if second := colonAt(rest); second >= 0 && strings.TrimSpace(rest[:second]) != "" {
			value := strings.TrimSpace(rest)
			s.at(out, line, first+1+second, 1, fmt.Sprintf("put the value in quotes: %s: %s", shorten(strings.TrimLeft(text[:first], " -")),
				quoted(shorten(value))),
				"found a second colon in the line, expected one key and one value")
			return
		}
	}
	above := s.before(line)
	before := s.line(above)
	key := strings.TrimSpace(text[:max(first, 0)])
	if i := colonAt(before); i >= 0 && indentOf(text) > indentOf(before) {
		parent := strings.TrimLeft(before[:i], " -")
		value := strings.TrimSpace(before[i+1:])
		s.at(out, line, indentOf(text), utf8.RuneCountInString(key),
			fmt.Sprintf("move %q to column %d to stand beside %q, or take %s's value away", key, keyColumn(before), parent, parent),
			"wrong indentation: %q stands under %q, which has the value %q already", key, parent, shorten(value))
		return
	}
	if colonAt(before) < 0 && strings.TrimSpace(before) != "" {
		word := strings.TrimSpace(before)
		s.at(out, above, indentOf(before), utf8.RuneCountInString(word), "write a colon and a space after the key",
			"found %q without a colon, expected a key and its value", shorten(word))
		return
	}
	s.at(out, line, max(first, 0), 1, "put the text in quotes if the colon is part of it", "found a colon where no key can stand")
}

// quoted puts text in the quotes that leave it as it is.
func quoted(text string) string {
	if strings.Contains(text, `"`) || strings.Contains(text, `\`) {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return `"` + text + `"`
}

// misplaced explains a line that belongs to nothing above it.
func (s *source) misplaced(out *diag.List, line int, text string, inList bool) {
	if m := afterQuote.FindStringSubmatchIndex(text); m != nil {
		s.at(out, line, m[2], 1, "put the whole value in one pair of quotes; inside of '…' a quote is written twice",
			"found text after the closing quote")
		return
	}
	word := strings.TrimSpace(text)
	here := indentOf(text)
	columns, names := s.open(line)
	if !slices.Contains(columns, here+1) && len(columns) > 0 {
		var where, hints []string
		for i, column := range columns {
			if (column <= here && (i+1 == len(columns) || columns[i+1] > here)) || (column > here && (i == 0 || columns[i-1] <= here)) {
				where = append(where, strconv.Itoa(column))
				hints = append(hints, fmt.Sprintf("to column %d to stand beside %q", column, names[i]))
			}
		}
		noun := "column "
		if len(where) > 1 {
			noun = "columns "
		}
		s.at(out, line, here, utf8.RuneCountInString(firstWord(word)), "move it "+strings.Join(hints, ", or "),
			"wrong indentation: the line begins in column %d, its neighbours in %s", here+1, noun+strings.Join(where, " and "))
		return
	}
	switch {
	case strings.HasPrefix(word, "- ") || word == "-":
		s.at(out, line, here, 1, "indent it under its key, or make it a key", "found a list item among keys, expected a key and its value")
	case inList:
		s.at(out, line, here, utf8.RuneCountInString(firstWord(word)), `begin it with "- ", or indent it to belong to the item above`,
			"found %q in a list, expected an item", shorten(firstWord(word)))
	case strings.HasPrefix(word, ": "):
		s.at(out, line, here, 1, "write the key before the colon", "found a colon without a key")
	case strings.Trim(word, "]},") == "":
		s.at(out, line, here, 1, "take it away, or open it above", "found %q that closes nothing", word)
	default:
		s.at(out, line, here, utf8.RuneCountInString(firstWord(word)),
			"write a key, a colon and a value; put text with special characters in quotes", "found %q, expected a key and its value", shorten(word))
	}
}

var afterQuote = regexp.MustCompile(`^[^"'#]*(?:^|: +|- +)(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*([^\s#:,\]}])`)

// open lists the columns in which keys or items may go on before a line, outermost first, and who stands there.
func (s *source) open(line int) (columns []int, names []string) {
	limit := 1 << 30
	for above := s.before(line); above > 0; above = s.before(above) {
		text := s.line(above)
		indent := indentOf(text)
		word := strings.TrimSpace(text)
		if word == "---" {
			break
		}
		var here []int
		for at := indent; ; { // "- - a: b" opens a column for each
			if at+1 < limit {
				here = append(here, at+1)
			}
			if !strings.HasPrefix(text[at:], "- ") {
				break
			}
			at += 2 + indentOf(text[at+2:])
			if colonAt(text[at:]) < 0 && !strings.HasPrefix(text[at:], "- ") {
				break
			}
		}
		slices.Reverse(here)
		for _, column := range here {
			columns = append(columns, column)
			names = append(names, firstWord(text[min(column-1, len(text)):]))
		}
		limit = min(limit, indent+1)
		if indent == 0 {
			break
		}
	}
	slices.Reverse(columns)
	slices.Reverse(names)
	return columns, names
}

// before returns the line above that is neither empty nor a comment, 0 if there is none.
func (s *source) before(line int) int {
	for line--; line > 0; line-- {
		if text := strings.TrimSpace(s.line(line)); text != "" && text[0] != '#' {
			return line
		}
	}
	return 0
}

// bracket explains braces and brackets.
func (s *source) bracket(out *diag.List, line int, text string, open unclosed) {
	if m := nakedHole.FindStringIndex(text); m != nil {
		end := strings.IndexByte(text[m[1]-2:], '}')
		hole := text[m[1]-2:]
		if end >= 0 {
			hole = hole[:end+1]
		}
		s.at(out, line, m[1]-2, utf8.RuneCountInString(hole), "put it in quotes: "+quoted(shorten(hole)),
			"found %s without quotes inside of { } or [ ], where YAML takes its braces for its own", shorten(hole))
		return
	}
	if open.bracket == 0 {
		s.at(out, line, max(strings.IndexAny(text, "{["), 0), 1, "put commas between the parts, and text with special characters in quotes",
			"what is between these brackets is not a list or object")
		return
	}
	pos := s.pos(open.offset)
	closing := map[byte]string{'[': "]", '{': "}"}[open.bracket]
	s.report(out, pos.Line, pos.Col, 1, fmt.Sprintf("close it with %s, put commas between its parts, and put text with special characters "+
		"in quotes", closing),
		"this %c is not closed in order", open.bracket)
}

var nakedHole = regexp.MustCompile(`[:,\[] *\$\{`)

// colonAt returns the first colon that ends a key, outside of quotes and comments; -1 if there is none.
func colonAt(text string) int {
	var quote byte
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && (i == 0 || strings.IndexByte(" [{,", text[i-1]) >= 0):
			quote = c
		case c == '#' && i > 0 && text[i-1] == ' ':
			return -1
		case c == ':' && (i+1 == len(text) || text[i+1] == ' '):
			return i
		}
	}
	return -1
}

func indentOf(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

// keyColumn returns the column of a line's key, behind the dashes of lists.
func keyColumn(text string) int { return len(text) - len(strings.TrimLeft(text, " -")) + 1 }

// firstWord returns a line's key, or its first word.
func firstWord(text string) string {
	text = strings.TrimSpace(text)
	if i := colonAt(text); i > 0 {
		return text[:i]
	}
	word, _, _ := strings.Cut(text, " ")
	return word
}
