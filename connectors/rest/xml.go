package rest

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"

	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"
)

// xmlForm is how values of a type stand in XML. Safe for concurrent use.
type xmlForm struct {
	shape *openapi.XML
	root  string // the name of the root element; "" if the description says none

	charset *codec.Charset
}

// xmlFormOf prepares the XML of a type. The error says why its values cannot be written or read so; what is written needs
// the name of its root.
func xmlFormOf(t *schema.Type, shape *openapi.XML, written bool, charset *codec.Charset) (*xmlForm, error) {
	if shape == nil {
		return nil, errors.New("XML is described by the xml words of an OpenAPI document, and here is none")
	}
	f := &xmlForm{shape: shape, root: elementName(shape, shape.Component), charset: charset}
	switch {
	case schema.Single(t):
		return nil, fmt.Errorf("the XML of %s has no root element", schema.Noun(t))
	case f.root == "" && written:
		return nil, errors.New("its root element has no name: xml: { name: … } of its schema says one")
	}
	if !charset.Has(f.root) {
		return nil, namesNot(f.root, charset)
	}
	return f, checkXML(t, shape, charset, map[*schema.Type]bool{})
}

// namesNot is the error of a name of XML that cannot be written in a charset: names have no escapes.
func namesNot(name string, charset *codec.Charset) error {
	return fmt.Errorf("the name %s has characters that %s does not have", name, charset.Name)
}

// elementName returns the name that the document declares for an element, or else the usual one.
func elementName(x *openapi.XML, usual string) string {
	if x.Name != "" {
		return x.Name
	}
	return usual
}

var ncName = regexp.MustCompile(`^[\pL_][\pL\pN_.\-]*$`)

// checkXML returns why values of a type cannot stand in XML, nil if they can.
func checkXML(t *schema.Type, x *openapi.XML, charset *codec.Charset, done map[*schema.Type]bool) error {
	if done[t] {
		return nil
	}
	done[t] = true
	if x.Prefix != "" && x.Namespace == "" {
		return fmt.Errorf("the prefix %s has no namespace", x.Prefix)
	}
	switch t.Kind {
	case schema.KindList:
		if x.Elem == nil {
			return errors.New("the items of a list have no schema")
		}
		if t.Elem.Kind == schema.KindList {
			return errors.New("lists within lists are not supported in XML")
		}
		return checkXML(t.Elem, x.Elem, charset, done)
	case schema.KindRecord:
		taken := map[string]string{}
		for _, f := range t.Fields {
			fx := x.Fields[f.Name]
			if fx == nil {
				return fmt.Errorf("how %s stands in XML cannot be found", f.Name)
			}
			name := fieldElement(f, fx)
			at := name
			if fx.Attribute {
				at = "@" + name
			}
			switch other := taken[at]; {
			case !ncName.MatchString(name):
				return fmt.Errorf("the field %s: %q is not a name in XML", f.Name, name)
			case !charset.Has(name):
				return namesNot(name, charset)
			case other != "":
				return fmt.Errorf("the fields %s and %s are both called %s", other, f.Name, name)
			case fx.Attribute && !schema.Single(f.Type):
				return fmt.Errorf("the attribute %s holds a single value, and its schema is of %s", f.Name, schema.Noun(f.Type))
			}
			taken[at] = f.Name
			if err := checkXML(f.Type, fx, charset, done); err != nil {
				return fmt.Errorf("the field %s: %w", f.Name, err)
			}
		}
		return nil
	case schema.KindAny:
		return errors.New("XML of any type is not supported")
	}
	if !schema.Single(t) {
		return fmt.Errorf("XML of %s is not supported", schema.Noun(t))
	}
	return nil
}

// fieldElement returns the name of the elements, or of the attribute, that a field is in its object. The name of a list
// that is not wrapped counts for nothing: that of its items does.
func fieldElement(f schema.Field, x *openapi.XML) string {
	if f.Type.Kind == schema.KindList && !x.Wrapped {
		return elementName(x.Elem, f.Name)
	}
	return elementName(x, f.Name)
}

// itemElement returns the name of the items of a list within the element that wraps them.
func itemElement(x *openapi.XML, wrapper string) string { return elementName(x.Elem, wrapper) }

