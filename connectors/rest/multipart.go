package rest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strings"

	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"
)

// parts is how an object is written as multipart/form-data (RFC 7578), as the Encoding Object of OpenAPI has it.
type parts struct {
	t    *schema.Type
	list []part // in the order of its fields
}

// partKind is how a value stands in its part.
type partKind uint8

const (
	partText partKind = iota // a single value as text
	partJSON
	partFile // octets as they are, with a name and a type
	partAuto // of a field of any type: text, or JSON of what is nested
)

type part struct {
	name    string
	t       *schema.Type // of one item, where the part is repeated
	kind    partKind
	many    bool   // each item of a list has a part of its own
	joined  string // what stands between the items of a list in one part; "" if it is no such list
	media   string // its Content-Type; "" for none, which is text
	offered []string
	decode  *codec.JSONDecoder
}

// The fields of a file.
const (
	fileContent = iota
	fileName
	fileType
)

// fileOf is the type of a file of a media type in a multipart body, with the marks and words of another.
func fileOf(t *schema.Type, media string) *schema.Type {
	content := octets(t)
	content.Doc = ""
	f := schema.RecordType(
		schema.Field{Name: "content", Type: content, Required: true, Doc: "The octets."},
		schema.Field{Name: "name", Type: schema.TypeText, Doc: "The file's name."},
		schema.Field{Name: "type", Type: &schema.Type{Kind: schema.KindText, Example: schema.Text(media)}, Doc: "Its media type."},
	)
	f.Doc = t.Doc
	return f
}

// partsOf prepares the multipart bodies of a type, and returns the type that they have: files are records. The error says
// why its values cannot be written so.
func partsOf(t *schema.Type, encoding map[string]openapi.Encoding) (*parts, *schema.Type, error) {
	if t.Kind != schema.KindRecord {
		return nil, t, fmt.Errorf("a multipart body holds the fields of an object, and its schema is of %s", article(t))
	}
	own := *t
	own.Fields = slices.Clone(t.Fields)
	p := &parts{}
	for i := range own.Fields {
		f := &own.Fields[i]
		x, as, err := partOf(f.Name, f.Type, encoding[f.Name])
		if err != nil {
			return nil, t, fmt.Errorf("the part %s: %w", f.Name, err)
		}
		f.Type = as
		p.list = append(p.list, x)
	}
	p.t = own.Seal()
	return p, p.t, nil
}

// partOf returns how a field is written, and the type that it then has.
func partOf(name string, t *schema.Type, e openapi.Encoding) (part, *schema.Type, error) {
	p := part{name: name, t: t}
	if len(e.Headers) > 0 {
		return p, t, fmt.Errorf("the header %s of a part is not supported", e.Headers[0])
	}
	if e.Styled {
		return p.styled(t, e)
	}
	if t.Kind == schema.KindList && (e.ContentType == "" || !isJSONType(e.ContentType) || e.Binary) {
		p.many, p.t = true, t.Elem
	}
	for offered := range strings.SplitSeq(e.ContentType, ",") {
		if offered = strings.TrimSpace(offered); offered == "" {
			continue
		}
		if _, _, err := mime.ParseMediaType(offered); err != nil {
			return p, t, fmt.Errorf("contentType %q is no media type", offered)
		}
		p.offered = append(p.offered, offered)
	}
	if len(p.offered) > 0 && !strings.Contains(p.offered[0], "*") {
		p.media = p.offered[0]
	}
	if e.Binary {
		usual := octetType // of samples
		if len(p.offered) > 0 && p.offered[0] != "*/*" {
			usual = strings.Replace(p.offered[0], "/*", "/octet-stream", 1)
		}
		if p.kind = partFile; p.media == "" || len(p.offered) > 1 {
			p.media = octetType
		}
		file := fileOf(p.t, usual)
		if p.t = file; p.many {
			list := *t
			list.Elem = file
			return p, &list, nil
		}
		if t.Nullable {
			file = file.OrNull()
		}
		return p, file, nil
	}
	return p, t, p.plain()
}

