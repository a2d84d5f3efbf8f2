package xsd

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

	"fondaco/schema"
)

// written is the form in which texts of a built-in type go out. What comes in is not held to it, but for those of a union: servers write
// identifiers that begin with a digit, and say what they mean all the same.
type written struct {
	fits     func(string) bool
	expected error
	example  string
	read     func(string) bool // what comes in is held to it; nil for nothing
}

// zone is how XML Schema writes an offset: 14 hours at most.
const zone = `(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))?`

func writtenAs(pattern, expected, example string) *written {
	return &written{fits: regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString, expected: errors.New(expected), example: example}
}

// writtenForms are those of the built-in types (XML Schema Part 2, §3.2.10 to §3.2.14, §3.3.3 to §3.3.11).
var writtenForms = map[string]*written{
	"gYear":      writtenAs(`-?([1-9][0-9]{3,}|0[0-9]{3})`+zone, "a year, as 2026", "2026"),
	"gYearMonth": writtenAs(`-?([1-9][0-9]{3,}|0[0-9]{3})-(0[1-9]|1[0-2])`+zone, "a month of a year, as 2026-01", "2026-01"),
	"gMonth":     writtenAs(`--(0[1-9]|1[0-2])`+zone, "a month, as --01", "--01"),
	"gMonthDay": writtenAs(`--((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))`+zone,
		"a day of a month, as --01-31", "--01-31"),
	"gDay":     writtenAs(`---(0[1-9]|[12][0-9]|3[01])`+zone, "a day, as ---31", "---31"),
	"language": writtenAs(`[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*`, "a language, as it-IT", "it"),
	"ID":       ncName, "IDREF": ncName, "ENTITY": ncName, "NCName": ncName,
	"Name":  {func(s string) bool { return nameOf(s, true, true) }, errors.New("a name of XML, as codice"), "codice", nil},
	"QName": {qname, errors.New("a name of XML with at most one prefix, as codice"), "codice", nil},
	"NMTOKEN": {
		func(s string) bool { return nameOf(s, true, false) }, errors.New("a token of the characters of XML's names, as A-1"), "A-1", nil,
	},
}

var ncName = &written{
	func(s string) bool { return nameOf(s, false, true) },
	errors.New("an identifier, which begins with a letter or _, as A1"), "A1", nil,
}

// qname reports whether a text is a name with a prefix or without one (Namespaces in XML, §4).
func qname(s string) bool {
	prefix, local, prefixed := strings.Cut(s, ":")
	return nameOf(prefix, false, true) && (!prefixed || nameOf(local, false, true))
}

// nameOf reports whether a text has the characters of XML's names: with colons or without, and beginning as names do or not.
func nameOf(s string, colons, begins bool) bool {
	for i, r := range s {
		start := unicode.IsLetter(r) || r == '_' || r == ':' && colons
		if !start && (i == 0 && begins || r != '-' && r != '.' && r != '\u00b7' && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)) {
			return false
		}
	}
	return s != ""
}

var (
	errOffset = errors.New("an offset of at most 14:00, and seconds up to 59")
	errWeeks  = errors.New("a duration without weeks, as P7D")

	offsets = regexp.MustCompile(zone + `$`)
)

// fitting returns why a text may not go out as a value of the type, nil if it may.
func (l *lexical) fitting(s string) error {
	switch l.form {
	case formDuration:
		if strings.Contains(s, "W") {
			return errWeeks
		}
	case formDate, formTime, formDateTime:
		_, clock, timed := strings.Cut(s, "T")
		if !timed {
			clock = s
		}
		offset := strings.LastIndexAny(s, "+-")
		if l.form != formDate && (len(clock) < 8 || clock[6] == '6') || offset > len(s)-len("+14:00")-1 && len(s)-offset == len("+14:00") &&
			strings.Contains(s[offset:], ":") && offsets.FindString(s) == "" {
			return errOffset
		}
	}
	if l.wire != nil && l.t.Kind == schema.KindText && !l.wire.fits(Collapse(s)) {
		return l.wire.expected
	}
	return nil
}
