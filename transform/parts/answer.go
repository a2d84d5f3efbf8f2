package parts

import (
	"fmt"
	"slices"
	"strings"

	"fondaco/schema"
)

// Written finds how values of a type that a mapping computes stand in a body of several parts: fields of octets, records of content, name
// and type as Type of a Form has them for files, and lists of either, are files. It returns the form, the type of the body in which files
// are octets, and what is said of them by the names of their fields. The error says why such values cannot be written.
func Written(t *schema.Type) (*Form, *schema.Type, map[string]Encoding, error) {
	if t.Kind == schema.KindRecord && t.Nullable {
		return nil, nil, nil, fmt.Errorf("a multipart body holds the fields of an object, and its value may be nil")
	}
	body, encoding := *t, map[string]Encoding{}
	body.Fields = slices.Clone(t.Fields)
	for i := range body.Fields {
		f := &body.Fields[i]
		one, list := f.Type, f.Type.Kind == schema.KindList
		if list {
			one = f.Type.Elem
		}
		media, ok := fileIn(one)
		if !ok {
			continue
		}
		encoding[f.Name] = Encoding{Binary: true, ContentType: media}
		file := octets(one)
		if at := one.Index("content"); at >= 0 {
			content := one.Fields[at].Type
			file.Personal, file.Secret = one.Personal || content.Personal, one.Secret || content.Secret
		}
		file.Nullable = one.Nullable && !list // of a list, what is null has no part
		if f.Type = file; list {
			whole := *t.Fields[i].Type
			whole.Elem, f.Type = file, &whole
		}
	}
	form, err := Of(&body, encoding)
	if err != nil {
		return nil, nil, nil, err
	}
	for i := range form.list {
		if f := &body.Fields[i]; form.list[i].kind != partJSON && f.Type.Nullable { // null has no part
			f.Required, f.Type = false, f.Type.NotNull()
			form.t.Fields[i].Required, form.t.Fields[i].Type = false, form.t.Fields[i].Type.NotNull()
		}
	}
	form.t = form.t.Seal()
	return form, body.Seal(), encoding, nil
}

// fileIn reports whether values of a type are a file, and which media types they may have; "" if any.
func fileIn(t *schema.Type) (media string, ok bool) {
	if t.Kind == schema.KindBytes {
		return "", true
	}
	if t.Kind != schema.KindRecord {
		return "", false
	}
	for i := range t.Fields {
		switch f := &t.Fields[i]; f.Name {
		case "content":
			ok = f.Type.Kind == schema.KindBytes && f.Required && !f.Type.Nullable
		case "type":
			if !f.Type.Kind.Textual() {
				return "", false
			}
			var all []string
			for _, v := range f.Type.Enum {
				if v.Kind() == schema.KindText {
					all = append(all, v.Str())
				}
			}
			media = strings.Join(all, ", ")
		case "name":
			if !f.Type.Kind.Textual() {
				return "", false
			}
		default:
			return "", false
		}
	}
	return media, ok
}

// Plain returns v, a value as Written takes it, as one of the body's type: a file is its octets.
func (f *Form) Plain(v schema.Value, sent *schema.Type) schema.Value {
	slots := schema.Slots(sent)
	for i := range f.list {
		x := &f.list[i]
		given := v.Get(x.name)
		switch {
		case given.IsNil() && x.kind != partJSON:
			given = schema.Value{}
		case x.kind != partFile:
		case !x.many:
			given = contentOf(given)
		case !given.IsAbsent():
			items := make([]schema.Value, 0, len(given.Items()))
			for _, item := range given.Items() {
				if !item.IsNil() {
					items = append(items, contentOf(item))
				}
			}
			given = schema.List(items)
		}
		slots[i+1] = given
	}
	return schema.Record(sent, slots)
}

// contentOf returns the octets of a file, whether they stand in a record or alone.
func contentOf(file schema.Value) schema.Value {
	if file.Kind() == schema.KindRecord {
		return file.Get("content")
	}
	return file
}
