package xsd

import (
	"strings"
	"time"
)

// nanoseconds is how many digits of a second's fraction are kept: what a schema writes beyond them is read and cut off.
const nanoseconds = 9

// dated returns a time or a moment, written in any of XML Schema's forms, in the one form that values have: a fraction has nine
// digits at most, and 24:00:00 is the next midnight (XML Schema Part 2, §3.2.7.1, §3.2.8.1). What is not a date is returned as it is.
func dated(f form, s string) string {
	clock := 0
	if f == formDateTime {
		clock = len("2006-01-02T")
	}
	if len(s) < clock+len("15:04:05") {
		return s
	}
	day, hours, rest := s[:clock], s[clock:clock+8], s[clock+8:]
	fraction := ""
	if strings.HasPrefix(rest, ".") {
		n := 1
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if n == 1 {
			return s
		}
		fraction, rest = rest[:n], rest[n:]
	}
	if hours != "24:00:00" && len(fraction) <= 1+nanoseconds {
		return s
	}
	if hours == "24:00:00" && strings.Trim(fraction, ".0") == "" {
		next, ok := nextDay(day)
		if !ok {
			return s
		}
		return next + "00:00:00" + rest
	}
	return day + hours + fraction[:min(len(fraction), 1+nanoseconds)] + rest
}

// nextDay returns the day after one, written with the T behind it; the empty text stays, for times have no day.
func nextDay(day string) (next string, ok bool) {
	if day == "" {
		return "", true
	}
	t, err := time.Parse("2006-01-02T", day)
	if err != nil || t.Year() == 9999 && t.YearDay() == 365 {
		return "", false
	}
	return t.AddDate(0, 0, 1).Format("2006-01-02T"), true
}

// finite reports whether a text is none of the values of xs:float and xs:double that are no numbers.
func finite(s string) bool {
	return s != "INF" && s != "-INF" && s != "+INF" && s != "NaN"
}
