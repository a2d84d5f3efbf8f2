package rest

import (
	"bytes"
	"errors"
	"net/http"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"
)

var (
	errSegment = errors.New("a value of the path is empty or a dot segment")
	errHeader  = errors.New("a value of a header holds control characters")
)

// target appends path and query for an input, of limit bytes at most. A value never adds a segment or a host, and no
// parameter but by the style that the connector says.
func (p *op) target(dst []byte, in schema.Value, limit int) ([]byte, error) {
	began := len(dst)
	for _, s := range p.segments {
		if s.param < 0 {
			dst = append(dst, s.text...)
			continue
		}
		x, at := &p.params[s.param], len(dst)
		var err error
		if dst, err = x.expand(dst, x.value(in), limit); err != nil {
			return dst, err
		}
		if len(dst) == at {
			return dst, errSegment
		}
	}
	query := len(dst)
	path, _, already := bytes.Cut(dst[began:], []byte("?"))
	if dotted(path) {
		return dst, errSegment
	}
	for i := range p.params {
		x := &p.params[i]
		if x.in != "query" {
			continue
		}
		var err error
		if dst, err = x.expand(dst, x.value(in), limit); err != nil {
			return dst, err
		}
	}
	if len(dst) > query && !already {
		dst[query] = '?' // each part begins with &
	}
	if len(dst) > limit {
		return dst, &codec.LimitError{Limit: limit}
	}
	return dst, nil
}

// value returns the parameter's value in an input, its default if there is none.
func (p *param) value(in schema.Value) schema.Value {
	v := in.Field(p.field)
	if v.IsAbsent() {
		return p.t.Default
	}
	return v
}

// dotted reports whether a segment of a path is a dot segment (RFC 3986 §3.3), which servers take out.
func dotted(path []byte) bool {
	if !bytes.Contains(path, []byte("/.")) {
		return false
	}
	for segment := range bytes.SplitSeq(path, []byte("/")) {
		if string(segment) == "." || string(segment) == ".." {
			return true
		}
	}
	return false
}

// given adds the headers and cookies of an input to a head that is the call's own.
func (p *op) given(header http.Header, in schema.Value, limit int) error {
	var cookies []byte
	for i := range p.params {
		x := &p.params[i]
		v := in.Field(x.field)
		if x.in != "header" && x.in != "cookie" || v.IsNil() {
			continue
		}
		if x.in == "cookie" {
			var err error
			if cookies, err = x.expand(cookies, v, limit); err == nil && !headerOK(cookies) {
				err = errHeader
			}
			if err != nil {
				return err
			}
			continue
		}
		text, err := x.expand(nil, v, limit)
		if err == nil && !headerOK(text) {
			err = errHeader
		}
		if err != nil {
			return err
		}
		header.Set(x.name, string(text))
	}
	if len(cookies) > 0 {
		header.Set("Cookie", strings.TrimPrefix(header.Get("Cookie")+string(cookies), "; "))
	}
	return nil
}

// payload returns the body for an input, of limit bytes at most, nil if there is none; and its Content-Type, "" for that
// of the media type.
func (p *op) payload(in schema.Value, limit int) (body []byte, contentType string, err error) {
	v := in
	if p.body == fieldBody {
		if v = in.Get(bodyField); v.IsAbsent() || v.IsNil() && p.bodyMedia.kind == asParts {
			return nil, "", nil
		}
	}
	switch {
	case p.body == noBody:
	case p.bodyMedia.kind == asParts:
		body, contentType, err = p.bodyMedia.parts.Write(v, partsType, limit)
	case p.body == fieldBody:
		body, err = p.bodyMedia.write(v, limit)
	default:
		body, err = p.flat(in, limit)
	}
	var wrong schema.Violations
	if p.body == fieldBody && errors.As(err, &wrong) {
		err = schema.Under(wrong, bodyField)
	}
	return body, contentType, err
}

// flat returns the body whose fields are fields of the input.
func (p *op) flat(in schema.Value, limit int) ([]byte, error) {
	switch p.bodyMedia.kind {
	case asForm:
		return p.bodyMedia.form.append(make([]byte, 0, 256), in, limit)
	case asXML:
		slots := schema.Slots(p.bodyType)
		for i, f := range p.bodyType.Fields {
			slots[i+1] = in.Get(f.Name)
		}
		return p.bodyMedia.write(schema.Record(p.bodyType, slots), limit)
	}
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
	return p.bodyMedia.encoded(append(dst, '}'), limit)
}

// write returns a value as a body of the media type and in its charset, of limit bytes at most. A text that the charset does not
// have and the media type cannot escape is an error with its place.
func (m *media) write(v schema.Value, limit int) (body []byte, err error) {
	if v.IsNil() && m.kind != asJSON {
		return nil, nil // JSON alone has a null
	}
	if m.kind == asText || m.kind == asRows {
		if err := inCharset(m.charset, v); err != nil {
			return nil, err
		}
	}
	switch m.kind {
	case asForm:
		return m.form.append(make([]byte, 0, 256), v, limit)
	case asXML:
		body, err = m.xml.write(v, limit)
	case asLines:
		body, err = writeLines(v, limit)
	case asRows:
		body, err = writeRows(v, m.t, limit)
	case asText:
		body = []byte(funcs.Print(v))
	case asOctets:
		if body = schema.Octets(v); body == nil {
			body = []byte{}
		}
		if len(body) > limit {
			return nil, &codec.LimitError{Limit: limit}
		}
		return body, nil
	default:
		body, err = codec.AppendJSONWithin(nil, v, limit)
	}
	if err != nil {
		return nil, err
	}
	return m.encoded(body, limit)
}

func headerOK(s []byte) bool {
	for i := range len(s) {
		if s[i] < 0x20 && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
