package soap

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"

	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform/codec"
)

const (
	xopMedia    = "application/xop+xml" // XOP (W3C, 2005)
	maxAttached = 1000                  // parts of a message
)

// pack puts an envelope and its parts into one multipart/related body (RFC 2387), and returns its Content-Type.
func pack(w *xsd.Writing, envelope []byte, v *version, action string) (body []byte, contentType string) {
	var random [16]byte
	_, _ = rand.Read(random[:])
	boundary := "uuid-" + hex.EncodeToString(random[:])
	media, _, _ := strings.Cut(v.media, ";")
	rootType, outer := v.media, media
	if w.MTOM {
		rootType = xopMedia + `; charset=UTF-8; type="` + media + `"`
		outer = xopMedia
	}
	size := len(envelope) + 1024
	for _, p := range w.Parts {
		size += len(p.Octets) + 256
	}
	b := bytes.NewBuffer(make([]byte, 0, size))
	m := multipart.NewWriter(b)
	_ = m.SetBoundary(boundary)
	root, _ := m.CreatePart(textproto.MIMEHeader{
		"Content-Type": {rootType}, "Content-Transfer-Encoding": {"binary"},
		"Content-Id": {"<root@fondaco>"},
	})
	_, _ = root.Write(envelope)
	for _, p := range w.Parts {
		x, _ := m.CreatePart(textproto.MIMEHeader{
			"Content-Type": {"application/octet-stream"}, "Content-Transfer-Encoding": {"binary"},
			"Content-Id": {"<" + p.ID + ">"},
		})
		_, _ = x.Write(p.Octets)
	}
	_ = m.Close()
	contentType = `multipart/related; boundary="` + boundary + `"; type="` + outer + `"; start="<root@fondaco>"`
	if w.MTOM {
		contentType += `; start-info="` + media + `"`
	}
	if action != "" {
		contentType += `; action="` + action + `"`
	}
	return b.Bytes(), contentType
}

var (
	errMedia     = errors.New("the message is not SOAP by its Content-Type")
	errMultipart = errors.New("the message's parts cannot be separated")
)

// received is a message as it came: its envelope, and what is attached by Content-ID.
type received struct {
	media    string // of the envelope
	envelope []byte
	parts    map[string][]byte
	order    []string // the Content-IDs, but the envelope's

	overridden int // declarations that say another encoding than the message has
	tolerated  int // what else was not right, and let pass
}

// unpack takes a message apart by its Content-Type; its envelope is in UTF-8 then. data is not copied where it is one part
// alone, and UTF-8. Where that is tolerated, "" is the media type that a message of another label is taken for.
func unpack(contentType string, data []byte, tolerated string) (*received, error) {
	for _, v := range versions { // as most say it
		if contentType == v.media {
			return (&received{media: v.plain(), envelope: data}).inUTF8("utf-8", tolerated != "")
		}
	}
	media, params, err := mediaType(contentType)
	switch {
	case err != nil && tolerated == "":
		return nil, errMedia
	case err == nil && media == "multipart/related":
		return unpackParts(params, data, tolerated != "")
	case err == nil && envelopeMedia(media):
		return (&received{media: media, envelope: data}).inUTF8(params["charset"], tolerated != "")
	case tolerated == "" || media != "" && !mislabelled[media]:
		return nil, errMedia
	}
	return (&received{media: tolerated, envelope: data, tolerated: 1}).inUTF8(params["charset"], true)
}

// mislabelled are the media types under which servers send envelopes that say so by nothing else.
var mislabelled = map[string]bool{
	"text/html": true, "text/plain": true, "application/octet-stream": true, "application/xhtml+xml": true, "application/soap": true,
}

// envelopeMedia reports whether envelopes come as a media type.
func envelopeMedia(media string) bool {
	return media == "text/xml" || media == "application/soap+xml" || media == "application/xml"
}

// inUTF8 puts the envelope into UTF-8, and counts a declaration that says another encoding. Where that is tolerated, an envelope that is
// not of its encoding, or that begins with a blank line, is read and counted.
func (in *received) inUTF8(charset string, tolerant bool) (*received, error) {
	if tolerant {
		if text, mended := codec.MendedXML(in.envelope, charset); mended {
			in.envelope, charset = text, "utf-8"
			in.tolerated++
		}
	}
	text, overridden, err := codec.XMLUTF8(in.envelope, charset)
	if err != nil {
		return nil, err
	}
	if in.envelope = text; overridden {
		in.overridden = 1
	}
	return in, nil
}

// unpackParts is unpack for a message of several parts.
func unpackParts(params map[string]string, data []byte, tolerant bool) (*received, error) {
	in := &received{parts: map[string][]byte{}}
	root, charset := "", "" // of the envelope's part: the Content-ID and the charset
	start := strings.Trim(params["start"], "<>")
	r := multipart.NewReader(bytes.NewReader(data), params["boundary"])
	for n := 0; ; n++ {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) && n > 0 {
			break
		}
		if err != nil || n > maxAttached {
			return nil, errMultipart
		}
		octets, err := decoded(p)
		if err != nil {
			return nil, errMultipart
		}
		if twice(p.Header) {
			return nil, errMultipart
		}
		id := strings.Trim(p.Header.Get("Content-ID"), "<> ")
		if in.envelope == nil && (start == "" && n == 0 || start != "" && id == start) {
			if in.media, charset, err = rootMedia(p.Header.Get("Content-Type")); err != nil {
				return nil, err
			}
			in.envelope, root = octets, id
			continue
		}
		if id == "" {
			continue
		}
		if _, again := in.parts[id]; again || in.envelope != nil && id == root {
			return nil, errMultipart // RFC 2045 §7: what reads the first and what reads the last would disagree
		}
		in.parts[id] = octets
		in.order = append(in.order, id)
	}
	if in.envelope == nil {
		return nil, errMultipart
	}
	return in.inUTF8(charset, tolerant)
}

// twice reports whether a part's head says something again that may be said once.
func twice(h textproto.MIMEHeader) bool {
	return len(h["Content-Id"]) > 1 || len(h["Content-Type"]) > 1 || len(h["Content-Transfer-Encoding"]) > 1
}

// decoded reads a part's octets, out of the encoding that it travelled in.
func decoded(p *multipart.Part) ([]byte, error) {
	data, err := io.ReadAll(p)
	if err != nil {
		return nil, err
	}
	switch strings.ToLower(p.Header.Get("Content-Transfer-Encoding")) {
	case "", "binary", "8bit", "7bit":
		return data, nil
	case "base64":
		v, err := xsd.ParseBase64(xsd.Collapse(string(data)))
		return schema.Octets(v), err
	case "quoted-printable":
		return io.ReadAll(quotedprintable.NewReader(bytes.NewReader(data)))
	}
	return nil, errMultipart
}

// rootMedia returns the media type of the envelope in a multipart message, and its charset.
func rootMedia(contentType string) (media, charset string, err error) {
	media, params, err := mediaType(contentType)
	charset = params["charset"]
	if err == nil && media == xopMedia {
		media, _, err = mediaType(params["type"])
	}
	if err != nil || !envelopeMedia(media) {
		return "", "", errMedia
	}
	return media, charset, nil
}

// attachment returns the attachment of a part: the one whose Content-ID says its name, else the one at its place.
func (in *received) attachment(name string, place int) ([]byte, bool) {
	for _, id := range in.order {
		if before, _, ok := strings.Cut(id, "="); ok && before == name {
			return in.parts[id], true
		}
	}
	if place < len(in.order) {
		return in.parts[in.order[place]], true
	}
	return nil, false
}
