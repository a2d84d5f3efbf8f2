package message

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"path"
	"strings"
)

// part is a part of a message, decoded.
type part struct {
	header
	kind   string // the media type, in small letters
	params map[string]string
	body   []byte // as it stands on the wire
	inner  []*part
}

// Bounds of what is nested.
const (
	mostDepth = 20
	mostParts = 1000
)

var errParts = errors.New("the message has parts in parts more than 20 deep, or more than 1000 of them")

// walker reads parts, and counts them.
type walker struct{ parts int }

// read reads a part and those within it.
func (w *walker) read(raw []byte, otherwise string, depth int) (*part, error) {
	if w.parts++; w.parts > mostParts || depth > mostDepth {
		return nil, errParts
	}
	h, body, err := split(raw)
	if err != nil {
		return nil, err
	}
	p := &part{header: h, body: body, kind: otherwise, params: map[string]string{}}
	if said := h.get("Content-Type"); said != "" {
		p.kind, p.params = mediaType(said, otherwise)
	}
	if !strings.HasPrefix(p.kind, "multipart/") {
		return p, nil
	}
	boundary := p.params["boundary"]
	if boundary == "" {
		p.kind = "text/plain" // there is nothing else to be made of it
		return p, nil
	}
	within := "text/plain"
	if p.kind == "multipart/digest" {
		within = "message/rfc822"
	}
	for _, piece := range pieces(body, boundary) {
		inner, err := w.read(piece, within, depth+1)
		if err != nil {
			return nil, err
		}
		p.inner = append(p.inner, inner)
	}
	return p, nil
}

// mediaType reads a media type, as far as it can be read.
func mediaType(said, otherwise string) (kind string, params map[string]string) {
	kind, params, err := mime.ParseMediaType(said)
	if err != nil {
		kind, _, _ = strings.Cut(said, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
		params = map[string]string{}
		if i := strings.Index(strings.ToLower(said), "boundary="); i >= 0 {
			value, _, _ := strings.Cut(said[i+len("boundary="):], ";")
			params["boundary"] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	if !strings.Contains(kind, "/") || line(kind) != kind || len(kind) > 127 {
		return otherwise, params
	}
	return kind, params
}

// pieces takes the parts of a multipart apart. A line is a boundary only if it is that and blanks: that of a part within, which may begin
// in the same way, is not.
func pieces(body []byte, boundary string) (all [][]byte) {
	open, end := []byte("--"+boundary), []byte("--"+boundary+"--")
	begin := -1
	for at := 0; at < len(body); {
		next := len(body)
		if i := bytes.IndexByte(body[at:], '\n'); i >= 0 {
			next = at + i + 1
		}
		line := bytes.TrimRight(body[at:next], " \t\r\n")
		closes := bytes.Equal(line, end)
		if closes || bytes.Equal(line, open) {
			if begin >= 0 {
				all = append(all, ended(body[begin:at]))
			}
			if closes {
				return all
			}
			begin = next
		}
		at = next
	}
	if begin >= 0 { // it was cut off
		all = append(all, body[begin:])
	}
	return all
}

// ended returns a part without the line break before its boundary, which is the boundary's.
func ended(b []byte) []byte { return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r")) }

// octets decodes the body, as far as it goes.
func (p *part) octets() []byte {
	switch strings.ToLower(p.get("Content-Transfer-Encoding")) {
	case "base64":
		return unbase64(p.body)
	case "quoted-printable":
		out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(p.body)))
		if err != nil {
			return p.body
		}
		return out
	}
	return p.body
}

// text decodes the body as text, with line feeds alone.
func (p *part) text() string {
	return strings.ReplaceAll(text(p.octets(), p.params["charset"]), "\r\n", "\n")
}

// attached reports whether a part is a file, and returns its name; "" if it has none.
func (p *part) attached() (name string, is bool) {
	disposition, params := "", map[string]string{}
	if said := p.get("Content-Disposition"); said != "" {
		var err error
		if disposition, params, err = mime.ParseMediaType(said); err != nil {
			disposition, _, _ = strings.Cut(said, ";")
			disposition = strings.ToLower(strings.TrimSpace(disposition))
		}
	}
	for _, name = range []string{params["filename"], p.params["name"]} {
		if name != "" {
			break
		}
	}
	name = words(name)
	name = path.Base(strings.ReplaceAll(name, `\`, "/")) // no folder of somebody else's machine
	if name == "." || name == "/" || name == ".." {
		name = ""
	}
	if len(name) > 255 {
		name = strings.ToValidUTF8(name[:255], "")
	}
	text := p.kind == "text/plain" || p.kind == "text/html"
	return name, disposition == "attachment" || name != "" || !text
}
