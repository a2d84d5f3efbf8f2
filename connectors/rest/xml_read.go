package rest

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform/codec"
)

const xsiSpace = "http://www.w3.org/2001/XMLSchema-instance"

// decode reads a document as a value of a type: that of the form, or what schema.Prune has left of it. A charset of the
// Content-Type stands above what the document says of itself (RFC 7303 §3.2). strict refuses elements that the type has
// not.
func (f *xmlForm) decode(body []byte, charset string, t *schema.Type, strict bool, l *lenient) (schema.Value, error) {
	if charset != "" {
		text, err := codec.UTF8(body, charset)
		if err != nil {
			return schema.Value{}, err
		}
		body = undeclared(text)
	}
	r := &xmlReader{scan: codec.NewXMLScanner(body, codec.XMLOptions{MaxElements: maxElements}), strict: strict, lenient: l}
	kind, err := r.scan.Next()
	for err == nil && kind == codec.XMLText {
		kind, err = r.scan.Next()
	}
	if err != nil {
		return schema.Value{}, err
	}
	if _, local := r.scan.Name(); f.root != "" && local != f.root {
		return schema.Value{}, schema.Violations{{Code: "type", Expected: "the root element " + f.root}}
	}
	var v schema.Value
	if t.Kind == schema.KindList {
		v, err = r.wrapped(t, f.shape, "")
	} else {
		v, err = r.element(t, f.shape)
	}
	if err != nil {
		return schema.Value{}, err
	}
	if wrong := schema.Check(v, t); wrong != nil {
		return schema.Value{}, wrong
	}
	for kind != codec.XMLEOF { // the rest must be well formed too
		if kind, err = r.scan.Next(); err != nil {
			return schema.Value{}, err
		}
	}
	return v, nil
}

// maxElements is how many elements a document may have.
const maxElements = 1_000_000

// undeclared returns a document without its XML declaration, whose encoding holds no more.
func undeclared(text []byte) []byte {
	if bytes.HasPrefix(text, []byte("<?xml")) {
		if end := bytes.Index(text, []byte("?>")); end >= 0 {
			return text[end+2:]
		}
	}
	return text
}

type xmlReader struct {
	scan    *codec.XMLScanner
	strict  bool
	lenient *lenient
}

// element reads the element that was begun, to its end.
func (r *xmlReader) element(t *schema.Type, x *openapi.XML) (schema.Value, error) {
	for _, a := range r.scan.Attrs() {
		if a.Space == xsiSpace && a.Local == "nil" && (a.Value == "true" || a.Value == "1") {
			if err := r.scan.Skip(); err != nil {
				return schema.Value{}, err
			}
			if t.Nullable {
				return schema.Null, nil
			}
			return schema.Value{}, schema.Violations{{Code: "type", Expected: t.String(), Found: "null"}}
		}
	}
	if t.Kind == schema.KindRecord {
		return r.record(t, x)
	}
	text, err := r.text()
	if err != nil {
		return schema.Value{}, err
	}
	return r.lenient.value(text, t, xmlScalar)
}

// text reads the text of the element that was begun, to its end, whatever else is in it.
func (r *xmlReader) text() (string, error) {
	var text string
	var wrong error
	for {
		kind, err := r.scan.Next()
		switch {
		case err != nil:
			return "", err
		case kind == codec.XMLText && text == "":
			text = r.scan.Text()
		case kind == codec.XMLText:
			text += r.scan.Text()
		case kind == codec.XMLEnd:
			return text, wrong
		case kind == codec.XMLStart:
			wrong = schema.Violations{{Code: "type", Expected: "text", Found: "an element"}}
			if err := r.scan.Skip(); err != nil {
				return "", err
			}
		}
	}
}

// xmlScalar reads a single value as XML Schema writes it: but for text, white space around it counts for nothing, and 0
// and 1 are truths.
func xmlScalar(text string, t *schema.Type) (schema.Value, error) {
	if t.Kind != schema.KindText && t.Kind != schema.KindUnion {
		text = strings.Trim(text, " \t\r\n")
	}
	if t.Kind == schema.KindBool && (text == "0" || text == "1") {
		return schema.Bool(text == "1"), nil
	}
	return schema.ReadText(text, t)
}

// fieldAt finds the field that an element or attribute is, -1 if it is none.
func fieldAt(t *schema.Type, x *openapi.XML, space, local string, attribute bool) int {
	for i, f := range t.Fields {
		fx := x.Fields[f.Name]
		if fx == nil || fx.Attribute != attribute {
			continue
		}
		says := fx
		if f.Type.Kind == schema.KindList && !fx.Wrapped {
			says = fx.Elem
		}
		if fieldElement(f, fx) == local && (says.Namespace == "" || says.Namespace == space) {
			return i
		}
	}
	return -1
}

