package openapi

import (
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/schema"
)

// content is what was chosen of a content object; the zero value if it offers nothing.
type content struct {
	t        *schema.Type // any where the media type has no schema
	media    string
	binary   bool // the schema is of octets as they are
	encoding map[string]Encoding
	xml      *XML // of a media type that is XML
	examples []Example
}

// content chooses the media type that is supported: JSON if it is offered, then forms of both kinds, text, octets and XML, otherwise
// the first.
func (r *reader) content(n *config.Node) content {
	list := entries(n)
	if len(list) == 0 {
		return content{}
	}
	chosen, best := list[0], r.rank(list[0])
	for _, e := range list[1:] {
		if at := r.rank(e); at < best {
			chosen, best = e, at
		}
	}
	return r.offered(chosen)
}

// offered reads what one of the media types of a content object has.
func (r *reader) offered(chosen config.Entry) content {
	offered := chosen.Value
	if target, _ := r.follow(offered); target != nil {
		offered = target
	}
	c := content{t: r.read(offered.Get("schema")), media: chosen.Key.Value, examples: r.examples(offered)}
	c.binary = r.binary(offered.Get("schema")) || r.onlyCalledBase64(c.media, offered.Get("schema"))
	if c.t == nil {
		c.t = schema.TypeAny
	}
	if media := plain(c.media); media == formMedia || strings.HasPrefix(media, "multipart/") {
		c.encoding = r.encoding(offered)
	}
	if isXML(c.media) {
		c.xml = r.xml(offered.Get("schema"))
	}
	return c
}

// rank orders media types: the lowest is chosen. A JSON Patch is a list of changes (RFC 6902): beside another JSON it is
// what callers mean least.
func (r *reader) rank(e config.Entry) int {
	media := plain(e.Key.Value)
	switch {
	case media == jsonMedia:
		return 0
	case media == "application/json-patch+json":
		return 2
	case strings.HasSuffix(media, "+json"):
		return 1
	case isJSON(media):
		return 3
	case media == formMedia:
		return 4
	case media == multipartMedia:
		return 5
	case media == "text/plain":
		return 6
	case media == "application/octet-stream" || r.binary(e.Value.Get("schema")):
		return 7
	case isXML(media):
		return 8
	case strings.HasPrefix(media, "text/"):
		return 9
	}
	return 10
}

// plain returns a media type without its parameters, in small letters.
func plain(media string) string {
	media, _, _ = strings.Cut(strings.ToLower(media), ";")
	return strings.TrimSpace(media)
}

// binary reports whether a schema is of octets as they are, and not of base64 text: format: binary, or as OpenAPI 3.1 has it
// a text whose contentMediaType is no text.
func (r *reader) binary(n *config.Node) bool { return r.holds(n, 0, octetsNode) }

func octetsNode(n *config.Node) bool {
	if said(n, "format") == "binary" || said(n, "type") == "file" {
		return true
	}
	media, t := plain(said(n, "contentMediaType")), said(n, "type")
	return media != "" && (t == "string" || t == "") && said(n, "contentEncoding") == "" && !isJSON(media) &&
		!strings.HasSuffix(media, "+json") && !strings.HasPrefix(media, "text/") && !strings.HasSuffix(media, "xml")
}

// onlyCalledBase64 reports whether a body of octets has a schema of format: byte in OpenAPI 3.1, where contentEncoding alone says base64:
// so does springdoc describe a byte[], which stands on the wire as it is. In OpenAPI 3.0 that format is base64 on the wire.
func (r *reader) onlyCalledBase64(media string, n *config.Node) bool {
	media = plain(media)
	if !hasVersion(r.doc.Version, "3.1") || media != "*/*" && isJSON(media) || media == formMedia || isXML(media) ||
		strings.HasPrefix(media, "multipart/") || strings.HasPrefix(media, "text/") {
		return false
	}
	return r.holds(n, 0, func(x *config.Node) bool { return said(x, "format") == "byte" && said(x, "contentEncoding") == "" })
}

// holds reports whether is holds of a schema, of a part of its allOf, or of the one schema that stands beside null in its anyOf or
// oneOf, as FastAPI writes what may be absent.
func (r *reader) holds(n *config.Node, depth int, is func(*config.Node) bool) bool {
	if n == nil || depth > maxNested {
		return false
	}
	if n, _ = r.follow(n); n == nil {
		return false
	}
	within := func(x *config.Node) bool { return r.holds(x, depth+1, is) }
	if is(n) || slices.ContainsFunc(items(n.Get("allOf")), within) {
		return true
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		variants := slices.DeleteFunc(slices.Clone(items(n.Get(word))), func(x *config.Node) bool { return said(x, "type") == "null" })
		if len(variants) == 1 && within(variants[0]) {
			return true
		}
	}
	return false
}

// maxNested is how deep allOf, anyOf and oneOf are looked into for what is said of a field.
const maxNested = 20

// encoding reads how the fields of a form are written.
func (r *reader) encoding(media *config.Node) map[string]Encoding {
	all := map[string]Encoding{}
	r.holds(media.Get("schema"), 0, func(s *config.Node) bool {
		for _, e := range entries(s.Get("properties")) {
			if r.binary(e.Value) || r.holds(e.Value, 0, func(field *config.Node) bool { return r.binary(field.Get("items")) }) {
				all[e.Key.Value] = Encoding{Binary: true}
			}
		}
		return false
	})
	for _, e := range entries(media.Get("encoding")) {
		x := all[e.Key.Value]
		x.ContentType, x.Style, x.AllowReserved = said(e.Value, "contentType"), said(e.Value, "style"), said(e.Value, "allowReserved") == "true"
		explode := said(e.Value, "explode")
		x.Styled = x.Style != "" || explode != "" || said(e.Value, "allowReserved") != ""
		x.Explode = explode == "true" || explode == "" && (x.Style == "" || x.Style == "form")
		for _, h := range entries(e.Value.Get("headers")) {
			if header, _ := r.follow(h.Value); header != nil && said(header, "required") == "true" {
				x.Headers = append(x.Headers, h.Key.Value)
			}
		}
		all[e.Key.Value] = x
	}
	return all
}
