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
	"net/url"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// The words of attachments: XOP (W3C, 2005), MTOM, and swaRef of WS-I's Attachments Profile 1.0.
const (
	xopSpace    = "http://www.w3.org/2004/08/xop/include"
	xopMedia    = "application/xop+xml"
	swaSpace    = "http://ws-i.org/profiles/basic/1.1/xsd"
	maxAttached = 1000 // parts of a message
)

// inPlace is how many octets stand in the envelope as base64 even where they may be attached.
const inPlace = 768

// writing is what goes with an envelope while it is written. It serves one message.
type writing struct {
	mtom   bool // octets are sent beside the envelope
	parts  []part
	limit  int // bytes of the envelope and what is attached; 0 is codec.DefaultLimit
	beside int // bytes attached so far
}

// room returns a *codec.LimitError if there is no room for v after dst. Scalars and lists of them count with what they
// will take, records with nothing: their fields are looked at one by one.
func (w *writing) room(dst []byte, v schema.Value) error {
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
func (w *writing) most() int {
	if w.limit == 0 {
		return codec.DefaultLimit
	}
	return w.limit
}

// part is a MIME part beside the envelope.
type part struct {
	id     string // Content-ID without its angle brackets
	octets []byte
}

// takes reports whether a value goes beside the envelope.
func (w *writing) takes(l *lexical, v schema.Value) bool {
	if w == nil || v.Kind() != schema.KindBytes {
		return false
	}
	return l.form == formReference || w.mtom && l.form == formBase64 && len(schema.Base64(v)) > inPlace
}

// include attaches a value and appends what refers to it.
func (w *writing) include(dst []byte, l *lexical, v schema.Value) []byte {
	id := w.attach(contentID(""), schema.Octets(v))
	if l.form == formReference {
		return append(append(dst, "cid:"...), id...)
	}
	dst = append(dst, `<xop:Include xmlns:xop="`+xopSpace+`" href="cid:`...)
	return append(append(dst, id...), `"/>`...)
}

func (w *writing) attach(id string, octets []byte) string {
	w.parts = append(w.parts, part{id, octets})
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

// pack puts an envelope and its parts into one multipart/related body (RFC 2387), and gives its Content-Type. media is
// the envelope's own.
func (w *writing) pack(envelope []byte, v *version, action string) (body []byte, contentType string) {
	var random [16]byte
	_, _ = rand.Read(random[:])
	boundary := "uuid-" + hex.EncodeToString(random[:])
	media, _, _ := strings.Cut(v.media, ";")
	rootType, outer := v.media, media
	if w.mtom {
		rootType = xopMedia + `; charset=UTF-8; type="` + media + `"`
		outer = xopMedia
	}
	size := len(envelope) + 1024
	for _, p := range w.parts {
		size += len(p.octets) + 256
	}
	b := bytes.NewBuffer(make([]byte, 0, size))
	m := multipart.NewWriter(b)
	_ = m.SetBoundary(boundary)
	root, _ := m.CreatePart(textproto.MIMEHeader{"Content-Type": {rootType}, "Content-Transfer-Encoding": {"binary"}, "Content-Id": {"<root@fondaco>"}})
	_, _ = root.Write(envelope)
	for _, p := range w.parts {
		x, _ := m.CreatePart(textproto.MIMEHeader{"Content-Type": {"application/octet-stream"}, "Content-Transfer-Encoding": {"binary"}, "Content-Id": {"<" + p.id + ">"}})
		_, _ = x.Write(p.octets)
	}
	_ = m.Close()
	contentType = `multipart/related; boundary="` + boundary + `"; type="` + outer + `"; start="<root@fondaco>"`
	if w.mtom {
		contentType += `; start-info="` + media + `"`
	}
	if action != "" {
		contentType += `; action="` + action + `"`
	}
	return b.Bytes(), contentType
}

var (
	errMedia      = errors.New("the message is no SOAP by its Content-Type")
	errMultipart  = errors.New("the message's parts cannot be separated")
	errAttachment = errors.New("an attachment that came with the message")
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
			return (&received{media: v.plain(), envelope: data}).inUTF8("utf-8")
		}
	}
	media, params, err := mediaType(contentType)
	switch {
	case err != nil && tolerated == "":
		return nil, errMedia
	case err == nil && media == "multipart/related":
		return unpackParts(params, data)
	case err == nil && envelopeMedia(media):
		return (&received{media: media, envelope: data}).inUTF8(params["charset"])
	case tolerated == "" || media != "" && !mislabelled[media]:
		return nil, errMedia
	}
	return (&received{media: tolerated, envelope: data, tolerated: 1}).inUTF8(params["charset"])
}

// mislabelled are the media types under which servers send envelopes that say so by nothing else.
var mislabelled = map[string]bool{
	"text/html": true, "text/plain": true, "application/octet-stream": true, "application/xhtml+xml": true, "application/soap": true,
}

// envelopeMedia reports whether envelopes come as a media type.
func envelopeMedia(media string) bool {
	return media == "text/xml" || media == "application/soap+xml" || media == "application/xml"
}

// inUTF8 puts the envelope into UTF-8, and counts a declaration that says another encoding.
func (in *received) inUTF8(charset string) (*received, error) {
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
func unpackParts(params map[string]string, data []byte) (*received, error) {
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
	return in.inUTF8(charset)
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
		v, err := octets(collapse(string(data)))
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

// referred returns the attachment that a cid: address names (RFC 2392); no other kind of address is ever followed.
func (r *reading) referred(address string) (schema.Value, error) {
	id, ok := strings.CutPrefix(collapse(address), "cid:")
	if !ok {
		return schema.Value{}, violation("type", errAttachment.Error(), "")
	}
	octets, ok := r.parts[id]
	if !ok {
		if plain, err := url.PathUnescape(id); err == nil {
			octets, ok = r.parts[plain]
		}
	}
	if !ok {
		return schema.Value{}, violation("type", errAttachment.Error(), "nothing of that name")
	}
	return schema.Bytes(octets), nil
}

// included reads an element of octets, which may hold xop:Include in their place.
func (r *reading) included(l *lexical) (schema.Value, error) {
	var v schema.Value
	text := ""
	err := r.pieces(&text, func() error {
		space, local := r.s.Name()
		if space != xopSpace || local != "Include" || !v.IsAbsent() {
			return violation("type", "octets", "an element")
		}
		address := ""
		for _, a := range r.s.Attrs() {
			if a.Space == "" && a.Local == "href" {
				address = a.Value
			}
		}
		var err error
		if v, err = r.referred(address); err != nil {
			return err
		}
		return r.s.Skip()
	})
	switch {
	case err != nil:
		return v, err
	case v.IsAbsent() && strings.HasPrefix(collapse(text), "cid:"):
		return r.referred(text) // as old services with attachments write it
	case v.IsAbsent():
		return l.value(text)
	case collapse(text) != "":
		return v, violation("type", "octets, attached or in base64", "both")
	}
	return v, nil
}
