package rest

import (
	"errors"
	"strings"

	"fondaco/schema"
)

// lenient counts what is tolerated in one body that is not JSON. A nil *lenient tolerates nothing.
type lenient struct{ n int }

// value reads a single value by read; one that is known to mean another is read as that: with space around it, True.
func (l *lenient) value(text string, t *schema.Type, read func(string, *schema.Type) (schema.Value, error)) (schema.Value, error) {
	v, err := read(text, t)
	if err == nil || l == nil {
		return v, err
	}
	meant := strings.TrimSpace(text)
	if t.Kind == schema.KindBool {
		meant = strings.ToLower(meant)
	}
	if meant != text {
		if v, err := read(meant, t); err == nil {
			l.n++
			return v, nil
		}
	}
	return v, err
}

// field returns what a field becomes whose value is wrong, null or absent, and reports whether it may be lost: a single value where the
// field may be left out or null. The body must be readable beyond it.
func (l *lenient) field(f *schema.Field, wrong error) (schema.Value, bool) {
	if f.Required && !f.Type.Nullable {
		return schema.Value{}, false
	}
	return l.entry(f.Type, wrong)
}

// entry is field for the value of a map, which may always be left out.
func (l *lenient) entry(t *schema.Type, wrong error) (schema.Value, bool) {
	if l == nil || !schema.Single(t) || errors.Is(wrong, errNotStyle) {
		return schema.Value{}, false
	}
	l.n++
	if t.Nullable {
		return schema.Null, true
	}
	return schema.Value{}, true
}
