package openapi

import (
	"strings"

	"fondaco/schema"
)

// form writes a body of fields and files: its schema in place, in which files are octets as they are, and the media types that they may
// have (OpenAPI 3.1, Encoding Object).
func (w *writer) form(t *schema.Type, encodings map[string]Encoding) object {
	plain := *t
	plain.Name, plain.Hint = "", ""
	o := w.place(&plain)
	var encoding object
	for i := range t.Fields {
		f := &t.Fields[i]
		e, named := encodings[f.Name]
		if !named || !e.Binary {
			continue
		}
		setProperty(o, f.Name, w.files(f, e.ContentType))
		if e.ContentType != "" {
			encoding.set(f.Name, object{{"contentType", e.ContentType}})
		}
	}
	offered := object{{"schema", o}}
	if len(encoding) > 0 {
		offered.set("encoding", encoding)
	}
	return offered
}

// files writes the schema of a file of a media type, or of a list of such.
func (w *writer) files(f *schema.Field, media string) object {
	if media == "" || strings.ContainsAny(media, ",*") {
		media = "application/octet-stream"
	}
	t := f.Type
	if t.Kind != schema.KindList {
		return w.documented(w.octets(t, media), f)
	}
	list := object{{"type", "array"}}
	list.text("description", t.Doc)
	list.set("items", w.octets(t.Elem, media))
	w.lengths(&list, t, "minItems", "maxItems")
	return w.documented(list, f)
}

// documented adds a field's own words.
func (w *writer) documented(o object, f *schema.Field) object {
	if !o.has("description") {
		o.text("description", f.Doc)
	}
	return o
}

// setProperty replaces the schema of a property.
func setProperty(o object, name string, with object) {
	for i := range o {
		if o[i].name != "properties" {
			continue
		}
		switch properties := o[i].value.(type) {
		case object:
			for j := range properties {
				if properties[j].name == name {
					properties[j].value = with
				}
			}
		}
	}
}
