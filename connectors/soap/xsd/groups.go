package xsd

import (
	"strconv"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// Groups that repeat: a sequence or a choice of several elements with maxOccurs over 1. What stands in them belongs together, and
// has an order: each occurrence is a record of its own, and the group a list of them, in the field items. In the content model the
// group is one place; its own model is the plan of its records.

// itemsField is the field of a group that repeats; one more, and one beside an element of that name, is items_2.
const itemsField = "items"

// grouped returns a part of a content model in which each group that repeats is one place.
func (p *particle) grouped() *particle {
	if p.kind == oneElement {
		return p
	}
	for len(p.parts) == 1 && p.parts[0].kind != oneElement {
		inner := p.parts[0]
		p.min, p.max = min(p.min*inner.min, manyTimes), times(p.max, inner.max, false)
		p.kind, p.parts = inner.kind, inner.parts
	}
	if p.max != 1 && p.several() {
		inside := &particle{kind: p.kind, min: 1, max: 1, parts: p.parts}
		if p.kind == inChoice {
			inside.parts = p.branches(p.parts)
		}
		inside.grouping()
		return &particle{kind: oneElement, min: p.min, max: p.max, decl: &decl{group: inside}}
	}
	p.grouping()
	return p
}

// grouping makes places of the groups that repeat within a group.
func (p *particle) grouping() {
	for i, part := range p.parts {
		p.parts[i] = part.grouped()
	}
}

// branches returns the branches of a choice that repeats, each for one occurrence: a branch that repeats without bound says no
// more than the choice does, nor does a choice within it.
func (p *particle) branches(parts []*particle) (list []*particle) {
	for _, part := range parts {
		if part.min == 0 {
			p.min = 0
		}
		endless := p.max < 0 && part.max < 0 && part.min <= 1
		switch {
		case part.kind == inChoice && (endless || part.max == 1):
			list = append(list, p.branches(part.parts)...)
		case part.kind == oneElement && endless:
			part.min, part.max = 1, 1
			list = append(list, part)
		default:
			list = append(list, part)
		}
	}
	return list
}

// several reports whether elements of more than one name stand in a group.
func (p *particle) several() bool {
	names := map[Name]bool{}
	p.walk(func(x *particle) { names[x.decl.name] = true })
	return len(names) > 1
}

// items adds the place of a group that repeats, and its field.
func (c *Compiler) items(p *Plan, x *particle, taken map[string]bool) {
	g := &Plan{t: &schema.Type{Kind: schema.KindRecord, Doc: "What stands together in one occurrence of the group."}, value: -1}
	c.places(g, x.decl.group, nil)
	g.t.Seal()
	x.hollow = g.empty
	n := counts{x.min, x.max}
	if g.empty {
		n.min = 0
	}
	k := kid{plan: g, group: true, list: true, required: n.min > 0 && !c.loose, field: len(p.t.Fields)}
	field := itemsField
	for i := 2; taken[field] || p.t.Index(field) >= 0; i++ {
		field = itemsField + "_" + strconv.Itoa(i)
	}
	p.kids = append(p.kids, k)
	p.t.Add(schema.Field{Name: field, Type: c.fieldType(&k, n), Required: k.required || c.answers})
}

// begins reports whether an element may be the first of an occurrence; wild reports whether a wildcard takes it.
func (p *Plan) begins(space, local string) (begins, wild bool) {
	at := p.next(-1, space, local)
	if at < 0 {
		return false, false
	}
	k := &p.kids[at]
	if k.group {
		return k.plan.begins(space, local)
	}
	return true, k.any != nil
}

// takes reports whether an element has a place somewhere in the content, by its local name or by a wildcard.
func (p *Plan) takes(space, local string) bool {
	for i := range p.kids {
		switch k := &p.kids[i]; {
		case k.group && k.plan.takes(space, local), k.any != nil && k.any.admits(space), k.any == nil && !k.group && k.Local == local:
			return true
		}
	}
	return false
}

// around are the contents that an occurrence stands in, the innermost first.
type around struct {
	plan *Plan
	up   *around
}

func (a *around) takes(space, local string) bool {
	for ; a != nil; a = a.up {
		if a.plan.takes(space, local) {
			return true
		}
	}
	return false
}

// occurrence reads one occurrence of a group, whose first start was the last step, up to what belongs to it no more.
func (d *Decoder) occurrence(r *Reading, up *around) (schema.Value, error) {
	slots := r.arena.Slots(d.want)
	r.begun = true
	err := d.places(r, slots, up)
	return schema.Record(d.want, slots), err
}

// step reads on: to the start that is known already, the end that is, or the next one of the document.
func (r *Reading) step() (codec.XMLKind, error) {
	switch {
	case r.begun:
		r.begun = false
		return codec.XMLStart, nil
	case r.ended:
		r.ended = false
		return codec.XMLEnd, nil
	}
	return r.Scanner.Next()
}

// occurrence appends one occurrence of a group.
func (e *Encoder) occurrence(w *Writing, dst []byte, v schema.Value) ([]byte, error) {
	if k := v.Kind(); k != schema.KindRecord && k != schema.KindMap {
		return dst, Violation("type", schema.Article(e.plan.t), k.String())
	}
	if err := w.Room(dst, schema.Value{}); err != nil {
		return dst, err
	}
	before := len(dst)
	dst, err := e.content(w, dst, v)
	if err == nil && len(dst) == before {
		err = Violation("required", "a field of the record", "none")
	}
	return dst, err
}