// plain finds how a part is written that is no file.
func (p *part) plain() error {
	base, _, _ := mime.ParseMediaType(p.media)
	switch {
	case p.media != "" && jsonLike(base):
		p.kind = partJSON
	case p.media != "" && !strings.HasPrefix(base, "text/") && p.t.Kind != schema.KindBytes || xmlLike(base):
		return fmt.Errorf("contentType %s is not supported for %s", p.media, article(p.t))
	case p.t.Kind == schema.KindAny && p.media == "":
		p.kind = partAuto
	case !single(p.t):
		if p.media != "" {
			return fmt.Errorf("contentType %s is not supported for %s", p.media, article(p.t))
		}
		p.kind, p.media = partJSON, jsonType
	case p.t.Kind == schema.KindBytes && p.media == "":
		p.media = octetType // as base64 (OpenAPI 3.0, Encoding Object)
	}
	if strings.HasPrefix(base, "text/") && !strings.Contains(p.media, ";") {
		p.media += "; charset=utf-8"
	}
	p.decode = codec.CompileJSON(p.t, codec.JSONOptions{})
	return nil
}

// styled finds how a list is written whose style is said: its contentType counts for nothing then.
func (p part) styled(t *schema.Type, e openapi.Encoding) (part, *schema.Type, error) {
	switch {
	case e.Binary:
		return p, t, errors.New("a file has no style")
	case t.Kind != schema.KindList && single(t):
	case t.Kind != schema.KindList || !single(t.Elem):
		return p, t, fmt.Errorf("style and explode are not supported for %s in a multipart body", article(t))
	case e.Explode:
		p.many = true
	default:
		p.joined = map[string]string{"": ",", "form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}[e.Style]
		if p.joined == "" {
			return p, t, fmt.Errorf("style %s is not supported in a multipart body", e.Style)
		}
	}
	if t.Kind == schema.KindList {
		p.t = t.Elem
	}
	p.decode = codec.CompileJSON(p.t, codec.JSONOptions{})
	return p, t, nil
}

func isJSONType(list string) bool {
	base, _, err := mime.ParseMediaType(strings.TrimSpace(strings.Split(list, ",")[0]))
	return err == nil && jsonLike(base)
}

// write returns the fields of v that are the body's, and its Content-Type, of limit bytes at most.
func (p *parts) write(v schema.Value, limit int) (body []byte, contentType string, err error) {
	boundary := "fondaco" + rand.Text() // 130 bits of chance: no content holds it
	w := &partsWriter{dst: make([]byte, 0, 512), boundary: boundary, limit: limit}
	for i := range p.list {
		x := &p.list[i]
		f := v.Get(x.name)
		switch {
		case f.IsAbsent() || f.IsNil() && x.kind != partJSON:
			continue
		case x.many:
			for _, item := range f.Items() {
				if err := w.part(x, item); err != nil {
					return nil, "", err
				}
			}
			continue
		case x.joined != "":
			if f, err = x.join(f); err != nil {
				return nil, "", err
			}
		}
		if err := w.part(x, f); err != nil {
			return nil, "", err
		}
	}
	w.dst = append(append(append(w.dst, "--"...), boundary...), "--\r\n"...)
	if len(w.dst) > limit {
		return nil, "", &codec.LimitError{Limit: limit}
	}
	return w.dst, "multipart/form-data; boundary=" + boundary, nil
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
	limit    int
}

// head writes the boundary and the head of a part. file is nil for a part that is none.
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
		if given := v.Field(fileName); !given.IsNil() {
			name = given.Str()
		}
		if given := v.Field(fileType); !given.IsNil() {
			if media, err = p.typeOf(given.Str()); err != nil {
				return err
			}
		}
		w.head(p.name, media, &name)
		w.dst = append(w.dst, schema.Octets(v.Field(fileContent))...)
	case partJSON:
		w.head(p.name, media, nil)
		var err error
		if w.dst, err = codec.AppendJSONWithin(w.dst, v, w.limit); err != nil {
			return err
		}
	default:
		if v.IsNil() {
			return nil
		}
		w.head(p.name, media, nil)
		w.dst = append(w.dst, funcs.Print(v)...)
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
		return "", fmt.Errorf("the type of the file %s is no media type", p.name)
	}
	fits := func(offered string) bool {
		want, _, _ := mime.ParseMediaType(offered)
		family, any := strings.CutSuffix(want, "*")
		return want == base || any && (family == "*/" || strings.HasPrefix(base, family))
	}
	if len(p.offered) > 0 && !slices.ContainsFunc(p.offered, fits) {
		return "", fmt.Errorf("the type of the file %s is none of %s", p.name, strings.Join(p.offered, ", "))
	}
	return mime.FormatMediaType(base, params), nil
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
