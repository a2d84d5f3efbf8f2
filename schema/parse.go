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
		return parseTime(s, t.Zone)
	case KindDateTime:
		return parseDateTime(s, t.Zone)
	case KindTimeLocal:
		return ParseTimeLocal(s)
	case KindDateTimeLocal:
		return ParseDateTimeLocal(s)
	case KindDuration:
		return ParseDuration(s)
	case KindBytes:
		return BytesBase64(s), nil
	}
	return Value{}, errors.New("expected a single value")
}

// ReadText is ParseText for unions of single types too, of which the first that fits is taken; the value is checked whole.
func ReadText(s string, t *Type) (Value, error) {
	if t.Kind == KindUnion {
		var first error
		for _, one := range t.Variants {
			v, err := ReadText(s, one)
			if err == nil {
				return v, nil
			}
			if first == nil {
				first = err
			}
		}
		return Value{}, first
	}
	v, err := ParseText(s, t)
	if err != nil {
		return v, err
	}
	if wrong := Check(v, t); wrong != nil {
		return v, wrong
	}
	return v, nil
}

// Single reports whether the values of a type are single ones, as texts hold them: no list, no record, no map.
func Single(t *Type) bool {
	switch t.Kind {
	case KindList, KindRecord, KindMap, KindNever:
		return false
	case KindUnion:
		for _, one := range t.Variants {
			if !Single(one) {
				return false
			}
		}
	}
	return true
}

// Noun says in messages what a type's values are: an object, a list, one of several types, a single value.
func Noun(t *Type) string {
	switch t.Kind {
	case KindRecord, KindMap:
		return "an object"
	case KindList:
		return "a list"
	case KindUnion:
		return "one of several types"
	}
	return "a single value (" + t.Kind.String() + ")"
}
