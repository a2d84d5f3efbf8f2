package funcs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fondaco/schema"
)

// dateForm is a form of dates as it was read at load: its elements in order. Letters are those of Unicode's date patterns
// (UTS 35 §8); what is to stand as it is written is quoted ('), as there: "d MMMM yyyy 'alle ore' HH:mm".
type dateForm []dateElement

// dateElement is a part of a date, or a literal text.
type dateElement struct {
	letters string // dd, MMMM; empty for a literal
	text    string // the literal
	names   []string
}

// dateLetters says which runs of letters a form may hold, and the Go layout of those that are digits.
var dateLetters = map[string]string{
	"yyyy": "2006", "yy": "06", "MM": "01", "M": "1", "dd": "02", "d": "2", "HH": "15", "mm": "04", "ss": "05", "SSS": "000",
	"H": "", "MMMM": "", "MMM": "", "EEEE": "", "EEE": "", "XXX": "Z07:00",
}

// dateLetterMeant says what people write who come from elsewhere.
var dateLetterMeant = map[string]string{
	"DD": "dd", "D": "d", "YYYY": "yyyy", "YY": "yy", "hh": "HH", "h": "H", "SS": "ss", "S": "SSS", "s": "ss", "m": "mm", "y": "yyyy",
	"u":    "yyyy",
	"uuuu": "yyyy", "gg": "dd", "GG": "dd", "aaaa": "yyyy", "AAAA": "yyyy", "Y": "yyyy", "E": "EEE", "EE": "EEE", "LLLL": "MMMM", "LLL": "MMM",
	"Z": "XXX", "z": "XXX", "X": "XXX", "XX": "XXX", "ddd": "EEE", "dddd": "EEEE",
}

// hasNames reports whether the names of months and days are known in a language.
func hasNames(lang string) bool { return monthNames[lang].long[0] != "" }

// readFormAt reads the constants (s, form, language) of a function that reads a day.
func readFormAt(constants []*schema.Value) (dateForm, error) {
	if err := languageAt(constants, 2); err != nil {
		return nil, err
	}
	return formAt(constants, 1, true)
}

// formAt reads the constant form at i. The language of names of months and days is the constant text behind it that is one.
// reading asks for a form that a day can be read by.
func formAt(constants []*schema.Value, i int, reading bool) (dateForm, error) {
	if constants[i] == nil {
		return nil, errors.New("the form must be a text in quotes, as \"dd/MM/yyyy\"")
	}
	lang := ""
	for _, c := range constants[i+1:] {
		if c != nil && hasNames(c.Str()) {
			lang = c.Str()
		}
	}
	form, err := readDateForm(constants[i].Str(), lang)
	if err != nil || !reading {
		return form, err
	}
	return form, form.readable(constants[i].Str())
}

// languageAt reads the constant language at i, if it is there.
func languageAt(constants []*schema.Value, i int) error {
	if i >= len(constants) {
		return nil
	}
	if constants[i] == nil {
		return errors.New("the language must be a text in quotes, as \"it\"")
	}
	if lang := constants[i].Str(); !hasNames(lang) {
		return fmt.Errorf("there are no names of months and days in the language %q; expected it or en", lang)
	}
	return nil
}

func readDateForm(form, lang string) (dateForm, error) {
	var f dateForm
	parts := 0
	for rest := form; rest != ""; {
		c := rest[0]
		switch {
		case c == '\'':
			text, n, ok := quoted(rest)
			if !ok {
				return nil, fmt.Errorf("the form %q opens a quote (') that is not closed; two of them ('') are an apostrophe", form)
			}
			f, rest = f.literal(text), rest[n:]
		case letter(c):
			n := 1
			for n < len(rest) && rest[n] == c {
				n++
			}
			e := dateElement{letters: rest[:n]}
			if _, known := dateLetters[e.letters]; !known {
				return nil, unknownLetters(form, rest, n)
			}
			if n >= 3 && (c == 'M' || c == 'E') {
				if lang == "" {
					what := "month"
					if c == 'E' {
						what = "day"
					}
					return nil, fmt.Errorf("the form %q has the name of a %s (%s): say its language as the last argument, \"it\" or \"en\"", form, what,
						e.letters)
				}
				e.names = namesOf(lang, e.letters)
			}
			parts++
			f, rest = append(f, e), rest[n:]
		default:
			n := 1
			for n < len(rest) && rest[n] != '\'' && !letter(rest[n]) {
				n++
			}
			f, rest = f.literal(rest[:n]), rest[n:]
		}
	}
	if parts == 0 {
		return nil, fmt.Errorf("the form %q has no part of a date; expected one as \"dd/MM/yyyy\"", form)
	}
	return f, nil
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// quoted reads a quoted text at the start of s: what it says, and how many bytes it takes. Two quotes are one.
func quoted(s string) (text string, n int, ok bool) {
	if strings.HasPrefix(s, "''") {
		return "'", 2, true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != '\'':
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == '\'':
			b.WriteByte('\'')
			i++
		default:
			return b.String(), i + 1, true
		}
	}
	return "", 0, false
}

