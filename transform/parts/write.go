package parts

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"mime"
	"slices"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"
)

// Write returns the fields of v that are the body's as a body of limit bytes at most, and its Content-Type: the media type, as
// multipart/form-data, with a boundary. A file is a record with the fields of its type by their names, or octets alone.
func (f *Form) Write(v schema.Value, media string, limit int) (body []byte, contentType string, err error) {
	boundary := "fondaco" + rand.Text() // 130 bits of chance: no content holds it
	w := &partsWriter{dst: make([]byte, 0, 512), boundary: boundary, limit: limit}
	if media != formType {
		w.text = "text/plain; charset=utf-8" // it would be of US-ASCII if nothing were said (RFC 2046 §5.1)
	}
	for i := range f.list {
		x := &f.list[i]
		given := v.Get(x.name)
		switch {
		case given.IsAbsent() || given.IsNil() && x.kind != partJSON:
			continue
		case x.many:
			for _, item := range given.Items() {
				if err := w.part(x, item); err != nil {
					return nil, "", err
				}
			}
			continue
		case x.joined != "":
			if given, err = x.join(given); err != nil {
				return nil, "", err
			}
		}
		if err := w.part(x, given); err != nil {
			return nil, "", err
		}
	}
	w.dst = append(append(append(w.dst, "--"...), boundary...), "--\r\n"...)
	if len(w.dst) > limit {
		return nil, "", &codec.LimitError{Limit: limit}
	}
	return w.dst, media + "; boundary=" + boundary, nil
}

// join returns the items of a list as one text.
func (p *part) join(list schema.Value) (schema.Value, error) {
	items := make([]string, len(list.Items()))
	for i, item := range list.Items() {
		if items[i] = funcs.Print(item); strings.Contains(items[i], p.joined) {
			return list, fmt.Errorf("a value of %s holds %q, which separates values", p.name, p.joined)
		}
	}
	return schema.Text(strings.Join(items, p.joined)), nil
}

// partsWriter is a multipart body on its way.
type partsWriter struct {
	dst      []byte
	boundary string
	text     string // the Content-Type of single values that have none of their own; "" if none is needed
	limit    int
}

// head writes the boundary and the head of a part. file is nil for a part that is not a file.
func (w *partsWriter) head(name, media string, file *string) {
	w.dst = append(append(append(w.dst, "--"...), w.boundary...), "\r\nContent-Disposition: form-data; name=\""...)
	w.dst = appendQuoted(w.dst, name)
	if file != nil {
		w.dst = appendQuoted(append(w.dst, "\"; filename=\""...), *file)
	}
	w.dst = append(w.dst, "\"\r\n"...)
	if media != "" {
		w.dst = append(append(append(w.dst, "Content-Type: "...), media...), "\r\n"...)
	}
	w.dst = append(w.dst, "\r\n"...)
}

// part writes one part.
func (w *partsWriter) part(p *part, v schema.Value) error {
	kind, media := p.kind, p.media
	if kind == partAuto {
		switch v.Kind() {
		case schema.KindRecord, schema.KindMap, schema.KindList:
			kind, media = partJSON, jsonType
		default:
			kind = partText
		}
	}
	switch kind {
	case partFile:
		if v.IsNil() {
			return nil
		}
		name, err := p.name, error(nil)
		if given := v.Get("name"); !given.IsNil() {
			name = funcs.Print(given)
		}
		if given := v.Get("type"); !given.IsNil() {
			if media, err = p.typeOf(funcs.Print(given)); err != nil {
				return err
			}
		}
		content := schema.Octets(contentOf(v))
		if len(content) > w.limit-len(w.dst) {
			return &codec.LimitError{Limit: w.limit}
		}
		w.head(p.name, media, &name)
		w.dst = append(w.dst, content...)
	case partJSON:
		w.head(p.name, media, nil)
		at := len(w.dst)
		var err error
		if w.dst, err = codec.AppendJSONWithin(w.dst, v, w.limit); err != nil {
			return err
		}
		if p.charset != nil {
			w.dst = append(w.dst[:at], p.charset.Append(nil, w.dst[at:], codec.EscapeJSON)...)
		}
	default:
		if v.IsNil() {
			return nil
		}
		text := funcs.Print(v)
		if !p.charset.Has(text) {
			wrong := schema.Violations{{Code: "format", Expected: "characters of " + p.charset.Name, Found: "other ones"}}
			return schema.Under(wrong, p.name)
		}
		w.head(p.name, cmp.Or(media, w.text), nil)
		w.dst = p.charset.Append(w.dst, []byte(text), nil)
	}
	w.dst = append(w.dst, "\r\n"...)
	if len(w.dst) > w.limit {
		return &codec.LimitError{Limit: w.limit}
	}
	return nil
}

// typeOf returns the media type that is given for a file, if it is one of those that the description offers.
func (p *part) typeOf(given string) (string, error) {
	base, params, err := mime.ParseMediaType(given)
	if err != nil || !strings.Contains(base, "/") {
		return "", fmt.Errorf("the type of the file %s is not a media type", p.name)
	}
	if len(p.offered) > 0 && !p.offers(base) {
		return "", fmt.Errorf("the type of the file %s is none of %s", p.name, strings.Join(p.offered, ", "))
	}
	return mime.FormatMediaType(base, params), nil
}

// offers reports whether a media type is one of those that the description offers.
func (p *part) offers(media string) bool {
	base, _, err := mime.ParseMediaType(media)
	return err == nil && slices.ContainsFunc(p.offered, func(offered string) bool {
		want, _, _ := mime.ParseMediaType(offered)
		family, any := strings.CutSuffix(want, "*")
		return want == base || any && (family == "*/" || strings.HasPrefix(base, family))
	})
}

// appendQuoted appends a name within quotes as browsers write it: what would end it, percent-encoded (RFC 7578 §2, HTML,
// multipart/form-data encoding algorithm).
func appendQuoted(dst []byte, s string) []byte {
	for i := range len(s) {
		switch s[i] {
		case '"':
			dst = append(dst, "%22"...)
		case '\r':
			dst = append(dst, "%0D"...)
		case '\n':
			dst = append(dst, "%0A"...)
		default:
			dst = append(dst, s[i])
		}
	}
	return dst
}
