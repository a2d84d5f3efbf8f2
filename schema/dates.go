package schema

import (
	"errors"
	"strings"
	"time"
)

// The errors say what was expected; they never hold the text.
var (
	errDate     = errors.New("expected a date, as 2026-01-31")
	errTime     = errors.New("expected a time with its offset, as 09:00:00Z")
	errDateTime = errors.New("expected a date and time with its offset, as 2026-01-31T09:00:00+01:00")
	errDuration = errors.New("expected a duration, as PT5M")

	errDateTimeLocal = errors.New("expected a date and time without offset, as 2026-01-31T09:00:00")
	errDateTimeZoned = errors.New("expected a date and time, as 2026-01-31T09:00:00+01:00")
	errTimeZoned     = errors.New("expected a time, as 09:00:00")
	errTimeLocal     = errors.New("expected a time without offset, as 09:00:00")
)

// ParseDate reads a day of the Gregorian calendar, years 0001 to 9999 (RFC 3339 full-date).
func ParseDate(s string) (Value, error) {
	if len(s) != len("2026-01-31") || !calendar(s) {
		return Value{}, errDate
	}
	return TextOf(KindDate, s), nil
}

// ParseXMLDate reads a day as XML Schema writes it (Part 2, §3.2.9): an offset after it is admitted and left away, as the day is the same
// on the calendar of whoever wrote it.
func ParseXMLDate(s string) (Value, error) {
	const day = len("2026-01-31")
	if len(s) > day && offset(s[day:]) {
		s = s[:day]
	}
	return ParseDate(s)
}

// ParseTime reads a time of day with optional fractions and its offset (RFC 3339 full-time); 24:00 is refused.
func ParseTime(s string) (Value, error) { return parseTime(s, nil) }

// parseTime reads a time of day; a zone says what a missing offset means.
func parseTime(s string, z *Zone) (Value, error) {
	rest, ok := clock(s)
	switch {
	case z == nil && (!ok || rest == "" || !offset(rest)):
		return Value{}, errTime
	case !ok || rest != "" && !offset(rest):
		return Value{}, errTimeZoned
	}
	if rest == "" {
		s = z.fill(s)
	}
	return TextOf(KindTime, s), nil
}

// ParseTimeLocal reads a time of day without offset, with optional fractions (RFC 3339 partial-time).
func ParseTimeLocal(s string) (Value, error) {
	if rest, ok := clock(s); !ok || rest != "" {
		return Value{}, errTimeLocal
	}
	return TextOf(KindTimeLocal, s), nil
}

// ParseDateTime reads a moment with its offset (RFC 3339 date-time). The letters t and z and a space instead of T are not admitted.
func ParseDateTime(s string) (Value, error) { return parseDateTime(s, nil) }

// parseDateTime reads a moment; a zone says what a missing offset means.
func parseDateTime(s string, z *Zone) (Value, error) {
	rest, ok := dayAndClock(s)
	switch {
	case z == nil && (!ok || rest == "" || !offset(rest)):
		return Value{}, errDateTime
	case !ok || rest != "" && !offset(rest):
		return Value{}, errDateTimeZoned
	}
	if rest == "" {
		s = z.fill(s)
	}
	return TextOf(KindDateTime, s), nil
}

// ParseDateTimeLocal reads a date and time without offset.
func ParseDateTimeLocal(s string) (Value, error) {
	if rest, ok := dayAndClock(s); !ok || rest != "" {
		return Value{}, errDateTimeLocal
	}
	return TextOf(KindDateTimeLocal, s), nil
}

// dayAndClock reads a date, T and a time of day, and returns what follows.
func dayAndClock(s string) (rest string, ok bool) {
	if len(s) < 19 || s[10] != 'T' || !calendar(s[:10]) {
		return "", false
	}
	return clock(s[11:])
}

