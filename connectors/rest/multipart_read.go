package rest

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"slices"
	"strings"

	"fondaco/schema"
)

var errNotMultipart = errors.New("expected a multipart body (multipart/form-data)")

// maxParts is how many parts a body may have.
const maxParts = 10_000

// decode reads a multipart body as a value of its type, as simulators do.
func (p *parts) decode(body []byte, boundary string) (schema.Value, error) {
	if boundary == "" {
		return schema.Value{}, errNotMultipart
	}
	found := map[string][]schema.Value{}
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for range maxParts {
		m, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return p.laid(found)
		}
		if err != nil {
			return schema.Value{}, errNotMultipart
		}
		content, err := io.ReadAll(m)
		if err != nil {
			return schema.Value{}, errNotMultipart
		}
		name := m.FormName()
		at := slices.IndexFunc(p.list, func(x part) bool { return x.name == name })
		if at < 0 {
			return schema.Value{}, schema.Violations{{Path: "/" + name, Code: "unknown", Expected: "no such part"}}
		}
		v, err := p.list[at].read(content, m)
		if err != nil {
			return v, under(err, name)
		}
		found[name] = append(found[name], v)
	}
	return schema.Value{}, errNotMultipart
}

// read reads the content of a part.
func (p *part) read(content []byte, m *multipart.Part) (schema.Value, error) {
	switch {
	case p.kind == partFile:
		slots := schema.Slots(p.t)
		slots[fileContent+1] = schema.Bytes(content)
		if name := m.FileName(); name != "" {
			slots[fileName+1] = schema.Text(name)
		}
		if media := m.Header.Get("Content-Type"); media != "" {
			slots[fileType+1] = schema.Text(media)
		}
		return schema.Record(p.t, slots), nil
	case p.kind == partJSON, p.kind == partAuto && isJSONType(m.Header.Get("Content-Type")):
		return p.decode.Decode(content)
	case p.kind == partAuto:
		return schema.Text(string(content)), nil
	case p.joined != "":
		items := []schema.Value{}
		for text := range strings.SplitSeq(string(content), p.joined) {
			v, err := scalarOf(text, p.t)
			if err != nil {
				return v, err
			}
			items = append(items, v)
		}
		return schema.List(items), nil
	}
	return scalarOf(string(content), p.t)
}

// laid lays the parts of a body out as the object that they are.
func (p *parts) laid(found map[string][]schema.Value) (schema.Value, error) {
	slots := schema.Slots(p.t)
	for i := range p.list {
		x := &p.list[i]
		all := found[x.name]
		switch {
		case len(all) == 0 && p.t.Fields[i].Required && !x.many:
			return schema.Value{}, missing(x.name)
		case len(all) == 0:
			if x.many && p.t.Fields[i].Required { // a list of nothing has no parts
				slots[i+1] = schema.List(nil)
			}
		case x.many:
			slots[i+1] = schema.List(all)
		case len(all) > 1:
			return schema.Value{}, schema.Violations{{Path: "/" + x.name, Code: "type", Expected: "one part"}}
		default:
			slots[i+1] = all[0]
		}
	}
	return schema.Record(p.t, slots), nil
}
