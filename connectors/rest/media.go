package rest

import (
	"fmt"
	"mime"
	"slices"
	"strings"

	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/parts"
)

// wireKind is how a body stands on the wire.
type wireKind uint8

const (
	asJSON   wireKind = iota
	asForm            // application/x-www-form-urlencoded
	asText            // a single value as text
	asOctets          // octets as they are
	asParts           // multipart/form-data
	asXML             // XML by the xml words of a document
	asLines           // JSON values, a line each
	asRows            // CSV
)

// media is a media type that is supported.
type media struct {
	kind  wireKind
	name  string // as it stands in Content-Type and Accept
	base  string // without parameters, in small letters
	whole bool   // the description admits any: what comes is read by its own Content-Type
	form  *form
	parts *parts.Form
	xml   *xmlForm
	t     *schema.Type // of rows

	charset *codec.Charset // that the name says
}

const (
	jsonType  = "application/json"
	formType  = "application/x-www-form-urlencoded"
	textType  = "text/plain"
	octetType = "application/octet-stream"
	partsType = "multipart/form-data"
	csvType   = "text/csv"
)

// bodyShape is a body as a description has it.
type bodyShape struct {
	media    string // "" is JSON
	t        *schema.Type
	binary   bool // the schema says octets as they are
	encoding map[string]openapi.Encoding
	xml      *openapi.XML
	written  bool            // by us
	answer   bool            // of an answer
	offers   []openapi.Offer // where the document has several media types
}

// spoken returns how bodies of a description are written, and the type that they have. The error says why they cannot be.
func spoken(b bodyShape) (media, *schema.Type, error) {
	if b.media == "" {
		b.media = jsonType
	}
	base, params, err := mime.ParseMediaType(b.media)
	if err != nil {
		return media{}, nil, fmt.Errorf("%q is not a media type", b.media)
	}
	m := media{name: b.media, base: base}
	if m.charset, err = codec.CharsetOf(params["charset"]); err != nil {
		return m, nil, err
	}
	return m.of(b)
}

// of prepares bodies of the media type.
func (m media) of(b bodyShape) (media, *schema.Type, error) {
	base, err := m.base, error(nil)
	switch {
	case base == "*/*" || base == "application/*":
		m.name, m.base, m.whole = jsonType, jsonType, true
		if b.binary {
			m.kind, m.name, m.base = asOctets, octetType, octetType
			return m, octets(b.t), nil
		}
		return m, b.t, nil
	case jsonLike(base):
		if b.binary && b.t.Kind == schema.KindBytes {
			return m, nil, fmt.Errorf("%s has no octets as they are (format: binary): "+
				"write the media type that they have, or format: byte for base64", b.media)
		}
		return m, b.t, nil
	case base == formType:
		m.kind = asForm
		m.form, err = formOf(b.t, b.encoding, m.charset)
		return m, b.t, err
	case strings.HasPrefix(base, "multipart/"):
		return m.ofParts(b)
	case b.binary:
		m.kind = asOctets
		return m, octets(b.t), nil
	case xmlLike(base):
		m.kind = asXML
		m.xml, err = xmlFormOf(b.t, b.xml, b.written, m.charset)
		return m, b.t, err
	case linesLike(base):
		m.kind = asLines
		return m, linesOf(b.t), nil
	case base == csvType && !schema.Single(b.t):
		m.kind, m.t = asRows, b.t
		return m, b.t, rowsOf(b.t)
	case strings.HasPrefix(base, "text/"):
		m.kind = asText
		if b.t.Kind == schema.KindAny {
			return m, schema.TypeText, nil
		}
		if !schema.Single(b.t) {
			return m, nil, fmt.Errorf("%s holds a single value, and its schema is of %s", base, schema.Noun(b.t))
		}
		return m, b.t, nil
	case opaque(base):
		if k := b.t.Kind; k != schema.KindBytes && k != schema.KindAny && k != schema.KindText {
			return m, nil, fmt.Errorf("%s holds octets, and its schema is of %s", base, schema.Noun(b.t))
		}
		if b.t.Kind == schema.KindBytes {
			// OpenAPI 3.0 says base64 (Considerations for File Uploads), and some servers mean it; others, as Spring of byte[], send octets.
			return m, nil, fmt.Errorf("%s holds octets as they are, and its schema is of base64 text (format: byte): write format: binary "+
				"in the document if the server means octets; where it means base64, describe the operation by hand with format: binary, "+
				"and let routes encode it: octets(base64(…))", base)
		}
		m.kind = asOctets
		return m, octets(b.t), nil
	}
	return m, nil, fmt.Errorf("bodies of %s are not supported", base)
}

