package mask

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"fondaco/transform/codec"
)

// json returns a document indented, its fields in their order; false if it is no JSON.
func (m *Mask) json(body []byte) (string, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	w := &jsonWriting{m: m, d: d}
	switch err := w.value("", "", false); {
	case errors.Is(err, errLong):
		return w.b.String(), true
	case err != nil:
		return "", false
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", false
	}
	return w.b.String(), true
}

// errLong ends the writing of a document of which nobody would see the rest.
var errLong = errors.New("too large to be shown")

// jsonWriting is a document on its way to people.
type jsonWriting struct {
	m *Mask
	d *json.Decoder
	b strings.Builder
}

// value writes the next value, which stands under a name.
func (w *jsonWriting) value(name, indent string, hidden bool) error {
	token, err := w.d.Token()
	if err != nil {
		return err
	}
	switch t := token.(type) {
	case json.Delim:
		return w.compound(t, name, indent, hidden)
	case nil:
		w.b.WriteString("null")
	case string:
		w.text(name, t, hidden)
	default:
		if hidden {
			w.quoted(Hidden)
			break
		}
		fmt.Fprint(&w.b, t)
	}
	return nil
}

func (w *jsonWriting) text(name, s string, hidden bool) {
	switch {
	case hidden:
		s = Hidden
	case strings.HasPrefix(strings.TrimSpace(s), "<") || w.m.wrapping[name]:
		s = w.m.embedded(name, s)
	default:
		s = leafText(s)
	}
	w.quoted(s)
}

func (w *jsonWriting) quoted(s string) { w.b.Write(codec.AppendText(nil, s)) }

func (w *jsonWriting) compound(open json.Delim, name, indent string, hidden bool) error {
	end := map[json.Delim]string{'{': "}", '[': "]"}[open]
	w.b.WriteString(open.String())
	for first := true; w.d.More(); first = false {
		if !first {
			w.b.WriteByte(',')
		}
		w.b.WriteString("\n" + indent + "  ")
		inner, innerHidden := name, hidden
		if open == '{' {
			key, err := w.d.Token()
			if err != nil {
				return err
			}
			inner, _ = key.(string)
			innerHidden = hidden || w.m.named(inner)
			w.quoted(inner)
			w.b.WriteString(": ")
		}
		if err := w.value(inner, indent+"  ", innerHidden); err != nil {
			return err
		}
		if w.b.Len() > 4*MaxBody {
			return errLong
		}
	}
	if _, err := w.d.Token(); err != nil {
		return err
	}
	if s := w.b.String(); s[len(s)-1] != open.String()[0] {
		w.b.WriteString("\n" + indent)
	}
	w.b.WriteString(end)
	return nil
}
