package database

import (
	"fmt"
	"strings"

	"fondaco/connectors/database/driver"
	"fondaco/schema"
)

// statement is an SQL statement taken apart at its parameters.
type statement struct {
	texts []string // around the parameters: one more than there are
	names []hole
	first string // its first word, in small letters
	star  int    // where it asks for all columns, -1 if it does not
}

// hole is a parameter where it stands.
type hole struct {
	name string
	at   int // in the text, of the colon
}

// wrong is what is wrong with a statement, and where.
type wrong struct {
	from, to int
	message  string
	hint     string
}

// parse takes a statement apart. Strings, quoted names, comments, dollar quotes, casts (::), assignments (:=) and slices of arrays
// hold no parameters.
func parse(text string) (*statement, *wrong) {
	s := &statement{star: -1}
	scan := scanner{text: text}
	begin, end := 0, len(text)
	last := "" // the word or sign before
	for scan.at < len(text) {
		at := scan.at
		switch kind := scan.next(); kind {
		case tokenSpace:
			continue
		case tokenBroken:
			return nil, &wrong{at, at + 1, "what begins here does not end", ""}
		case tokenSlash:
			return nil, &wrong{
				at, scan.at, "a backslash before a quote ends the text in some databases and not in others",
				"write '' for a quote in a text",
			}
		case tokenParameter:
			if end < len(text) {
				return nil, &wrong{at, scan.at, "found a second statement, expected one", "write an operation for each"}
			}
			s.texts = append(s.texts, text[begin:at])
			s.names = append(s.names, hole{text[at+1 : scan.at], at})
			begin, last = scan.at, "x"
		case tokenMark:
			return nil, &wrong{
				at, scan.at, fmt.Sprintf("found %s, expected :name for a parameter", text[at:scan.at]),
				"PostgreSQL's operator ? is the function jsonb_exists",
			}
		case tokenEnd:
			end = min(end, at)
		default:
			if end < len(text) {
				return nil, &wrong{at, scan.at, "found a second statement, expected one", "write an operation for each"}
			}
			word := strings.ToLower(text[at:scan.at])
			if kind == tokenWord && s.first == "" {
				s.first = word
			}
			if word == "*" && s.star < 0 && (last == "," || last == "." || last == "select" || last == "distinct" || last == "all" ||
				last == "returning") {
				s.star = at
			}
			last = word
		}
	}
	s.texts = append(s.texts, strings.TrimRight(text[begin:end], " \t\r\n"))
	return s, nil
}

// render writes the statement for a database, and returns which parameter each mark stands for.
func (s *statement) render(d *driver.Driver, operation string, typeOf func(name string) *schema.Type) (text string, args []string) {
	var b strings.Builder
	b.WriteString("/* fondaco: " + operation + " */ ")
	numbers := map[string]int{}
	for i, h := range s.names {
		b.WriteString(s.texts[i])
		n, known := numbers[h.name]
		if !known || d.Repeats {
			args = append(args, h.name)
			n = len(args)
			numbers[h.name] = n
		}
		b.WriteString(d.Mark(n, typeOf(h.name)))
	}
	b.WriteString(s.texts[len(s.texts)-1])
	return b.String(), args
}
