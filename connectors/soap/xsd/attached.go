package xsd

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// The words of attachments: XOP (W3C, 2005), MTOM, and swaRef of WS-I's Attachments Profile 1.0.
const (
	xopSpace = "http://www.w3.org/2004/08/xop/include"
	swaSpace = "http://ws-i.org/profiles/basic/1.1/xsd"
)

// inPlace is how many octets stand in the envelope as base64 even where they may be attached.
const inPlace = 768

// Writing is what goes with an envelope while it is written, and how large it may become. It serves one message. Not safe for concurrent
// use.
type Writing struct {
	MTOM   bool // octets are sent beside the envelope
	Parts  []Attachment
	Limit  int // bytes of the envelope and what is attached; 0 is codec.DefaultLimit
	beside int // bytes attached so far
}

// Room returns a *codec.LimitError if there is no room for v after dst. Scalars and lists of them count with what they
// will take, records with nothing: their fields are looked at one by one.
func (w *Writing) Room(dst []byte, v schema.Value) error {
	n := len(dst) + w.beside
	switch k := v.Kind(); {
	case k.Textual() || k == schema.KindBytes:
		n += v.Len()
	case k == schema.KindList:
		for _, x := range v.Items() {
			if n++; x.HasText() || x.Kind() == schema.KindBytes {
				n += x.Len()
			}
		}
	}
	if n > w.most() {
		return &codec.LimitError{Limit: w.most()}
	}
	return nil
}

// most returns how many bytes may be written.
func (w *Writing) most() int {
	if w.Limit == 0 {
		return codec.DefaultLimit
	}
	return w.Limit
}

// Attachment is a MIME part beside the envelope.
type Attachment struct {
	ID     string // Content-ID without its angle brackets
	Octets []byte
}

// takes reports whether a value goes beside the envelope.
func (w *Writing) takes(l *lexical, v schema.Value) bool {
	if w == nil || v.Kind() != schema.KindBytes {
		return false
	}
	return l.form == formReference || w.MTOM && l.form == formBase64 && len(schema.Base64(v)) > inPlace
}

// include attaches a value and appends what refers to it.
func (w *Writing) include(dst []byte, l *lexical, v schema.Value) []byte {
	id := w.Attach("", schema.Octets(v))
	if l.form == formReference {
		return append(append(dst, "cid:"...), id...)
	}
	dst = append(dst, `<xop:Include xmlns:xop="`+xopSpace+`" href="cid:`...)
	return append(append(dst, id...), `"/>`...)
}

// Attach puts octets beside the envelope, under a Content-ID that begins with name, and returns that.
func (w *Writing) Attach(name string, octets []byte) string {
	id := contentID(name)
	w.Parts = append(w.Parts, Attachment{id, octets})
	w.beside += len(octets)
	return id
}

// contentID makes a Content-ID; the part's name stands before the rest, as the Attachments Profile says (3.8).
func contentID(name string) string {
	var random [12]byte
	_, _ = rand.Read(random[:])
	id := hex.EncodeToString(random[:]) + "@fondaco"
	if name != "" {
		id = url.PathEscape(name) + "=" + id
	}
	return id
}

var errAttachment = errors.New("an attachment that came with the message")

// referred returns the attachment that a cid: address names (RFC 2392); no other kind of address is ever followed.
func (r *Reading) referred(address string) (schema.Value, error) {
	id, ok := strings.CutPrefix(Collapse(address), "cid:")
	if !ok {
		return schema.Value{}, Violation("type", errAttachment.Error(), "")
	}
	octets, ok := r.Parts[id]
	if !ok {
		if plain, err := url.PathUnescape(id); err == nil {
			octets, ok = r.Parts[plain]
		}
	}
	if !ok {
		return schema.Value{}, Violation("type", errAttachment.Error(), "nothing of that name")
	}
	return schema.Bytes(octets), nil
}

// included reads an element of octets, which may hold xop:Include in their place.
func (r *Reading) included(l *lexical) (schema.Value, error) {
	var v schema.Value
	text := ""
	err := r.pieces(&text, func() error {
		space, local := r.Scanner.Name()
		if space != xopSpace || local != "Include" || !v.IsAbsent() {
			return Violation("type", "octets", "an element")
		}
		address := ""
		for _, a := range r.Scanner.Attrs() {
			if a.Space == "" && a.Local == "href" {
				address = a.Value
			}
		}
		var err error
		if v, err = r.referred(address); err != nil {
			return err
		}
		return r.Scanner.Skip()
	})
	switch {
	case err != nil:
		return v, err
	case v.IsAbsent() && strings.HasPrefix(Collapse(text), "cid:"):
		return r.referred(text) // as old services with attachments write it
	case v.IsAbsent():
		return l.value(text)
	case Collapse(text) != "":
		return v, Violation("type", "octets, attached or in base64", "both")
	}
	return v, nil
}
