package soap

import (
	"path"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// nesting is what a connector says of a field that holds an XML document of its own.
type nesting struct {
	field   config.Text // its path from the input or the output, with points
	schema  config.Text // a file of the connector's folder
	element config.Text
	met     bool
}

func (x *nesting) spec(o *spec.Object) {
	o.Text("schema", &x.schema).Required().Doc("The XML Schema of the document, a file of the connector's folder.").Example("xsd/segnatura.xsd")
	o.Text("element", &x.element).Required().Doc("The document's element.").Example("Segnatura")
}

// nested is a document within a field: as base64 where the field holds octets, else as text.
type nested struct {
	root name
	plan *plan
}

// nest puts documents in the place of the fields of an operation that hold them.
func (d *definitions) nest(c *connectors.Connector, p *op, requests, answers *compiler) {
	for _, x := range p.nestings {
		file := path.Join(c.Dir, x.schema.Value)
		inner := newSchemas(d.schemas.fsys, d.out)
		inner.catalog, inner.budget = d.schemas.catalog, d.schemas.budget
		root := inner.open(file, x.schema.Pos)
		if root == nil {
			continue
		}
		if root.space != xsdSpace || root.local != "schema" {
			d.out.Report(diag.BadSchema, root.pos, "found the element %s, expected a schema of XML Schema", root.local)
			continue
		}
		inner.include(root, "")
		inner.settle()
		n := name{root.attr("targetNamespace"), x.element.Value}
		if _, ok := inner.elements[n]; !ok {
			x.element.Report(d.out, diag.BadSchema, "the schema has no element %q", n.local).WithNearest(n.local, names(inner.elements))
			continue
		}
		inner.spoken[n] = true
		for i, b := range []*body{p.in, p.out} {
			if b == nil || b.none {
				continue
			}
			outer := requests
			if i == 1 {
				outer = answers
			}
			if outer.inner == nil {
				outer.inner = map[*schemas]*compiler{}
			}
			compiler := outer.like(i == 1, false)
			compiler.schemas, compiler.simples, compiler.reported = inner, map[name]*lexical{}, map[*element]bool{}
			compiler.heirs, compiler.referred, compiler.near, compiler.busy = nil, nil, nil, map[planKey]bool{}
			declared := compiler.declared(n, root)
			made := compiler.element(declared)
			outer.inner[inner] = compiler
			b.plan = b.plan.replaced(strings.Split(x.field.Value, "."), func(was *plan) *plan {
				x.met = true
				return &plan{t: made.t, name: was.name, value: -1, text: was.text, nested: &nested{root: n, plan: made}}
			})
		}
		if !x.met {
			x.field.Report(d.out, diag.BadConnector, "neither the input nor the output has a text or octets at %q", x.field.Value).WithNearest(x.field.Value, p.fields())
		}
	}
}

// fields lists the names of the operation's fields.
func (p *op) fields() (list []string) {
	for _, b := range []*body{p.in, p.out} {
		if b != nil && b.t != nil {
			for _, f := range b.t.Fields {
				list = append(list, f.Name)
			}
		}
	}
	return list
}

// replaced returns the plan with another in the place of a text at a path of fields; itself where the path leads nowhere.
func (p *plan) replaced(way []string, by func(*plan) *plan) *plan {
	if len(way) == 0 {
		if p.text == nil || p.value >= 0 {
			return p
		}
		return by(p)
	}
	at := -1
	if p.t.Kind == schema.KindRecord {
		at = p.t.Index(way[0])
	}
	if at < 0 || p.variants != nil {
		return p
	}
	copied := *p
	copied.kids = slices.Clone(p.kids)
	t := *p.t
	t.Fields = slices.Clone(p.t.Fields)
	changed := false
	for i := range copied.kids {
		k := &copied.kids[i]
		if k.field != at || k.any != nil {
			continue
		}
		if inner := k.plan.replaced(way[1:], by); inner != k.plan {
			t.Fields[at].Type = t.Fields[at].Type.Replace(k.plan.t, inner.t)
			k.plan, changed = inner, true
		}
	}
	if !changed {
		return p
	}
	copied.t = t.Seal()
	return &copied
}

// document reads the document in a field.
func (d *decoder) document(r *reading) (schema.Value, error) {
	text, err := r.content64(d.plan.text)
	if err != nil {
		return schema.Value{}, err
	}
	inner := &reading{s: codec.NewXMLScanner(text, codec.XMLOptions{}), strict: r.strict}
	if _, err := start(inner.s); err != nil {
		return schema.Value{}, violation("type", "a document that is well-formed XML", "")
	}
	if space, local := inner.s.Name(); space != d.plan.nested.root.space || local != d.plan.nested.root.local {
		return schema.Value{}, violation("type", "a document "+d.plan.nested.root.local, "another")
	}
	v, err := d.inner.element(inner, false, nil)
	if err != nil {
		return v, wellFormed(err)
	}
	for {
		kind, err := inner.s.Next()
		if err != nil || kind == codec.XMLEOF {
			return v, wellFormed(err)
		}
	}
}

// wellFormed tells of a document within another what would be told of a message.
func wellFormed(err error) error {
	if _, syntax := err.(*codec.SyntaxError); syntax { //nolint:errorlint // the scanner's own
		return violation("type", "a document that is well-formed XML", "")
	}
	return err
}

// content64 reads what a field holds, as octets or as text.
func (r *reading) content64(l *lexical) ([]byte, error) {
	if l.form == formBase64 || l.form == formHex || l.form == formReference {
		v, err := r.included(l)
		if err != nil {
			return nil, err
		}
		return schema.Octets(v), nil
	}
	text, err := r.text()
	return []byte(text), err
}

// document appends the document in a field.
func (e *encoder) document(w *writing, dst []byte, v schema.Value) ([]byte, error) {
	text := append([]byte(nil), `<?xml version="1.0" encoding="UTF-8"?>`...)
	inner := *w // it holds no more than the message around it
	inner.mtom, inner.parts, inner.beside = false, nil, w.beside+len(dst)
	text, err := e.kids[0].element(&inner, text, v, nil)
	if err != nil {
		return dst, err
	}
	switch l := e.plan.text; l.form {
	case formBase64, formHex, formReference:
		return l.append(dst, schema.Bytes(text), false)
	default:
		return l.append(dst, schema.Text(string(text)), false)
	}
}

// documented prepares the writing of documents: their namespaces are declared where they begin.
func (es *encoders) documented(e *encoder, x *nested) {
	inner := newEncoders()
	t := inner.tag(x.root, x.plan)
	t.open = append(t.open, ` xmlns:xsi="`+xsiSpace+`"`...)
	for i, space := range inner.spaces {
		t.open = append(codec.AppendXMLAttr(append(t.open, ` xmlns:n`+itoa(i)+`="`...), space), '"')
	}
	e.kids = []tag{t}
}
