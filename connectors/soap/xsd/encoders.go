package xsd

import (
	"strconv"
	"strings"
)

// Encoders makes encoders that share the prefixes of one message. Not safe for concurrent use.
type Encoders struct {
	known    map[*Plan]*Encoder
	prefixes map[string]string
	spaces   []string // by prefix, n0 is the first
	encoding string   // the namespace of SOAP encoding where it is used
}

// NewEncoders returns no encoders yet. encoding is the namespace of SOAP encoding, "" for literal messages.
func NewEncoders(encoding string) *Encoders {
	return &Encoders{known: map[*Plan]*Encoder{}, prefixes: map[string]string{}, encoding: encoding}
}

// Root returns a message's outermost element with more attributes, each with a blank before it. It has no xsi:type in SOAP encoding.
func (es *Encoders) Root(n Name, p *Plan, attributes []byte) Tag {
	t := es.Tag(n, p)
	t.typed = nil
	t.open = append(t.open, attributes...)
	return t
}

// prefix returns the prefix of a namespace with its colon, "" for none.
func (es *Encoders) prefix(space string) string {
	switch space {
	case "":
		return ""
	case xmlSpace:
		return "xml:"
	}
	p, ok := es.prefixes[space]
	if !ok {
		p = "n" + strconv.Itoa(len(es.spaces)) + ":"
		es.prefixes[space] = p
		es.spaces = append(es.spaces, space)
	}
	return p
}

// Tag returns an element of a name, with values of a plan.
func (es *Encoders) Tag(n Name, p *Plan) Tag {
	q := es.prefix(n.Space) + n.Local
	t := Tag{open: []byte("<" + q), end: []byte("</" + q + ">"), e: es.Of(p)}
	switch {
	case es.encoding == "" || p.variants != nil:
	case p.array != nil:
		t.typed = []byte(` xsi:type="` + es.prefix(es.encoding) + `Array" ` + es.prefix(es.encoding) + `arrayType="` +
			es.prefix(p.array.itemType.Space) + p.array.itemType.Local + strings.Repeat("[]", p.array.ranks) + `[`)
	case p.name.Local != "" && !strings.HasSuffix(p.name.Local, redefined):
		t.typed = []byte(` xsi:type="` + es.prefix(p.name.Space) + p.name.Local + `"`)
	}
	return t
}

// Of returns the encoder of a plan.
func (es *Encoders) Of(p *Plan) *Encoder {
	if e := es.known[p]; e != nil {
		return e
	}
	e := &Encoder{plan: p}
	es.known[p] = e
	if p.nested != nil {
		es.documented(e, p.nested)
		return e
	}
	if p.array != nil {
		e.kids = []Tag{es.Tag(p.array.element, p.array.item)}
		return e
	}
	if p.variants == nil {
		es.bind(e)
		return e
	}
	for i := range p.variants {
		v := &p.variants[i]
		x := concrete{
			xsiType: []byte(` xsi:type="` + es.prefix(v.plan.name.Space) + v.plan.name.Local + `"`),
			e:       &Encoder{plan: v.plan, names: v.names}, has: map[string]bool{typeField: true},
		}
		for _, n := range v.names {
			x.has[n] = true
		}
		es.bind(x.e)
		e.variants = append(e.variants, x)
	}
	return e
}

// bind prepares the attributes and places of an encoder's plan.
func (es *Encoders) bind(e *Encoder) {
	p := e.plan
	e.ordered = p.model.plain()
	for _, a := range p.attrs {
		e.attrs = append(e.attrs, []byte(" "+es.prefix(a.Space)+a.Local+`="`))
	}
	fields := map[int]bool{}
	for i := range p.kids {
		k := &p.kids[i]
		if fields[k.field] {
			e.ordered = false
		}
		fields[k.field] = true
		if k.any != nil {
			e.kids = append(e.kids, Tag{})
			continue
		}
		if k.group {
			e.kids = append(e.kids, Tag{e: es.Of(k.plan)})
			continue
		}
		e.kids = append(e.kids, es.Tag(k.Name, k.plan))
	}
}

// plain reports whether a model has neither a choice nor a group that repeats or may be left out.
func (p *particle) plain() bool {
	if p == nil || p.kind == oneElement {
		return true
	}
	if p.kind == inChoice || p.max != 1 || p.min != 1 {
		return false
	}
	for _, part := range p.parts {
		if !part.plain() {
			return false
		}
	}
	return true
}
