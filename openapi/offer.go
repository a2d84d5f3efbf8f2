package openapi

import (
	"strings"

	"fondaco/config"
	"fondaco/schema"
)

// Offer is one of several media types that a document has for one body. It is read when it is asked for, and not safe for concurrent use.
type Offer struct {
	Media string // as the document writes it

	read func() content
}

// Read returns the body of the offer, as an answer has it. Problems go to the list of the document's Read.
func (o *Offer) Read() Response {
	c := o.read()
	if c.t == nil {
		c.t = schema.TypeAny
	}
	return Response{Body: c.t, ContentType: o.Media, Binary: c.binary, Encoding: c.encoding, XML: c.xml}
}

// Offered returns the offer of a media type, whatever its parameters are if none has the same ones; nil if there is none.
func Offered(offers []Offer, media string) *Offer {
	for i := range offers {
		if strings.EqualFold(offers[i].Media, media) {
			return &offers[i]
		}
	}
	for i := range offers {
		if plain(offers[i].Media) == plain(media) {
			return &offers[i]
		}
	}
	return nil
}

// offers returns the media types of a content object, of those who call the API; nil of one alone. answer says that the system sends them.
func (r *reader) offers(n *config.Node, answer bool) (all []Offer) {
	list := entries(n)
	if !r.client || len(list) < 2 {
		return nil
	}
	for _, e := range list {
		all = append(all, Offer{Media: e.Key.Value, read: func() content { return r.late(r.offered(e), answer) }})
	}
	return all
}

// listed returns the media types that an operation of Swagger 2, or its whole document, lists for a body, likewise.
func (r *reader) listed(op *config.Node, name string, whole, body *config.Node, answer bool) (all []Offer) {
	list := items(op.Get(name))
	if list == nil {
		list = items(whole)
	}
	if !r.client || len(list) < 2 {
		return nil
	}
	for _, m := range list {
		media := m.Text.Value
		all = append(all, Offer{Media: media, read: func() content {
			c := content{t: r.read(body), media: media, binary: r.binary(body)}
			if isXML(media) {
				c.xml = r.xml(body)
			}
			return r.late(c, answer)
		}})
	}
	return all
}

// late ends the reading of what was read after the document.
func (r *reader) late(c content, answer bool) content {
	if r.finish(); answer {
		var claims schema.Claims
		c.t = claims.Of(c.t)
	}
	return c
}
