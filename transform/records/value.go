package records

import (
	"unsafe"

	"fondaco/schema"
)

// value returns what the octets of a field stand for, once fill and quotes are gone; reason says what was expected, "" if nothing is
// wrong.
func (f *column) value(raw []byte, chars *charset, room *room) (v schema.Value, reason string) {
	if len(raw) == 0 || f.empty != nil && f.stands(raw, chars, room) {
		switch {
		case f.t.Nullable:
			return schema.Null, ""
		case f.t.Kind != schema.KindText:
			return v, "expected " + schema.Article(f.t) + ", found nothing"
		}
	}
	switch f.t.Kind {
	case schema.KindInt, schema.KindDecimal:
		v, reason = f.number.read(raw)
	case schema.KindDate:
		v, reason = f.day(raw, chars, room)
	case schema.KindText:
		text, ok := chars.text(raw, room)
		if !ok {
			return v, "expected text in " + chars.name
		}
		v = schema.Text(shared(text))
	default:
		text, ok := chars.text(raw, room)
		if !ok {
			return v, "expected text in " + chars.name
		}
		v, reason = f.textual(shared(text))
	}
	if reason == "" && f.checker != nil {
		if _, expected := f.checker.Constraint(v); expected != "" {
			return v, "expected " + expected
		}
	}
	return v, reason
}

// stands reports whether octets are one of the words for an absent value.
func (f *column) stands(raw []byte, chars *charset, room *room) bool {
	if len(f.empty) == 0 {
		return false
	}
	text, ok := chars.text(raw, room)
	return ok && in(f.empty, shared(text))
}

// textual reads the kinds that are neither texts, nor numbers, nor days in a form.
func (f *column) textual(text string) (v schema.Value, reason string) {
	var err error
	switch f.t.Kind {
	case schema.KindBool:
		switch text {
		case f.yes:
			return schema.Bool(true), ""
		case f.no:
			return schema.Bool(false), ""
		}
		return v, "expected " + f.yes + " or " + f.no
	case schema.KindDate:
		v, err = schema.ParseDate(text)
	case schema.KindTime:
		v, err = schema.ParseTime(text)
	case schema.KindTimeLocal:
		v, err = schema.ParseTimeLocal(text)
	case schema.KindDateTime, schema.KindDateTimeLocal:
		switch {
		case f.date != nil:
			return f.moment(text)
		case f.t.Kind == schema.KindDateTime:
			v, err = schema.ParseDateTime(text)
		default:
			v, err = schema.ParseDateTimeLocal(text)
		}
	}
	if err != nil {
		return v, err.Error()
	}
	return v, ""
}

// shared returns octets that nobody writes to again as a text, without a copy.
func shared(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
