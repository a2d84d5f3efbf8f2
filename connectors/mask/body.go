package mask

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Limits of what is shown.
const (
	MaxBody = 64 << 10 // bytes of a body, after it is indented
	maxLeaf = 4 << 10  // bytes of one text in it
)

// Body returns a body for people to read: XML and JSON indented, forms a pair a line, octets by their number. A body that
// is none of these, of a system that has personal data, is only told by its size: nobody knows what is in it.
func (m *Mask) Body(media string, body []byte) string {
	if len(bytes.TrimSpace(body)) == 0 {
		return ""
	}
	shown := m.Text(m.body(media, body, 0))
	if len(shown) > MaxBody {
		end := MaxBody
		for end > 0 && !utf8.RuneStart(shown[end]) {
			end--
		}
		shown = shown[:end] + fmt.Sprintf("\n... (%d of %d bytes are shown)", end, len(shown))
	}
	return shown
}

func (m *Mask) body(media string, body []byte, depth int) string {
	kind, params, _ := mime.ParseMediaType(media)
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" && depth < 4 {
		return m.parts(body, params["boundary"], depth)
	}
	if kind == "application/x-www-form-urlencoded" {
		return m.form(string(body))
	}
	if shown, ok := m.document(body); ok {
		return shown
	}
	switch {
	case !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0:
		return fmt.Sprintf("(%d octets)", len(body))
	case len(m.names)+len(m.wrapping) > 0 && m.personal:
		return fmt.Sprintf("(%d bytes of %s: neither XML nor JSON, so personal data could not be recognized)", len(body), orNothing(kind))
	}
	return string(body)
}

func orNothing(media string) string {
	if media == "" {
		return "no media type"
	}
	return media
}

// document returns XML or JSON indented and masked; false if the text is neither.
func (m *Mask) document(body []byte) (string, bool) {
	text := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(text) == 0 {
		return "", false
	}
	switch text[0] {
	case '<':
		return m.xml(text)
	case '{', '[', '"':
		return m.json(text)
	}
	return "", false
}

// parts returns the parts of a multipart body one after another.
func (m *Mask) parts(body []byte, boundary string, depth int) string {
	var b strings.Builder
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := r.NextRawPart()
		if err != nil {
			if err != io.EOF { //nolint:errorlint // the reader returns it as it is
				fmt.Fprintf(&b, "(the rest is not a multipart body)\n")
			}
			return strings.TrimSuffix(b.String(), "\n")
		}
		for _, h := range m.Header(map[string][]string(part.Header)) {
			fmt.Fprintf(&b, "-- %s: %s\n", h[0], h[1])
		}
		content, err := io.ReadAll(part)
		if err != nil {
			fmt.Fprintf(&b, "(a part that ends too early)\n")
			continue
		}
		fmt.Fprintf(&b, "%s\n", m.field(part, content, depth))
	}
}

// field returns one part of a multipart body: of a form's, by the name of the field.
func (m *Mask) field(part *multipart.Part, content []byte, depth int) string {
	media := part.Header.Get("Content-Type")
	switch name := part.FormName(); {
	case name != "" && m.part(name):
		return Hidden
	case name != "" && media == "" && part.FileName() == "" && utf8.Valid(content):
		if shown, ok := m.document(content); ok {
			return shown
		}
		return leafText(string(content))
	}
	return m.body(media, content, depth+1)
}

// form returns the pairs of a form, a line each.
func (m *Mask) form(body string) string {
	var lines []string
	for pair := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if plain, err := url.QueryUnescape(value); err == nil {
			value = plain
		}
		if m.part(name) {
			value = Hidden
		} else if shown, ok := m.document([]byte(value)); ok { // an object within the form
			value = shown
		}
		lines = append(lines, name+"="+value)
	}
	return strings.Join(lines, "\n")
}

// leafText returns one text of a document: shortened if it is long.
func leafText(s string) string {
	if len(s) <= maxLeaf {
		return s
	}
	end := 200
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + fmt.Sprintf("... (%d bytes)", len(s))
}
