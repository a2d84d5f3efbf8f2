package xsd

import (
	"slices"
	"strconv"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// nested is a document within a field: as base64 where the field holds octets, else as text.
type nested struct {
	root Name
	plan *Plan
}

// Nested is the schema of XML documents that stand within fields of messages, and the element that they consist of.
type Nested struct {
	schemas *Schemas
	root    Name
	at      *Element
}

// Nest reads the schema of documents within fields from a file of the project; nil, reported, if it cannot be read or does not define the
// element.
func (s *Schemas) Nest(file config.Text, element config.Text) *Nested {
	inner := NewSchemas(s.fsys, s.catalog, s.out)
	inner.budget = s.budget
	root := inner.Open(file.Value, file.Pos)
	if root == nil {
		return nil
	}
	if root.Space != Space || root.Local != "schema" {
		s.out.Report(diag.BadSchema, root.Pos, "found the element %s, expected a schema of XML Schema", root.Local)
		return nil
	}
	inner.Include(root, "")
	inner.Settle()
	n := Name{root.Attr("targetNamespace"), element.Value}
	if _, ok := inner.elements[n]; !ok {
		element.Report(s.out, diag.BadSchema, "the schema has no element %q", n.Local).WithNearest(n.Local, names(inner.elements))
		return nil
	}
	inner.spoken[n] = true
	return &Nested{inner, n, root}
}

// Nest returns a plan with documents in the place of the text or the octets at a path of fields; met is false, and the plan the same,
// where the path leads nowhere.
func (c *Compiler) Nest(p *Plan, way []string, x *Nested) (nesting *Plan, met bool) {
	if c.inner == nil {
		c.inner = map[*Schemas]*Compiler{}
	}
	compiler := c.like(c.answers, false)
	compiler.Schemas, compiler.simples, compiler.texts, compiler.reported = x.schemas, map[Name]*lexical{}, map[Name]*Plan{},
		map[*Element]bool{}
	compiler.heirs, compiler.referred, compiler.near, compiler.busy = nil, nil, nil, map[planKey]bool{}
	made := compiler.Global(x.root, x.at)
	c.inner[x.schemas] = compiler
	nesting = p.replaced(way, func(was *Plan) *Plan {
		met = true
		return &Plan{t: made.t, name: was.name, value: -1, text: was.text, nested: &nested{root: x.root, plan: made}}
	})
	return nesting, met
}

// replaced returns the plan with another in the place of a text at a path of fields; itself where the path leads nowhere.
func (p *Plan) replaced(way []string, by func(*Plan) *Plan) *Plan {
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
func (d *Decoder) document(r *Reading) (schema.Value, error) {
	text, err := r.content64(d.plan.text)
	if err != nil {
		return schema.Value{}, err
	}
	inner := &Reading{Scanner: codec.NewXMLScanner(text, codec.XMLOptions{}), Strict: r.Strict}
	if _, err := Child(inner.Scanner); err != nil {
		return schema.Value{}, Violation("type", "a document that is well-formed XML", "")
	}
	if space, local := inner.Scanner.Name(); space != d.plan.nested.root.Space || local != d.plan.nested.root.Local {
		return schema.Value{}, Violation("type", "a document "+d.plan.nested.root.Local, "another")
	}
	v, err := d.inner.element(inner, false, nil)
	if err != nil {
		return v, wellFormed(err)
	}
	for {
		kind, err := inner.Scanner.Next()
		if err != nil || kind == codec.XMLEOF {
			return v, wellFormed(err)
		}
	}
}

// wellFormed makes an error of a document within another the one that a message would have.
func wellFormed(err error) error {
	if _, syntax := err.(*codec.SyntaxError); syntax { //nolint:errorlint // the scanner's own
		return Violation("type", "a document that is well-formed XML", "")
	}
	return err
}

// content64 reads what a field holds, as octets or as text.
func (r *Reading) content64(l *lexical) ([]byte, error) {
	if l.form == formBase64 || l.form == formHex || l.form == formReference {
		v, err := r.included(l)
		if err != nil {
			return nil, err
		}
		return schema.Octets(v), nil
	}
	text, err := r.Text()
	return []byte(text), err
}

// document appends the document in a field.
func (e *Encoder) document(w *Writing, dst []byte, v schema.Value) ([]byte, error) {
	text := append([]byte(nil), `<?xml version="1.0" encoding="UTF-8"?>`...)
	inner := *w // it holds no more than the message around it
	inner.MTOM, inner.Parts, inner.beside = false, nil, w.beside+len(dst)
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
func (es *Encoders) documented(e *Encoder, x *nested) {
	inner := NewEncoders("")
	t := inner.Tag(x.root, x.plan)
	t.open = append(t.open, ` xmlns:xsi="`+InstanceSpace+`"`...)
	for i, space := range inner.spaces {
		t.open = append(codec.AppendXMLAttr(append(t.open, ` xmlns:n`+strconv.Itoa(i)+`="`...), space), '"')
	}
	e.kids = []Tag{t}
}