// ParseDuration reads an ISO 8601 duration of XML Schema's form: -P1Y2M3DT4H5M6.7S.
func ParseDuration(s string) (Value, error) {
	rest := strings.TrimPrefix(s, "-")
	if !strings.HasPrefix(rest, "P") {
		return Value{}, errDuration
	}
	date, clock, timed := strings.Cut(rest[1:], "T")
	if timed && clock == "" || !timed && date == "" || !parts(date, "YMWD") || !parts(clock, "HMS") {
		return Value{}, errDuration
	}
	return TextOf(KindDuration, s), nil
}

// parts reads numbers each followed by one of the letters, in their order.
func parts(s, letters string) bool {
	for s != "" {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		whole := n
		if n < len(s) && s[n] == '.' {
			n++
			for n < len(s) && s[n] >= '0' && s[n] <= '9' {
				n++
			}
		}
		if whole == 0 || n == len(s) || whole != n && (s[n] != 'S' || n == whole+1) {
			return false
		}
		i := strings.IndexByte(letters, s[n])
		if i < 0 {
			return false
		}
		letters, s = letters[i+1:], s[n+1:]
	}
	return true
}

func two(s string) int {
	if s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
		return -1
	}
	return int(s[0]-'0')*10 + int(s[1]-'0')
}

func calendar(s string) bool {
	if s[4] != '-' || s[7] != '-' {
		return false
	}
	century, year, month, day := two(s), two(s[2:]), two(s[5:]), two(s[8:])
	if century < 0 || year < 0 || month < 1 || month > 12 || day < 1 || century+year == 0 {
		return false
	}
	return day <= time.Date(century*100+year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// clock reads hh:mm:ss with optional fractions and returns what follows.
func clock(s string) (rest string, ok bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return "", false
	}
	h, m, sec := two(s), two(s[3:]), two(s[6:])
	if h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60 {
		return "", false
	}
	s = s[8:]
	if s != "" && s[0] == '.' {
		n := 1
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		if n == 1 || n > 10 {
			return "", false
		}
		s = s[n:]
	}
	return s, sec < 60 || leaps(h*60+m, s)
}

// leaps reports whether a leap second may end a minute of the day at an offset: it is the last one of a day of UTC (RFC 3339 §5.7). Of
// a time without offset the hour says nothing, and offsets are quarters of hours.
func leaps(minute int, at string) bool {
	switch {
	case at == "":
		return minute%15 == 14
	case at == "Z":
		return minute == 24*60-1
	case !offset(at):
		return false
	}
	behind := two(at[1:])*60 + two(at[4:])
	if at[0] == '+' {
		behind = -behind
	}
	return (minute+behind+24*60)%(24*60) == 24*60-1
}

func offset(s string) bool {
	if s == "Z" {
		return true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return false
	}
	h, m := two(s[1:]), two(s[4:])
	return h >= 0 && h <= 14 && m >= 0 && m <= 59
}

// AsTime returns a date (its midnight), a time (of the day 0000-01-01) or a moment as Go's time; without an offset it is
// in UTC and hasOffset is false. ok is false for anything else.
func AsTime(v Value) (t time.Time, hasOffset, ok bool) {
	s := v.Str()
	var layout string
	switch v.kind {
	case KindDate:
		layout = "2006-01-02"
	case KindTime, KindTimeLocal:
		layout = "15:04:05"
	case KindDateTime, KindDateTimeLocal:
		layout = "2006-01-02T15:04:05"
	default:
		return time.Time{}, false, false
	}
	hasOffset = len(s) > 0 && (s[len(s)-1] == 'Z' || len(s) > 6 && (s[len(s)-6] == '+' || s[len(s)-6] == '-') && s[len(s)-3] == ':')
	if hasOffset {
		layout += "Z07:00"
	}
	t, err := time.Parse(layout, s)
	return t, hasOffset, err == nil
}

// DateTimeOf returns a moment with the offset that t is in, without fractions that are zero.
func DateTimeOf(t time.Time) Value { return TextOf(KindDateTime, t.Format(time.RFC3339Nano)) }

// DateOf returns the day that t is in, where t is.
func DateOf(t time.Time) Value { return TextOf(KindDate, t.Format("2006-01-02")) }