// partsTypes are the media types of several parts that answers may have: parts of the latter two are told by their names, their Content-ID,
// or their place (RFC 2046 §5.1.3, RFC 2387).
var partsTypes = []string{partsType, "multipart/mixed", "multipart/related"}

// ofParts prepares a body of several parts.
func (m media) ofParts(b bodyShape) (media, *schema.Type, error) {
	m.kind = asParts
	if m.base != partsType && !(b.answer && slices.Contains(partsTypes, m.base)) {
		return m, nil, fmt.Errorf("bodies of %s are not supported", m.base)
	}
	encoding := make(map[string]parts.Encoding, len(b.encoding))
	for name, e := range b.encoding {
		x := parts.Encoding{ContentType: e.ContentType, Styled: e.Styled, Style: e.Style, Explode: e.Explode, Binary: e.Binary}
		if !b.answer { // of an answer they are there to be read, and nobody does
			x.Headers = e.Headers
		}
		encoding[name] = x
	}
	form, err := parts.Of(b.t, encoding)
	if err != nil {
		return m, b.t, err
	}
	m.parts = form
	return m, form.Type(), nil
}

// octets returns the type of octets with the marks and words of another.
func octets(t *schema.Type) *schema.Type {
	return &schema.Type{Kind: schema.KindBytes, Doc: t.Doc, Personal: t.Personal, Secret: t.Secret}
}

// jsonLike reports whether a media type is JSON.
func jsonLike(base string) bool {
	return base == jsonType || base == "text/json" || strings.HasSuffix(base, "+json")
}

func xmlLike(base string) bool {
	return base == "application/xml" || base == "text/xml" || strings.HasSuffix(base, "+xml")
}

// opaque reports whether a media type is of octets that nobody here looks into.
func opaque(base string) bool {
	if slices.Contains([]string{octetType, "application/pdf", "application/zip", "application/gzip", "application/pkcs7-mime"}, base) {
		return true
	}
	for _, family := range []string{"image/", "audio/", "video/", "font/"} {
		if strings.HasPrefix(base, family) {
			return true
		}
	}
	return false
}

// takes reports whether a body that comes with a Content-Type may be one of m, and which kind and charset it has;
// in place of a charset a multipart body has its boundary.
func (m *media) takes(contentType string) (kind wireKind, charset string, ok bool) {
	if contentType == jsonType && m.kind == asJSON {
		return asJSON, "", true
	}
	base, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		// A type that is not said is octets (RFC 9110 §8.3).
		return m.kind, "", contentType == "" && m.kind == asOctets
	}
	charset = params["charset"]
	switch m.kind {
	case asJSON:
		if m.whole && strings.HasPrefix(base, "text/") && base != "text/html" && !jsonLike(base) {
			return asText, charset, true
		}
		return asJSON, charset, jsonLike(base)
	case asForm:
		return asForm, charset, base == formType
	case asXML:
		return asXML, charset, xmlLike(base)
	case asParts:
		return asParts, params["boundary"], base == m.base
	case asText, asRows:
		return m.kind, charset, base == m.base
	case asLines:
		return asLines, charset, linesLike(base)
	}
	if m.base == octetType { // it says nothing of what the octets are; a page in their place is an error's
		return asOctets, "", base != "text/html" && !jsonLike(base)
	}
	return asOctets, "", base == m.base || base == octetType
}

// contentType returns what stands in the header of that name.
func (m *media) contentType() string {
	if (m.kind == asText || m.kind == asRows) && !strings.Contains(m.name, ";") {
		return m.name + "; charset=utf-8"
	}
	return m.name
}