// unknownLetters says what is wrong with the run of n letters that rest begins with, and what to write.
func unknownLetters(form, rest string, n int) error {
	found := rest[:n]
	if meant := dateLetterMeant[found]; meant != "" {
		return fmt.Errorf("the form %q has no part %s; write %s", form, found, meant)
	}
	word := 1
	for word < len(rest) && letter(rest[word]) {
		word++
	}
	return fmt.Errorf("the form %q has no part %s; what is to stand as it is written is quoted, as '%s'; "+
		"parts are yyyy, yy, MMMM, MMM, MM, M, dd, d, EEEE, EEE, HH, H, mm, ss, SSS, XXX", form, found, rest[:word])
}

func (f dateForm) literal(text string) dateForm {
	if n := len(f); n > 0 && f[n-1].letters == "" {
		f[n-1].text += text
		return f
	}
	return append(f, dateElement{text: text})
}

// readable reports what is missing of a form by which a day is to be read: year, month and day, each once.
func (f dateForm) readable(form string) error {
	had := map[byte]int{}
	for _, e := range f {
		if e.letters != "" {
			had[e.letters[0]]++
		}
	}
	for _, x := range []struct {
		c          byte
		what, sign string
	}{{'y', "year", "yyyy"}, {'M', "month", "MM"}, {'d', "day", "dd"}} {
		switch {
		case had[x.c] == 0:
			return fmt.Errorf("the form %q has no %s (%s), and a day is read by it", form, x.what, x.sign)
		case had[x.c] > 1:
			return fmt.Errorf("the form %q has the %s twice", form, x.what)
		}
	}
	return nil
}

// write returns a moment in the form.
func (f dateForm) write(t time.Time) string {
	b := make([]byte, 0, 32)
	for _, e := range f {
		switch e.letters {
		case "":
			b = append(b, e.text...)
		case "MMMM", "MMM":
			b = append(b, e.names[t.Month()-1]...)
		case "EEEE", "EEE":
			b = append(b, e.names[t.Weekday()]...)
		case "H":
			b = strconv.AppendInt(b, int64(t.Hour()), 10)
		case "SSS":
			b = fmt.Appendf(b, "%03d", t.Nanosecond()/1e6)
		default:
			b = t.AppendFormat(b, dateLetters[e.letters])
		}
	}
	return string(b)
}

// daysHaveNoTime refuses a form with a time of day where a day is written: it would always be midnight. Likewise one with an offset where
// there is none.
func daysHaveNoTime(args []*schema.Type, constants []*schema.Value) error {
	if args[0].Kind != schema.KindDate && args[0].Kind != schema.KindDateTimeLocal || constants[1] == nil {
		return nil
	}
	form, err := formAt(constants, 1, false)
	if err != nil {
		return err
	}
	for _, e := range form {
		if args[0].Kind == schema.KindDateTimeLocal {
			if e.letters == "XXX" {
				return fmt.Errorf("a local datetime has no offset, and the form %q asks for it (XXX); leave it out, or give offset(d, ZONE)",
					constants[1].Str())
			}
			continue
		}
		if e.letters != "" && strings.ContainsRune("HmsSX", rune(e.letters[0])) {
			return fmt.Errorf("a day has no time, and the form %q asks for %s; leave it out, or give a moment", constants[1].Str(), e.letters)
		}
	}
	return nil
}