// write returns a value as a document, of limit bytes at most.
func (f *xmlForm) write(v schema.Value, limit int) ([]byte, error) {
	root := cmp.Or(f.root, "answer") // where none is said, any is read: of simulators alone
	encoding := "UTF-8"
	if f.charset != nil {
		encoding = f.charset.Name
	}
	w := &xmlWriter{dst: append(make([]byte, 0, 512), `<?xml version="1.0" encoding="`+encoding+`"?>`...), limit: limit}
	if v.Kind() == schema.KindList {
		whole := *f.shape
		whole.Wrapped = true
		w.list(v, &whole, root)
	} else {
		w.element(v, f.shape, root)
	}
	if w.err == nil && len(w.dst) > limit {
		w.err = &codec.LimitError{Limit: limit}
	}
	return w.dst, w.err
}

// xmlWriter is a document on its way; after an error it writes nothing more.
type xmlWriter struct {
	dst   []byte
	open  []string // prefix and namespace of what is declared, "prefix=namespace", outermost first
	limit int
	err   error
}

// element writes one element.
func (w *xmlWriter) element(v schema.Value, x *openapi.XML, name string) {
	if len(w.dst) > w.limit {
		w.err = &codec.LimitError{Limit: w.limit}
	}
	if w.err != nil || v.IsNil() {
		return
	}
	if x.Prefix != "" {
		name = x.Prefix + ":" + name
	}
	declared := len(w.open)
	w.dst = append(append(w.dst, '<'), name...)
	w.declare(x)
	if v.Kind() == schema.KindRecord {
		w.attributes(v, x)
	}
	w.dst = append(w.dst, '>')
	if v.Kind() == schema.KindRecord {
		for i, f := range v.Type().Fields {
			fx, field := x.Fields[f.Name], v.Field(i)
			switch {
			case fx == nil || fx.Attribute || field.IsNil():
			case field.Kind() == schema.KindList:
				w.list(field, fx, f.Name)
			default:
				w.element(field, fx, elementName(fx, f.Name))
			}
		}
	} else {
		w.text(funcs.Print(v), codec.AppendXMLText)
	}
	w.dst = append(append(append(w.dst, "</"...), name...), '>')
	w.open = w.open[:declared]
}

// list writes the items of a list, which is under this name in its object.
func (w *xmlWriter) list(v schema.Value, x *openapi.XML, name string) {
	if x.Elem == nil {
		w.err = errors.New("the items of a list have no schema")
		return
	}
	if !x.Wrapped {
		for _, item := range v.Items() {
			w.element(item, x.Elem, elementName(x.Elem, name))
		}
		return
	}
	own := elementName(x, name)
	tag := own
	if x.Prefix != "" {
		tag = x.Prefix + ":" + own
	}
	declared := len(w.open)
	w.dst = append(append(w.dst, '<'), tag...)
	w.declare(x)
	w.dst = append(w.dst, '>')
	for _, item := range v.Items() {
		w.element(item, x.Elem, itemElement(x, own))
	}
	w.dst = append(append(append(w.dst, "</"...), tag...), '>')
	w.open = w.open[:declared]
}

// declare writes the declaration of an element's namespace, unless one around it holds.
func (w *xmlWriter) declare(x *openapi.XML) {
	if x.Namespace == "" {
		return
	}
	w.bind(x.Prefix, x.Namespace)
}

func (w *xmlWriter) bind(prefix, namespace string) {
	this := prefix + "=" + namespace
	for i := len(w.open) - 1; i >= 0; i-- {
		if w.open[i] == this {
			return
		}
		if len(w.open[i]) > len(prefix) && w.open[i][:len(prefix)+1] == prefix+"=" {
			break
		}
	}
	w.open = append(w.open, this)
	w.dst = append(w.dst, " xmlns"...)
	if prefix != "" {
		w.dst = append(append(w.dst, ':'), prefix...)
	}
	w.dst = append(w.dst, `="`...)
	w.text(namespace, codec.AppendXMLAttr)
	w.dst = append(w.dst, '"')
}

// attributes writes the fields of an object that are attributes.
func (w *xmlWriter) attributes(v schema.Value, x *openapi.XML) {
	for i, f := range v.Type().Fields {
		fx, field := x.Fields[f.Name], v.Field(i)
		if fx == nil || !fx.Attribute || field.IsNil() {
			continue
		}
		name := elementName(fx, f.Name)
		if fx.Prefix != "" {
			w.bind(fx.Prefix, fx.Namespace)
			name = fx.Prefix + ":" + name
		}
		w.dst = append(append(append(w.dst, ' '), name...), `="`...)
		w.text(funcs.Print(field), codec.AppendXMLAttr)
		w.dst = append(w.dst, '"')
	}
}

func (w *xmlWriter) text(s string, add func([]byte, string) []byte) {
	if !codec.XMLTextOK(s) {
		w.err = errors.New("a text holds characters that XML has not")
		return
	}
	w.dst = add(w.dst, s)
}
