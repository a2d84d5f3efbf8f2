package rest

import (
	"errors"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"
)

var (
	errSegment = errors.New("a value of the path is empty or a dot segment")
	errHeader  = errors.New("a value of a header holds control characters")
)

// target appends path and query for an input, of limit bytes at most. A value never adds a segment, a parameter or a
// host.
func (p *op) target(dst []byte, in schema.Value, limit int) ([]byte, error) {
	for _, s := range p.segments {
		if s.param < 0 {
			dst = append(dst, s.text...)
			continue
		}
		v := in.Field(p.params[s.param].field)
		text, err := print(v, p.params[s.param].t, limit-len(dst))
		if err != nil {
			return dst, err
		}
		if text == "" || text == "." || text == ".." {
			return dst, errSegment
		}
		dst = escape(dst, text)
	}
	mark := byte('?')
	for i := range p.params {
		x := &p.params[i]
		if x.in != "query" {
			continue
		}
		v := in.Field(x.field)
		if v.IsAbsent() {
			v = x.t.Default
		}
		if v.IsNil() {
			continue
		}
		if v.Kind() == schema.KindList && !x.comma {
			for _, item := range v.Items() {
				text, err := print(item, x.t.Elem, limit-len(dst))
				if err != nil {
					return dst, err
				}
				dst = pair(dst, mark, x.name, text)
				mark = '&'
			}
			continue
		}
		text, err := print(v, x.t, limit-len(dst))
		if err != nil {
			return dst, err
		}
		dst = pair(dst, mark, x.name, text)
		mark = '&'
	}
	if len(dst) > limit {
		return dst, &codec.LimitError{Limit: limit}
	}
	return dst, nil
}

func pair(dst []byte, mark byte, name, value string) []byte {
	dst = escape(append(dst, mark), name)
	return escape(append(dst, '='), value)
}

// print returns a value as it stands in a URL or header, of limit bytes at most; lists are separated by commas.
func print(v schema.Value, t *schema.Type, limit int) (string, error) {
	if v.IsNil() && t != nil {
		v = t.Default
	}
	if v.Kind() != schema.KindList {
		text := funcs.Print(v)
		if len(text) > limit {
			return "", &codec.LimitError{Limit: limit}
		}
		return text, nil
	}
	parts, size := make([]string, v.Len()), 0
	for i, x := range v.Items() {
		parts[i] = funcs.Print(x)
		if size += 1 + len(parts[i]); size > limit {
			return "", &codec.LimitError{Limit: limit}
		}
	}
	return strings.Join(parts, ","), nil
}

const upperHex = "0123456789ABCDEF"

// escape appends text percent-encoded but for what RFC 3986 calls unreserved.
func escape(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
	}
	return dst
}

// payload returns the body for an input, of limit bytes at most, nil if there is none.
func (p *op) payload(in schema.Value, limit int) ([]byte, error) {
	switch p.body {
	case fieldBody:
		v := in.Get("body")
		if v.IsAbsent() {
			return nil, nil
		}
		return codec.AppendJSONWithin(nil, v, limit)
	case flatBody:
		t := in.Type()
		dst := append(make([]byte, 0, 256), '{')
		first := true
		for i := len(p.params); i < len(t.Fields); i++ {
			v := in.Field(i)
			if v.IsAbsent() {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(codec.AppendText(dst, t.Fields[i].Name), ':')
			var err error
			if dst, err = codec.AppendJSONWithin(dst, v, limit); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	}
	return nil, nil
}

func headerOK(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
