package routestest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"mime"
	"mime/multipart"
	"net/textproto"

	"fondaco/config"
	"fondaco/connectors/simulate"
	"fondaco/transform/codec"
	"fondaco/transform/parts"
)

// form writes the body of a request as multipart/form-data, as browsers do; the type of the route's body plays no part, so that tests
// may send what does not fit it. It returns what is wrong with the test.
func (r *Request) form() (octets []byte, media, problem string) {
	if r.Body.Kind != config.NodeMap {
		return nil, "", "the body is not an object, and this route takes fields and files"
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, e := range r.Body.Entries {
		items := []*config.Node{e.Value}
		if e.Value.Kind == config.NodeList {
			items = e.Value.Items
		}
		for _, item := range items {
			if err := part(w, e.Key.Value, item); err != nil {
				return nil, "", fmt.Sprintf("the body's %s: %v", e.Key.Value, err)
			}
		}
	}
	_ = w.Close()
	return b.Bytes(), w.FormDataContentType(), ""
}

// severalAsJSON returns an answer's body of several parts as JSON: a file is an object of content in base64, name and type.
func severalAsJSON(form *parts.Form, contentType string, body []byte) ([]byte, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, err
	}
	v, err := form.Decode(body, params["boundary"], parts.Reading{Most: math.MaxInt})
	return codec.AppendJSON(nil, v), err
}

// part writes a value: a file, an object as JSON, or a text.
func part(w *multipart.Writer, name string, n *config.Node) error {
	head, content := textproto.MIMEHeader{}, []byte(nil)
	params := map[string]string{"name": name}
	octets, text := n.Get("content"), n.Get("text")
	switch {
	case n.Kind == config.NodeMap && (octets != nil || text != nil):
		if text != nil {
			content = []byte(text.Text.Value)
		} else {
			var err error
			if content, err = base64.StdEncoding.DecodeString(octets.Text.Value); err != nil {
				return fmt.Errorf("content is not base64: %w", err)
			}
		}
		params["filename"] = name
		if given := n.Get("name"); given != nil {
			params["filename"] = given.Text.Value
		}
		if given := n.Get("type"); given != nil {
			head.Set("Content-Type", given.Text.Value)
		}
	case n.Kind == config.NodeMap:
		head.Set("Content-Type", "application/json")
		content = codec.AppendJSON(nil, simulate.Plain(n))
	default:
		content = []byte(n.Text.Value)
	}
	head.Set("Content-Disposition", mime.FormatMediaType("form-data", params))
	p, err := w.CreatePart(head)
	if err == nil {
		_, err = p.Write(content)
	}
	return err
}
