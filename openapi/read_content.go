package openapi

import (
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
}

// content chooses the media type that is spoken: JSON if it is offered, then forms, text and octets, otherwise the first.
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
	media := chosen.Value
	if target, _ := r.follow(media); target != nil {
		media = target
	}
	c := content{t: r.read(media.Get("schema")), media: chosen.Key.Value, binary: r.binary(media.Get("schema"))}
	if c.t == nil {
		c.t = schema.TypeAny
	}
	if plain(c.media) == formMedia {
		c.encoding = r.encoding(media)
	}
	return c
}

// rank orders media types: the lowest is spoken. A JSON Patch is a list of changes (RFC 6902): beside another JSON it is
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
	case media == "text/plain":
		return 5
	case media == "application/octet-stream" || r.binary(e.Value.Get("schema")):
		return 6
	case strings.HasPrefix(media, "text/"):
		return 7
	}
	return 8
}

// plain gives a media type without its parameters, in small letters.
func plain(media string) string {
	media, _, _ = strings.Cut(strings.ToLower(media), ";")
	return strings.TrimSpace(media)
}

// binary reports whether a schema is of octets as they are, and not of base64 text.
func (r *reader) binary(n *config.Node) bool {
	if n == nil {
		return false
	}
	n, _ = r.follow(n)
	return n != nil && (said(n, "format") == "binary" || said(n, "type") == "file")
}

// encoding reads how the fields of a form are written.
func (r *reader) encoding(media *config.Node) map[string]Encoding {
	all := map[string]Encoding{}
	if s, _ := r.follow(media.Get("schema")); s != nil {
		for _, e := range entries(s.Get("properties")) {
			if r.binary(e.Value) {
				all[e.Key.Value] = Encoding{Binary: true}
			}
		}
	}
	for _, e := range entries(media.Get("encoding")) {
		x := all[e.Key.Value]
		x.ContentType, x.Style, x.AllowReserved = said(e.Value, "contentType"), said(e.Value, "style"), said(e.Value, "allowReserved") == "true"
		explode := said(e.Value, "explode")
		x.Styled = x.Style != "" || explode != "" || said(e.Value, "allowReserved") != ""
		x.Explode = explode == "true" || explode == "" && (x.Style == "" || x.Style == "form")
		all[e.Key.Value] = x
	}
	return all
}
