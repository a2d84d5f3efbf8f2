package rest

import (
	"errors"
	"slices"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"
)

var (
	errNested    = errors.New("a value within a parameter is itself a list or an object, which no style can write")
	errDelimiter = errors.New("a value of a list or an object holds the character that separates them, and would be read as two")
	errStyle     = errors.New("deepObject writes objects alone, and the value is none")
	errTaken     = errors.New("an object's field has the name of another parameter")
)

// layout is how the values of one parameter are written: an expansion of RFC 6570, as OpenAPI names them by style and
// explode.
type layout struct {
	first, sep string // before the first part, and before each other
	named      bool   // parts bear the parameter's name
	empty      string // after the name of an empty value
	delim      string // between the values of one part, as it stands on the wire
	banned     string // characters that a value of several may not hold: nothing would tell them from delim
	explode    bool   // each value is a part of its own
	deep       bool   // parts bear the name of a field in brackets
	lists      bool   // a field of an object may be a list: each of its items is a part with the field's name
	write      escaping
	read       func(string) (string, error) // what write has written
	lenient    *lenient                     // counts what is tolerated in one body; nil tolerates nothing
}

// escaping appends a text as it may stand in a place.
type escaping func(dst []byte, s string) []byte

// layoutOf returns the layout of a style in a place: path, query, header, cookie, or form for the fields of a form.
func layoutOf(in, style string, explode, reserved bool) layout {
	l := layout{delim: ",", explode: explode, write: escape, read: readingOf(in)}
	switch style {
	case "simple":
		if l.sep = ","; in == "header" {
			l.write, l.banned = unchanged, ","
		}
	case "label":
		l.first, l.sep = ".", "."
		if explode {
			l.banned = "."
		}
	case "matrix":
		l.first, l.sep, l.named = ";", ";", true
	default:
		l.first, l.sep, l.named, l.empty = "&", "&", true, "="
		switch style {
		case "spaceDelimited":
			l.delim, l.banned = "%20", " "
		case "pipeDelimited":
			l.delim, l.banned = "%7C", "|"
		case "deepObject":
			l.deep, l.explode = true, true
		}
		l.lists = listsWithin(in, style, explode)
		switch {
		case in == "cookie":
			l.first, l.sep = "; ", "; "
		case in == "form":
			l.write = escapeForm
		case reserved && in == "query":
			l.write = escapeReserved
			if l.delim == "," {
				l.banned = ","
			}
		}
	}
	return l
}

// expansion is one expansion under way.
type expansion struct {
	*layout
	dst   []byte
	name  string
	limit int
	parts int
	taken []string // names that fields of a map may not have
}

// expand appends a value under a name, of limit bytes at most in all. What is absent, null or without any item appends
// nothing, as RFC 6570 has it.
func (l *layout) expand(dst []byte, name string, v schema.Value, limit int, taken []string) ([]byte, error) {
	switch v.Kind() {
	case schema.KindAbsent, schema.KindNull:
		return dst, nil
	case schema.KindList:
		x := expansion{layout: l, dst: dst, name: name, limit: limit}
		err := x.list(v.Items())
		return x.dst, err
	case schema.KindRecord, schema.KindMap:
		x := expansion{layout: l, dst: dst, name: name, limit: limit, taken: taken}
		err := x.object(v)
		return x.dst, err
	}
	if l.deep {
		return dst, errStyle
	}
	x := expansion{layout: l, dst: dst, name: name, limit: limit}
	err := x.single(funcs.Print(v))
	return x.dst, err
}

func (x *expansion) single(text string) error {
	x.part()
	if x.named {
		x.dst = x.write(x.dst, x.name)
		if text == "" {
			x.dst = append(x.dst, x.empty...)
			return nil
		}
		x.dst = append(x.dst, '=')
	}
	return x.text(text)
}

func (x *expansion) list(items []schema.Value) error {
	if x.deep {
		return errStyle
	}
	for _, item := range items {
		text, there, err := x.item(item)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		if x.explode {
			err = x.single(text)
		} else {
			err = x.joined(text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *expansion) object(v schema.Value) error {
	return eachField(v, func(key string, v schema.Value) error {
		if x.lists && v.Kind() == schema.KindList {
			return x.listWithin(key, v.Items())
		}
		text, there, err := x.item(v)
		if err != nil || !there {
			return err
		}
		switch {
		case strings.ContainsAny(key, x.banned), x.deep && strings.ContainsAny(key, "[]"):
			return errDelimiter
		case !x.explode:
			if err := x.joined(key); err != nil {
				return err
			}
			return x.joined(text)
		case !x.deep && slices.Contains(x.taken, key):
			return errTaken
		}
		x.part()
		if x.deep {
			key = x.name + "[" + key + "]"
		}
		x.dst = x.write(x.dst, key)
		if text == "" && x.empty == "" && x.named {
			return nil
		}
		x.dst = append(x.dst, '=')
		return x.text(text)
	})
}

// listWithin appends the items of a list that is a field of an object.
func (x *expansion) listWithin(key string, items []schema.Value) error {
	for _, item := range items {
		text, there, err := x.item(item)
		switch {
		case err != nil:
			return err
		case !there:
			continue
		case slices.Contains(x.taken, key):
			return errTaken
		}
		x.part()
		x.dst = append(x.write(x.dst, key), '=')
		if err := x.text(text); err != nil {
			return err
		}
	}
	return nil
}

// item returns the text of a value within a list or an object, and whether there is one.
func (x *expansion) item(v schema.Value) (text string, there bool, err error) {
	switch v.Kind() {
	case schema.KindAbsent, schema.KindNull:
		return "", false, nil
	case schema.KindList, schema.KindRecord, schema.KindMap:
		return "", false, errNested
	}
	if text = funcs.Print(v); strings.ContainsAny(text, x.banned) {
		err = errDelimiter
	}
	return text, true, err
}

// joined appends a value of a part that holds several.
func (x *expansion) joined(text string) error {
	if x.parts > 0 {
		x.dst = append(x.dst, x.delim...)
		x.parts++
		return x.text(text)
	}
	x.part()
	if x.named {
		x.dst = append(x.write(x.dst, x.name), '=')
	}
	return x.text(text)
}

// part begins a part.
func (x *expansion) part() {
	if x.parts == 0 {
		x.dst = append(x.dst, x.first...)
	} else {
		x.dst = append(x.dst, x.sep...)
	}
	x.parts++
}

func (x *expansion) text(text string) error {
	if len(text) <= x.limit {
		x.dst = x.write(x.dst, text)
	}
	if len(text) > x.limit || len(x.dst) > x.limit {
		return &codec.LimitError{Limit: x.limit}
	}
	return nil
}

// eachField calls do for each field of a record or entry of a map, in their order.
func eachField(v schema.Value, do func(key string, v schema.Value) error) error {
	if m := v.Map(); m != nil {
		for i, key := range m.Keys {
			if err := do(key, m.Values[i]); err != nil {
				return err
			}
		}
		return nil
	}
	for i, f := range v.Type().Fields {
		if err := do(f.Name, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}
