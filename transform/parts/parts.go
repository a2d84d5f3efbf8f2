package parts

import (
	"errors"
	"fmt"
	"mime"
	"slices"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// Encoding says how a field stands in its part, where its type does not say it all (OpenAPI, Encoding Object).
type Encoding struct {
	ContentType string // one media type, or several of a file, as "image/png, image/*"; "" if it is not said
	Styled      bool   // style or explode is said: ContentType counts for nothing then
	Style       string // as of a query's parameter
	Explode     bool
	Binary      bool     // octets as they are, or a list of such: files
	Size        int64    // how many bytes a file may have; 0 has no bound but the body's
	Headers     []string // that the part must have besides
}

// Form is how an object stands in a body of several parts. Safe for concurrent use.
type Form struct {
	t    *schema.Type
	list []part // in the order of the fields that the body has
}

// Type returns the type of the values that it reads and writes: files are records.
func (f *Form) Type() *schema.Type { return f.t }

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
	at      int          // the field's place in the type, -1 if nobody wants it
	t       *schema.Type // of one item, where the part is repeated
	kind    partKind
	many    bool   // each item of a list has a part of its own
	joined  string // what stands between the items of a list in one part; "" if it is no such list
	media   string // its Content-Type; "" for none, which is text
	offered []string
	size    int64 // how many bytes a file may have, 0 for any number
	decode  *codec.JSONDecoder

	charset *codec.Charset // that media says
}

// fileOf is the type of a file of a media type in a multipart body, with the marks and words of another.
func fileOf(t *schema.Type, media string) *schema.Type {
	content := octets(t)
	content.Doc = ""
	f := schema.RecordType(
		schema.Field{Name: "content", Type: content, Required: true, Doc: "The octets."},
		schema.Field{Name: "name", Type: &schema.Type{Kind: schema.KindText, Personal: t.Personal, Secret: t.Secret}, Doc: "The file's name."},
		schema.Field{Name: "type", Type: &schema.Type{Kind: schema.KindText, Example: schema.Text(media)}, Doc: "Its media type."},
	)
	f.Doc = t.Doc
	return f
}

// Of prepares the bodies of several parts of a type. The error says why its values cannot be written so.
func Of(t *schema.Type, encoding map[string]Encoding) (*Form, error) {
	if t.Kind != schema.KindRecord {
		return nil, fmt.Errorf("a multipart body holds the fields of an object, and its schema is of %s", schema.Noun(t))
	}
	own := *t
	own.Fields = slices.Clone(t.Fields)
	form := &Form{}
	for i := range own.Fields {
		f := &own.Fields[i]
		x, as, err := partOf(f.Name, f.Type, encoding[f.Name])
		if err != nil {
			return nil, fmt.Errorf("the part %s: %w", f.Name, err)
		}
		f.Type, x.at = as, i
		form.list = append(form.list, x)
	}
	form.t = own.Seal()
	return form, nil
}

// partOf returns how a field is written, and the type that it then has.
func partOf(name string, t *schema.Type, e Encoding) (part, *schema.Type, error) {
	p := part{name: name, t: t}
	if len(e.Headers) > 0 {
		return p, t, fmt.Errorf("the header %s of a part is not supported", e.Headers[0])
	}
	if e.Styled {
		return p.styled(t, e)
	}
	if t.Kind == schema.KindList && (e.ContentType == "" || !isJSON(e.ContentType) || e.Binary) {
		p.many, p.t = true, t.Elem
	}
	for offered := range strings.SplitSeq(e.ContentType, ",") {
		if offered = strings.TrimSpace(offered); offered == "" {
			continue
		}
		if base, _, err := mime.ParseMediaType(offered); err != nil || !strings.Contains(base, "/") {
			return p, t, fmt.Errorf("contentType %q is not a media type", offered)
		}
		p.offered = append(p.offered, offered)
	}
	if len(p.offered) > 0 && !strings.Contains(p.offered[0], "*") {
		p.media = p.offered[0]
	}
	if e.Binary {
		p.size = e.Size
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
	base, params, _ := mime.ParseMediaType(p.media)
	var err error
	if p.charset, err = codec.CharsetOf(params["charset"]); err != nil {
		return err
	}
	switch {
	case p.media != "" && jsonLike(base):
		p.kind = partJSON
	case p.media != "" && !strings.HasPrefix(base, "text/") && p.t.Kind != schema.KindBytes || xmlLike(base):
		return fmt.Errorf("contentType %s is not supported for %s", p.media, schema.Noun(p.t))
	case p.t.Kind == schema.KindAny && p.media == "":
		p.kind = partAuto
	case !schema.Single(p.t):
		if p.media != "" {
			return fmt.Errorf("contentType %s is not supported for %s", p.media, schema.Noun(p.t))
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
func (p part) styled(t *schema.Type, e Encoding) (part, *schema.Type, error) {
	switch {
	case e.Binary:
		return p, t, errors.New("a file has no style")
	case t.Kind != schema.KindList && schema.Single(t):
	case t.Kind != schema.KindList || !schema.Single(t.Elem):
		return p, t, fmt.Errorf("style and explode are not supported for %s in a multipart body", schema.Noun(t))
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

func isJSON(list string) bool {
	base, _, err := mime.ParseMediaType(strings.TrimSpace(strings.Split(list, ",")[0]))
	return err == nil && jsonLike(base)
}

// The media types that parts have of themselves.
const (
	jsonType  = "application/json"
	octetType = "application/octet-stream"
	formType  = "multipart/form-data"
)

func jsonLike(base string) bool {
	return base == jsonType || base == "text/json" || strings.HasSuffix(base, "+json")
}

func xmlLike(base string) bool {
	return base == "application/xml" || base == "text/xml" || strings.HasSuffix(base, "+xml")
}

// octets returns the type of octets with the marks and words of another.
func octets(t *schema.Type) *schema.Type {
	return &schema.Type{Kind: schema.KindBytes, Doc: t.Doc, Personal: t.Personal, Secret: t.Secret}
}
