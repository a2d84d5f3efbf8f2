package schema

// Kind says what a value is, or what a type admits.
type Kind uint8

// The kinds of values. A value is never Any, Union, Unknown or Never: these are said of types alone.
const (
	KindAbsent        Kind = iota // nothing was there; the zero Value
	KindNull                      // there was a null (JSON null, xsi:nil)
	KindBool                      // true or false
	KindInt                       // a whole number of 64 bits
	KindDecimal                   // an exact decimal number of any size
	KindText                      // Unicode text
	KindBytes                     // octets; base64 in JSON and XML
	KindDate                      // a day, ISO 8601, as 2026-01-31
	KindTime                      // a time of day with its offset, as 09:00:00Z
	KindDateTime                  // a moment, RFC 3339, with its offset
	KindDuration                  // ISO 8601, as PT5M
	KindDateTimeLocal             // a date and time on somebody's clocks, as 2026-01-31T09:00:00
	KindTimeLocal                 // a time of day on somebody's clocks, as 09:00:00
	KindList                      // values of one type, in order
	KindRecord                    // named fields, laid out by the type
	KindMap                       // entries under names that the type does not list

	KindAny     // types only: whatever comes
	KindUnion   // types only: one of several types
	KindUnknown // types only: what a failed check leaves behind; it fits everything and silences consequences
	KindNever   // types only: no value at all, as the elements of an empty list
)

var kindNames = [...]string{
	KindAbsent: "absent", KindNull: "null", KindBool: "boolean", KindInt: "integer", KindDecimal: "decimal",
	KindText: "text", KindBytes: "bytes", KindDate: "date", KindTime: "time", KindDateTime: "datetime",
	KindDuration: "duration", KindDateTimeLocal: "local datetime", KindTimeLocal: "local time",
	KindList: "list", KindRecord: "record", KindMap: "map", KindAny: "any",
	KindUnion: "union", KindUnknown: "unknown", KindNever: "never",
}

// String returns the kind's name in messages and documents.
func (k Kind) String() string { return kindNames[k] }

// Number reports whether values of this kind can be computed with.
func (k Kind) Number() bool { return k == KindInt || k == KindDecimal }

// Textual reports whether values of this kind are held as their text: text itself, dates, times, durations.
func (k Kind) Textual() bool {
	return k == KindText || k >= KindDate && k <= KindTimeLocal
}

// clocked reports whether values of this kind say a time of day.
func (k Kind) clocked() bool {
	return k == KindTime || k == KindDateTime || k == KindTimeLocal || k == KindDateTimeLocal
}
