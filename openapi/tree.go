package openapi

import (
	"encoding/json"
	"strconv"
)

// object is a JSON object whose members keep the order in which they were set.
type object []member

type member struct {
	name  string
	value any // string, bool, int, raw, object, *object or array
}

// array is a JSON array of what a member's value may be.
type array []any

// raw is JSON already written.
type raw string

// set adds a member.
func (o *object) set(name string, value any) { *o = append(*o, member{name, value}) }

// text adds a member if the text says something.
func (o *object) text(name, value string) {
	if value != "" {
		o.set(name, value)
	}
}

// has reports whether there is such a member.
func (o object) has(name string) bool {
	for i := range o {
		if o[i].name == name {
			return true
		}
	}
	return false
}

// appendTree writes a tree as JSON, indented by two spaces a level.
func appendTree(dst []byte, value any, indent int) []byte {
	switch v := value.(type) {
	case string:
		return appendString(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case raw:
		return append(dst, v...)
	case *object:
		return appendTree(dst, *v, indent)
	case object:
		if len(v) == 0 {
			return append(dst, "{}"...)
		}
		dst = append(dst, '{')
		for i := range v {
			dst = appendLine(dst, i, indent+1)
			dst = appendString(dst, v[i].name)
			dst = append(dst, ": "...)
			dst = appendTree(dst, v[i].value, indent+1)
		}
		return append(appendLine(dst, 0, indent), '}')
	case array:
		if len(v) == 0 {
			return append(dst, "[]"...)
		}
		dst = append(dst, '[')
		for i := range v {
			dst = appendLine(dst, i, indent+1)
			dst = appendTree(dst, v[i], indent+1)
		}
		return append(appendLine(dst, 0, indent), ']')
	}
	panic("openapi: a tree holds something else") // a mistake of this package alone
}

func appendLine(dst []byte, before, indent int) []byte {
	if before > 0 {
		dst = append(dst, ',')
	}
	dst = append(dst, '\n')
	for range indent {
		dst = append(dst, "  "...)
	}
	return dst
}

func appendString(dst []byte, s string) []byte {
	quoted, _ := json.Marshal(s) // a string never fails
	return append(dst, quoted...)
}
