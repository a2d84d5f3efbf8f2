package funcs

import (
	"errors"
	"strings"
	"time"
)

var errNotOfForm = errors.New("the text is not a date of that form")

// read returns the day, and the time of day in UTC, that a text in the form names. The name of the weekday is read over; it has
// to be that of the day. Years of two digits are 1969 to 2068, as in Go.
func (f dateForm) read(s string) (time.Time, error) {
	year, month, day, weekday := 0, 0, 0, -1
	hour, minute, second, milli := 0, 0, 0, 0
	for _, e := range f {
		n, rest, ok := e.read(s)
		if !ok {
			return time.Time{}, errNotOfForm
		}
		s = rest
		switch {
		case e.letters == "":
		case e.letters == "yy" && n >= 69:
			year = 1900 + n
		case e.letters == "yy":
			year = 2000 + n
		case e.letters == "yyyy":
			year = n
		case e.letters[0] == 'M':
			month = n
		case e.letters[0] == 'd':
			day = n
		case e.letters[0] == 'E':
			weekday = n - 1
		case e.letters[0] == 'H':
			hour = n
		case e.letters[0] == 'm':
			minute = n
		case e.letters[0] == 's':
			second = n
		case e.letters[0] == 'S':
			milli = n
		}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, milli*1e6, time.UTC)
	if s != "" || year < 1 || month < 1 || t.Day() != day || int(t.Month()) != month || weekday >= 0 && int(t.Weekday()) != weekday {
		return time.Time{}, errNotOfForm
	}
	return t, nil
}

// read takes the element from the start of s: its number (of a name its place from 1), and what follows.
func (e dateElement) read(s string) (n int, rest string, ok bool) {
	switch {
	case e.letters == "":
		rest, ok = strings.CutPrefix(s, e.text)
		return 0, rest, ok
	case e.letters == "XXX":
		return 0, "", false
	case e.names != nil:
		best := -1
		for i, name := range e.names {
			if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) && (best < 0 || len(name) > len(e.names[best])) {
				best = i
			}
		}
		if best < 0 {
			return 0, "", false
		}
		return best + 1, s[len(e.names[best]):], true
	}
	least, most := len(e.letters), len(e.letters)
	if most == 1 { // d, M, H: one digit or two
		most = 2
	}
	i := 0
	for ; i < most && i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n, s[i:], i >= least && n <= map[byte]int{'y': 9999, 'M': 12, 'd': 31, 'H': 23, 'm': 59, 's': 59, 'S': 999}[e.letters[0]]
}
