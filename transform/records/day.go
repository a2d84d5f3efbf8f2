package records

import (
	"fmt"
	"strings"
	"time"

	"fondaco/schema"
)

// datePart is a run of digits, or a literal octet, of a form that has no names.
type datePart struct {
	what  byte // y, M, d, or 0 for a literal
	width int
	text  byte
}

// dateDigits splits a form of yyyy, yy, MM, dd and other ASCII characters. Nil if the form has anything else: it is read by
// package funcs then.
func dateDigits(form string) (parts []datePart) {
	for rest := form; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "yyyy"):
			parts, rest = append(parts, datePart{what: 'y', width: 4}), rest[4:]
		case strings.HasPrefix(rest, "yy"):
			parts, rest = append(parts, datePart{what: 'Y', width: 2}), rest[2:]
		case strings.HasPrefix(rest, "MM") && !strings.HasPrefix(rest, "MMM"):
			parts, rest = append(parts, datePart{what: 'M', width: 2}), rest[2:]
		case strings.HasPrefix(rest, "dd"):
			parts, rest = append(parts, datePart{what: 'd', width: 2}), rest[2:]
		case strings.IndexByte("/-. ", rest[0]) >= 0:
			parts, rest = append(parts, datePart{text: rest[0], width: 1}), rest[1:]
		default:
			return nil
		}
	}
	return parts
}

// moment reads a moment in the field's form.
func (f *column) moment(text string) (v schema.Value, reason string) {
	in := f.zone
	if in == nil {
		in = time.UTC
	}
	t, err := f.date.ReadIn(text, in)
	switch {
	case err != nil:
		return v, f.expectedDay()
	case f.zone != nil:
		return schema.DateTimeOf(t), ""
	}
	return schema.TextOf(schema.KindDateTimeLocal, t.Format("2006-01-02T15:04:05.999")), ""
}

// form writes a day or a moment in the field's form.
func (f *column) form(v schema.Value) (text, reason string) {
	t, offset, ok := schema.AsTime(v)
	switch {
	case !ok:
		return "", "expected a date"
	case offset != (f.zone != nil) && f.zone != nil:
		return "", "expected a moment with an offset"
	case offset && f.zone == nil:
		return "", "expected a date without an offset; zone says by which clocks one is written"
	case f.zone != nil:
		t = t.In(f.zone)
	}
	text = f.date.Write(t)
	clock := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	if again, err := f.date.Read(text); err != nil || !again.Equal(clock) {
		return "", "expected a date that its form can tell"
	}
	return text, ""
}

// day reads a date in the field's form.
func (f *column) day(raw []byte, chars *charset, room *room) (v schema.Value, reason string) {
	if f.date == nil || f.digits == nil {
		text, ok := chars.text(raw, room)
		switch {
		case !ok:
			return v, "expected text in " + chars.name
		case f.date == nil:
			return f.textual(shared(text))
		}
		t, err := f.date.Read(shared(text))
		if err != nil {
			return v, f.expectedDay()
		}
		return schema.DateOf(t), ""
	}
	year, month, day := 0, 0, 0
	for _, p := range f.digits {
		if len(raw) < p.width {
			return v, f.expectedDay()
		}
		if p.what == 0 {
			if chars.plain[raw[0]] != p.text {
				return v, f.expectedDay()
			}
			raw = raw[1:]
			continue
		}
		n := 0
		for _, b := range raw[:p.width] {
			c := chars.plain[b] - '0'
			if c > 9 {
				return v, f.expectedDay()
			}
			n = n*10 + int(c)
		}
		raw = raw[p.width:]
		switch p.what {
		case 'y':
			year = n
		case 'Y':
			if year = 2000 + n; n >= 69 {
				year = 1900 + n
			}
		case 'M':
			month = n
		case 'd':
			day = n
		}
	}
	if len(raw) != 0 || year < 1 || month < 1 || month > 12 || day < 1 || day > 28 && day > lastDay(year, month) {
		return v, f.expectedDay()
	}
	b := room.open(10)[:10]
	b[0], b[1], b[2], b[3] = byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10)
	b[4], b[5], b[6] = '-', byte('0'+month/10), byte('0'+month%10)
	b[7], b[8], b[9] = '-', byte('0'+day/10), byte('0'+day%10)
	return schema.TextOf(schema.KindDate, shared(room.keep(b))), ""
}

// lastDay returns the last day of a month of the Gregorian calendar.
func lastDay(year, month int) int {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}

func (f *column) expectedDay() string {
	return fmt.Sprintf("expected a date, as %s", f.date.Write(time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC)))
}
