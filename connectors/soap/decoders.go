package soap

import (
	"fondaco/schema"
)

// decoders makes decoders, one for each plan and type.
type decoders struct {
	known    map[decoderKey]*decoder
	tolerant bool
}

func newDecoders(tolerant bool) *decoders {
	return &decoders{known: map[decoderKey]*decoder{}, tolerant: tolerant}
}

// checker returns what holds a text to the constraints of its type, nil where it has none or nobody tolerates: what is read
// is otherwise checked as a whole.
func (ds *decoders) checker(l *lexical) *schema.Checker {
	if l == nil || !ds.tolerant || !constrained(l.t, map[*schema.Type]bool{}) {
		return nil
	}
	return schema.NewChecker(l.t)
}

type decoderKey struct {
	plan *plan
	want *schema.Type
}

func (ds *decoders) of(p *plan, want *schema.Type) *decoder {
	key := decoderKey{p, want}
	if d := ds.known[key]; d != nil {
		return d
	}
	d := &decoder{plan: p, want: want, text: -1, check: ds.checker(p.text)}
	ds.known[key] = d
	if p.nested != nil {
		d.inner = ds.of(p.nested.plan, want)
		return d
	}
	if p.array != nil && want.Kind == schema.KindList {
		d.item = ds.of(p.array.item, want.Elem)
	}
	if p.t.Kind != schema.KindRecord || want.Kind != schema.KindRecord {
		return d
	}
	if p.variants == nil {
		ds.bind(d, func(field int) int { return want.Index(p.t.Fields[field].Name) })
		return d
	}
	d.tag = want.Index(typeField)
	for i := range p.variants {
		v := &p.variants[i]
		x := &decoder{plan: v.plan, want: want, text: -1, check: ds.checker(v.plan.text)}
		ds.bind(x, func(field int) int { return want.Index(v.names[field]) })
		d.variants = append(d.variants, x)
	}
	return d
}

// nothingOf is the type of a record of which nothing is wanted.
var nothingOf = schema.RecordType()

// bind says where the parts of a decoder's plan go.
func (ds *decoders) bind(d *decoder, slot func(field int) int) {
	p, want := d.plan, d.want
	for _, a := range p.attrs {
		d.attrs = append(d.attrs, slot(a.field))
		d.checks = append(d.checks, ds.checker(a.text))
	}
	if p.value >= 0 {
		d.text = slot(p.value)
	}
	lists := map[int]int{}
	for i := range p.kids {
		k := &p.kids[i]
		x := place{slot: slot(k.field), list: -1}
		if x.slot >= 0 {
			t := want.Fields[x.slot].Type
			if k.list {
				n, met := lists[x.slot]
				if !met {
					n = d.lists
					lists[x.slot] = n
					d.lists++
				}
				x.list, t = n, t.Elem
			}
			x.d = ds.of(k.plan, t)
		} else if k.group {
			x.d = ds.of(k.plan, nothingOf) // it is gone through all the same, for what comes after it
		}
		d.kids = append(d.kids, x)
	}
}
