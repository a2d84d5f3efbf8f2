package xsd

import (
	"fondaco/schema"
)

// anyElement is what samples have where anything may stand.
const anyElement, anySpace = `<esempio xmlns="http://www.example.org/"/>`, "http://www.example.org/"

// Sample returns the value that a sample must have at a path of fields where a made-up text would not be admitted; absent for any other.
func (p *Plan) Sample(steps []string) schema.Value { return p.example(steps, 0) }

// example follows the steps of a path of fields to what a made-up text may not stand for.
func (p *Plan) example(steps []string, depth int) schema.Value {
	if depth > 64 || p.t == nil {
		return schema.Value{}
	}
	if p.raw && len(steps) == 0 {
		return schema.Text(anyElement)
	}
	for i := range p.variants {
		if v := p.variants[i].plan.example(steps, depth+1); !v.IsAbsent() {
			return v
		}
	}
	if len(steps) == 0 {
		return p.text.example()
	}
	for i := range p.attrs {
		if a := &p.attrs[i]; len(steps) == 1 && p.t.Fields[a.field].Name == steps[0] {
			if a.fixed {
				v, _ := a.text.parse(a.def)
				return v
			}
			return a.text.example()
		}
	}
	if p.value >= 0 && len(steps) == 1 && p.t.Fields[p.value].Name == steps[0] {
		return p.text.example()
	}
	if p.array != nil && p.array.item == nil {
		return schema.Value{}
	}
	if p.array != nil {
		return p.array.item.example(steps[1:], depth+1)
	}
	for i := range p.kids {
		k := &p.kids[i]
		if k.field < 0 || k.field >= len(p.t.Fields) || p.t.Fields[k.field].Name != steps[0] {
			continue
		}
		if v, last := k.example(steps[1:], depth); last || !v.IsAbsent() {
			return v
		}
	}
	return schema.Value{}
}

// example is that of a place; last says that no other place of the field has one.
func (k *kid) example(rest []string, depth int) (v schema.Value, last bool) {
	listed := func(v schema.Value) (schema.Value, bool) {
		if k.list && !v.IsAbsent() {
			v = schema.List([]schema.Value{v})
		}
		return v, true
	}
	switch {
	case k.any != nil && len(rest) == 0 && !k.any.admits(anySpace):
		return listed(schema.Text("<esempio/>"))
	case k.any != nil && len(rest) == 0:
		return listed(schema.Text(anyElement))
	case k.any != nil || k.plan == nil:
		return schema.Value{}, true
	case k.list && len(rest) > 0:
		rest = rest[1:]
	case k.held() && len(rest) == 0:
		v, _ := k.plan.text.parse(k.def)
		return listed(v)
	case k.list && k.plan.raw:
		return listed(schema.Text(anyElement))
	case k.list && k.plan.value < 0:
		return listed(k.plan.text.example())
	case k.list:
		return schema.Value{}, true
	}
	return k.plan.example(rest, depth+1), false
}

// example returns a value that may be written, where a made-up text may not; absent for any other.
func (l *lexical) example() schema.Value {
	switch {
	case l == nil || len(l.t.Enum) > 0 || l.t.Pattern != "":
	case l.wire != nil && l.t.Kind == schema.KindText:
		return schema.Text(l.wire.example)
	case l.form == formList && l.item.wire != nil && len(l.item.t.Enum) == 0:
		return schema.List([]schema.Value{schema.Text(l.item.wire.example)})
	}
	return schema.Value{}
}
