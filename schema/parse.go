package schema

import "errors"

// ParseText reads a value of a scalar type from text as it stands in a URL, a header or a form: true and false, numbers
// as JSON writes them, dates as ISO 8601. Constraints are not checked.
func ParseText(s string, t *Type) (Value, error) {
	switch t.Kind {
	case KindText, KindAny:
		return Text(s), nil
	case KindBool:
		switch s {
		case "true":
			return Bool(true), nil
		case "false":
			return Bool(false), nil
		}
		return Value{}, errors.New("expected true or false")
	case KindInt:
		return ParseInt(s)
	case KindDecimal:
		return ParseDecimal(s)
	case KindDate:
		return ParseDate(s)
	case KindTime:
		return ParseTime(s)
	case KindDateTime:
		return ParseDateTime(s)
	case KindDuration:
		return ParseDuration(s)
	case KindBytes:
		return BytesBase64(s), nil
	}
	return Value{}, errors.New("expected a single value")
}
