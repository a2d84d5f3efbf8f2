package rest

import (
	"errors"
	"fmt"
	"mime"
	"unicode/utf8"

	"fondaco/connectors/transport"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/parts"
)

// maxParts is how many parts a body may have.
const maxParts = 10_000

// reading is how the bodies of an operation's answers become values of a type. Safe for concurrent use.
type reading struct {
	media *media
	t     *schema.Type
	json  *codec.JSONDecoder
	form  *form
	parts *parts.Form

	claimed  func(n int) // counts texts that are not of the format that they claim, where no decoder of JSON does; nil if none is claimed
	strict   bool        // what the type has not is refused
	tolerate func(n int) // counts what is taken that is not as it should be; nil takes no such thing
}

// answers is how strictly answers are read: what a system says more is passed over.
var answers = codec.JSONOptions{Unknown: codec.Ignore, NullAbsent: true}

// reading prepares the reading of bodies as values of want, nil if nothing of them is wanted.
func (m *media) reading(want *schema.Type, o codec.JSONOptions) *reading {
	if want.Kind == schema.KindNull {
		return nil
	}
	r := &reading{media: m, t: want, strict: o.Unknown != codec.Ignore}
	if o.Claimed != nil && schema.HasClaims(want) {
		r.claimed = o.Claimed
	}
	if m.kind == asForm || m.kind == asParts { // they are counted as a whole
		o.Claimed = nil
	}
	switch m.kind {
	case asJSON:
		r.json = codec.CompileJSON(want, o)
	case asForm:
		r.form = m.form.pruned(want, o)
	case asParts:
		r.parts = m.parts.Pruned(want, o)
	case asLines:
		r.json = codec.CompileJSON(want.Elem, o)
	}
	return r
}

// body reads the body of an answer. None at all is null where null fits.
func (r *reading) body(res *transport.Response) (schema.Value, error) {
	contentType := res.Header.Get("Content-Type")
	if len(res.Body) == 0 && r.t.Nullable && (r.media.kind != asText || contentType == "") {
		return schema.Null, nil
	}
	kind, charset, ok := r.media.takes(contentType)
	if !ok && (r.tolerate == nil || kind != asJSON && page(contentType)) {
		return schema.Null, r.unlike()
	}
	v, err := r.decode(res.Body, kind, charset)
	switch {
	case r.tolerate == nil || ok && err == nil:
		return v, err
	case err == nil:
		r.tolerate(1)
		return v, nil
	}
	if text, mended := codec.Mended(res.Body, charset); mended && kind != asParts { // whose parts have charsets of their own
		var got schema.Value
		if got, err = r.decode(text, kind, ""); err == nil {
			r.tolerate(1)
			return got, nil
		}
	}
	var wrong schema.Violations
	if !ok && !errors.As(err, &wrong) { // it is not what it could have been taken for
		return v, fmt.Errorf("%w, and does not read as such: %w", r.unlike(), err)
	}
	return v, err
}

// page reports whether a Content-Type is of a page or of JSON: in the place of text or octets that is an error's.
func page(contentType string) bool {
	base, _, err := mime.ParseMediaType(contentType)
	return err == nil && (base == "text/html" || jsonLike(base))
}

// unlike is the error of an answer that is of another media type.
func (r *reading) unlike() error {
	return fmt.Errorf("the answer is no %s by its Content-Type", r.media.word())
}

// decode reads a body of a kind that the media type takes, and counts what it claims and is not.
func (r *reading) decode(body []byte, kind wireKind, charset string) (schema.Value, error) {
	var l *lenient
	if r.tolerate != nil {
		l = &lenient{}
	}
	v, err := r.value(body, kind, charset, l)
	if err == nil && l != nil && l.n > 0 {
		r.tolerate(l.n)
	}
	if err == nil && r.claimed != nil && kind != asJSON && kind != asLines {
		if n := schema.ClaimsBroken(v, r.t); n > 0 {
			r.claimed(n)
		}
	}
	return v, err
}

// value reads a body of a kind that the media type takes.
func (r *reading) value(body []byte, kind wireKind, charset string, l *lenient) (schema.Value, error) {
	switch kind {
	case asOctets:
		return schema.Bytes(body), nil
	case asParts:
		o := parts.Reading{Most: maxParts, Open: !r.strict}
		if l != nil {
			o.Tolerated = func(n int) { l.n += n }
		}
		return r.parts.Decode(body, charset, o)
	case asXML:
		return r.media.xml.decode(body, charset, r.t, r.strict, l)
	}
	if kind == asJSON && charset == "" && len(body) > 0 && body[0] < utf8.RuneSelf {
		return r.json.Decode(body) // it has no byte order mark, and the decoder looks at its encoding
	}
	if kind == asForm {
		body, charset = formUTF8(body, charset)
	}
	text, err := codec.UTF8(body, charset)
	if err != nil {
		return schema.Null, err
	}
	switch kind {
	case asForm:
		return r.form.decode(text, l)
	case asLines:
		return readLines(text, r.json)
	case asRows:
		return readRows(text, r.t, r.media.t, r.strict, l)
	case asText:
		if !schema.Single(r.t) {
			return schema.Null, errors.New("the answer is no JSON by its Content-Type")
		}
		return l.value(string(text), r.t, schema.ReadText)
	}
	return r.json.Decode(text)
}

// word names the media type in messages.
func (m *media) word() string {
	if m.kind == asJSON {
		return "JSON"
	}
	return m.base
}