// record reads the element that was begun as an object.
func (r *xmlReader) record(t *schema.Type, x *openapi.XML) (schema.Value, error) {
	slots := schema.Slots(t)
	for _, a := range r.scan.Attrs() {
		at := fieldAt(t, x, a.Space, a.Local, true)
		if at < 0 {
			continue
		}
		v, err := r.lenient.value(a.Value, t.Fields[at].Type, xmlScalar)
		if err != nil {
			lost, may := r.lenient.field(&t.Fields[at], err)
			if !may {
				return v, schema.Under(err, t.Fields[at].Name)
			}
			v = lost
		}
		slots[at+1] = v
	}
	lists := map[int][]schema.Value{}
	for {
		kind, err := r.scan.Next()
		switch {
		case err != nil:
			return schema.Value{}, err
		case kind == codec.XMLEnd:
			return r.whole(t, x, slots, lists)
		case kind == codec.XMLText && r.strict && strings.Trim(r.scan.Text(), " \t\r\n") != "":
			return schema.Value{}, schema.Violations{{Code: "type", Expected: "elements", Found: "text"}}
		case kind != codec.XMLStart:
			continue
		}
		space, local := r.scan.Name()
		at := fieldAt(t, x, space, local, false)
		if at < 0 {
			if r.strict {
				return schema.Value{}, schema.Violations{{Path: "/" + local, Code: "unknown", Expected: "no such element"}}
			}
			if err := r.scan.Skip(); err != nil {
				return schema.Value{}, err
			}
			continue
		}
		f := t.Fields[at]
		fx := x.Fields[f.Name]
		var v schema.Value
		switch {
		case f.Type.Kind != schema.KindList:
			v, err = r.element(f.Type, fx)
		case fx.Wrapped:
			v, err = r.wrapped(f.Type, fx, elementName(fx, f.Name))
		default:
			if v, err = r.element(f.Type.Elem, fx.Elem); err == nil {
				lists[at] = append(lists[at], v)
				continue
			}
			return v, schema.Under(schema.Under(err, strconv.Itoa(len(lists[at]))), f.Name)
		}
		if err != nil {
			lost, may := r.lost(&f, err)
			if !may {
				return v, schema.Under(err, f.Name)
			}
			v = lost
		}
		switch {
		case !slots[at+1].IsAbsent():
			return v, schema.Violations{{Path: "/" + f.Name, Code: "type", Expected: "one element", Found: "several"}}
		case v.IsNil() && !f.Required && !f.Type.Nullable:
			continue
		}
		slots[at+1] = v
	}
}

// lost is what becomes of a field whose element was read to its end and is wrong. What breaks the document itself loses nothing.
func (r *xmlReader) lost(f *schema.Field, err error) (schema.Value, bool) {
	var syntax *codec.SyntaxError
	if errors.As(err, &syntax) {
		return schema.Value{}, false
	}
	return r.lenient.field(f, err)
}

// wrapped reads the element that was begun as the one around the items of a list. name is that of the wrapper, "" where
// any element within is an item.
func (r *xmlReader) wrapped(t *schema.Type, x *openapi.XML, name string) (schema.Value, error) {
	list := []schema.Value{}
	for {
		kind, err := r.scan.Next()
		switch {
		case err != nil:
			return schema.Value{}, err
		case kind == codec.XMLEnd:
			return schema.List(list), nil
		case kind != codec.XMLStart:
			continue
		}
		if _, local := r.scan.Name(); name != "" && local != itemElement(x, name) {
			if r.strict {
				return schema.Value{}, schema.Violations{{Path: "/" + local, Code: "unknown", Expected: "no such element"}}
			}
			if err := r.scan.Skip(); err != nil {
				return schema.Value{}, err
			}
			continue
		}
		v, err := r.element(t.Elem, x.Elem)
		if err != nil {
			return v, schema.Under(err, strconv.Itoa(len(list)))
		}
		list = append(list, v)
	}
}

// whole lays an object out, once all of it was read.
func (r *xmlReader) whole(t *schema.Type, x *openapi.XML, slots []schema.Value, lists map[int][]schema.Value) (schema.Value, error) {
	for i, f := range t.Fields {
		if f.Type.Kind == schema.KindList && !x.Fields[f.Name].Wrapped && (len(lists[i]) > 0 || f.Required) {
			slots[i+1] = schema.List(lists[i]) // a list of nothing has no elements
		}
		if slots[i+1].IsAbsent() && f.Required {
			return schema.Value{}, missing(f.Name)
		}
	}
	return schema.Record(t, slots), nil
}
