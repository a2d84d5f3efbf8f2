package xsd

import (
	"fondaco/schema"
)

// Decoders makes decoders, one for each plan and type. Not safe for concurrent use.
type Decoders struct {
	known    map[decoderKey]*Decoder
	tolerant bool
}

// NewDecoders returns no decoders yet. tolerant says that what is wrong in one field loses that field alone.
func NewDecoders(tolerant bool) *Decoders {
	return &Decoders{known: map[decoderKey]*Decoder{}, tolerant: tolerant}
}

// checker returns what holds a text to the constraints of its type, nil where it has none or nobody tolerates: what is read
// is otherwise checked as a whole.
func (ds *Decoders) checker(l *lexical) *schema.Checker {
	if l == nil || !ds.tolerant || !Constrained(l.t) {
		return nil
	}
	return schema.NewChecker(l.t)
}

type decoderKey struct {
	plan *Plan
	want *schema.Type
}

// Of returns the decoder of a plan into values of a type: the plan's, or what schema.Prune has left of it. It must not be called
// concurrently; the decoder may be used so.
func (ds *Decoders) Of(p *Plan, want *schema.Type) *Decoder {
	key := decoderKey{p, want}
	if d := ds.known[key]; d != nil {
		return d
	}
	d := &Decoder{plan: p, want: want, text: -1, check: ds.checker(p.text)}
	ds.known[key] = d
	if p.nested != nil {
		d.inner = ds.Of(p.nested.plan, want)
		return d
	}
	if p.array != nil && want.Kind == schema.KindList {
		d.item = ds.Of(p.array.item, want.Elem)
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
		x := &Decoder{plan: v.plan, want: want, text: -1, check: ds.checker(v.plan.text)}
		ds.bind(x, func(field int) int { return want.Index(v.names[field]) })
		d.variants = append(d.variants, x)
	}
	return d
}

// nothingOf is the type of a record of which nothing is wanted.
var nothingOf = schema.RecordType()

// bind says where the parts of a decoder's plan go.
func (ds *Decoders) bind(d *Decoder, slot func(field int) int) {
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
			x.d = ds.Of(k.plan, t)
		} else if k.group {
			x.d = ds.Of(k.plan, nothingOf) // it is gone through all the same, for what comes after it
		}
		d.kids = append(d.kids, x)
	}
}

// Constrained reports whether values of a type have more to fulfil than their kinds.
func Constrained(t *schema.Type) bool { return constrainedBut(t, map[*schema.Type]bool{}) }

func constrainedBut(t *schema.Type, done map[*schema.Type]bool) bool {
	if t == nil || done[t] {
		return false
	}
	done[t] = true
	if t.Format != "" || len(t.Enum) > 0 || t.Pattern != "" || t.MinLength != nil || t.MaxLength != nil ||
		t.Minimum != nil || t.Maximum != nil || t.Digits != nil || t.Fraction != nil || constrainedBut(t.Elem, done) {
		return true
	}
	for i := range t.Fields {
		if constrainedBut(t.Fields[i].Type, done) {
			return true
		}
	}
	return false
}
