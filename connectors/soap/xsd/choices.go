package xsd

import "fondaco/schema"

// choices tells the record which of its fields exclude each other: the choices of its content model that are made once.
// A choice whose branches cannot be told apart by their fields (one that repeats, an element in two branches, a wildcard,
// null) is left to the content model alone, which all that is read and written is held to.
func (p *Plan) choices() {
	if p.model == nil {
		return
	}
	uses := map[int]int{} // how many places a field has
	for _, k := range p.kids {
		uses[k.field]++
	}
	p.choose(p.model, false, uses)
}

func (p *Plan) choose(x *particle, optional bool, uses map[int]int) {
	if x.max != 1 {
		return
	}
	optional = optional || x.min == 0
	if x.kind != inChoice {
		for _, part := range x.parts {
			p.choose(part, optional, uses)
		}
		return
	}
	c := schema.Choice{None: optional}
	ok := true
	for _, part := range x.parts {
		b, clear := p.branch(part, uses)
		switch {
		case !clear:
			ok = false
		case len(b.Fields) == 0:
			c.None = true
		default:
			c.Branches = append(c.Branches, b)
		}
		p.choose(part, true, uses)
	}
	if ok && len(c.Branches) > 1 {
		p.t.Choices = append(p.t.Choices, c)
	}
}

// branch returns the fields of a part of a choice; clear is false where they do not tell whether it was chosen.
func (p *Plan) branch(x *particle, uses map[int]int) (b schema.Branch, clear bool) {
	clear = true
	x.walk(func(e *particle) {
		k := &p.kids[e.kid]
		if k.any != nil || k.list || k.plan.array != nil || uses[k.field] > 1 || p.t.Fields[k.field].Type.Nullable || k.hasDef {
			clear = false
			return
		}
		b.Fields = append(b.Fields, p.t.Fields[k.field].Name)
	})
	if !clear {
		return b, false
	}
	x.needed(func(e *particle) { b.Required = append(b.Required, p.t.Fields[p.kids[e.kid].field].Name) })
	return b, true
}

// needed visits the elements that a part cannot do without.
func (p *particle) needed(visit func(*particle)) {
	switch {
	case p.min == 0 || p.kind == inChoice:
	case p.kind == oneElement:
		visit(p)
	default:
		for _, part := range p.parts {
			part.needed(visit)
		}
	}
}
