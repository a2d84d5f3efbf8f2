package mask

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// maxXMLDepth is how deep a document is indented.
const maxXMLDepth = 200

// xml returns a document with a line for each element; prefixes stay as they came. False if it is not well formed.
func (m *Mask) xml(body []byte) (string, bool) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = western
	w := &xmlWriting{m: m}
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) && len(w.open) == 0 && w.any || err == nil && w.b.Len() > 4*MaxBody {
			return strings.TrimPrefix(w.b.String(), "\n"), true
		}
		if err != nil || len(w.open) > maxXMLDepth || !w.token(token) {
			return "", false
		}
	}
}

// western reads the encodings of old systems, each octet a character.
func western(label string, in io.Reader) (io.Reader, error) {
	label = strings.ToLower(label)
	if !strings.HasPrefix(label, "iso-8859-") && !strings.HasPrefix(label, "windows-125") && label != "us-ascii" {
		return nil, errors.New("another encoding")
	}
	octets, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, c := range octets {
		b.WriteRune(rune(c))
	}
	return strings.NewReader(b.String()), nil
}

// xmlWriting is a document on its way to people.
type xmlWriting struct {
	m    *Mask
	b    strings.Builder
	open []xmlOpen
	text strings.Builder // since the last tag
	any  bool
}

type xmlOpen struct {
	name   string // with its prefix
	local  string
	hidden bool
	parent bool // it has elements
}

func (w *xmlWriting) token(token xml.Token) bool {
	switch t := token.(type) {
	case xml.StartElement:
		w.flush()
		if n := len(w.open); n > 0 {
			w.open[n-1].parent = true
		}
		w.any = true
		o := xmlOpen{name: prefixed(t.Name), local: t.Name.Local}
		o.hidden = w.hidden() || w.m.named(o.local)
		w.line()
		w.b.WriteString("<" + o.name)
		for _, a := range t.Attr {
			value := a.Value
			declares := a.Name.Space == "xmlns" || a.Name.Local == "xmlns" && a.Name.Space == ""
			if !declares && (o.hidden && a.Name.Space == "" || w.m.named(a.Name.Local)) {
				value = Hidden
			}
			w.b.WriteString(" " + prefixed(a.Name) + `="` + xmlEscaped(leafText(value)) + `"`)
		}
		w.b.WriteString(">")
		w.open = append(w.open, o)
	case xml.EndElement:
		n := len(w.open) - 1
		if n < 0 || w.open[n].name != prefixed(t.Name) {
			return false
		}
		w.flush()
		o := w.open[n]
		w.open = w.open[:n]
		if o.parent {
			w.line()
		}
		w.b.WriteString("</" + o.name + ">")
	case xml.CharData:
		w.text.Write(t)
	}
	return true
}

func (w *xmlWriting) hidden() bool { return len(w.open) > 0 && w.open[len(w.open)-1].hidden }

func (w *xmlWriting) line() {
	w.b.WriteString("\n" + strings.Repeat("  ", len(w.open)))
}

// flush writes the text since the last tag.
func (w *xmlWriting) flush() {
	text := w.text.String()
	w.text.Reset()
	if strings.TrimSpace(text) == "" || len(w.open) == 0 {
		return
	}
	o := &w.open[len(w.open)-1]
	switch {
	case o.hidden || o.local == "multiRef" && w.m.personal && len(w.m.names) > 0: // a value that its name stands apart from
		text = Hidden
	default:
		text = w.m.embedded(o.local, text)
	}
	w.b.WriteString(text)
}

// embedded returns a text as it stands in a document. A document within it is masked too; one that cannot be read, in a
// field that holds what is hidden, is hidden whole.
func (m *Mask) embedded(name, text string) string {
	inner := []byte(strings.TrimSpace(text))
	if len(inner) == 0 {
		return text
	}
	if decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err == nil && len(decoded) > 0 {
		if t := bytes.TrimSpace(decoded); len(t) > 0 && t[0] == '<' {
			inner = t
		}
	}
	if inner[0] == '<' {
		if shown, ok := m.xml(inner); ok {
			return "<![CDATA[" + shown + "]]>"
		}
	}
	if m.wrapping[name] {
		return Hidden
	}
	return xmlEscaped(leafText(text))
}

func prefixed(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}
