package config

import (
	"strings"

	"fondaco/config/diag"
)

// whole returns the value that an unquoted scalar of one line was meant to have where YAML takes its end for a comment, as
// in any(righe, # > 1): brackets are open before the " #", and are closed behind it. That is a problem, told where the "#"
// stands; what is checked afterwards is the whole value, so that it is the only one. Everything else is returned as it is.
func (p *parser) whole(value string, start int) string {
	open := brackets(value)
	if open <= 0 || len(value) > len(p.source.text)-start || p.source.text[start:start+len(value)] != value {
		return value
	}
	line, _, _ := strings.Cut(p.source.text[start:], "\n")
	line = strings.TrimRight(line, " \t\r")
	rest := strings.TrimLeft(line[min(len(value), len(line)):], " \t")
	if !strings.HasPrefix(rest, "#") || brackets(line) != 0 {
		return value
	}
	pos := p.source.pos(start + len(line) - len(rest))
	for i := len(value); i < len(line); i++ { // a comment that is one may stand behind it
		if line[i] == '#' && i > 0 && (line[i-1] == ' ' || line[i-1] == '\t') && brackets(line[:i]) == 0 {
			line = strings.TrimRight(line[:i], " \t")
		}
	}
	p.out.Report(diag.BadYAML, pos, `in a value without quotes " #" begins a comment, and cuts it off here`).
		WithLen(1).WithHint("put the whole value in quotes: '%s'", strings.ReplaceAll(line, "'", "''"))
	return line
}

// brackets returns how many brackets are open at the end of a text; those within quotes do not count.
func brackets(s string) (open int) {
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(' || c == '[' || c == '{':
			open++
		case c == ')' || c == ']' || c == '}':
			open--
		}
	}
	return open
}
