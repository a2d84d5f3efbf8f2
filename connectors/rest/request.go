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

// target appends path and query for an input. A value never adds a segment, a parameter or a host.
func (p *op) target(dst []byte, in schema.Value) ([]byte, error) {
	for _, s := range p.segments {
		if s.param < 0 {
			dst = append(dst, s.text...)
			continue
		}
		v := in.Field(p.params[s.param].field)
		text := print(v, p.params[s.param].t)
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
				dst = pair(dst, mark, x.name, print(item, x.t.Elem))
				mark = '&'
			}
			continue
		}
		dst = pair(dst, mark, x.name, print(v, x.t))
		mark = '&'
	}
	return dst, nil
}

func pair(dst []byte, mark byte, name, value string) []byte {
	dst = escape(append(dst, mark), name)
	return escape(append(dst, '='), value)
}

// print gives a value as it stands in a URL or header; lists separated by commas.
func print(v schema.Value, t *schema.Type) string {
	if v.IsNil() && t != nil {
		v = t.Default
	}
	if v.Kind() != schema.KindList {
		return funcs.Print(v)
	}
	parts := make([]string, v.Len())
	for i, x := range v.Items() {
		parts[i] = funcs.Print(x)
	}
	return strings.Join(parts, ",")
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

// payload gives the body for an input, nil if there is none.
func (p *op) payload(in schema.Value) []byte {
	switch p.body {
	case fieldBody:
		v := in.Get("body")
		if v.IsAbsent() {
			return nil
		}
		return codec.AppendJSON(nil, v)
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
			dst = codec.AppendJSON(dst, v)
		}
		return append(dst, '}')
	}
	return nil
}

func headerOK(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
