package xsd

import (
	"slices"
	"strconv"

	"fondaco/schema"
)

// Raw is the plan of content of any kind: its text, with the tags.
var Raw = &Plan{t: schema.TypeText, raw: true, value: -1}

// textPlan returns the plan of an element that holds text alone.
func textPlan(l *lexical) *Plan { return &Plan{t: l.t, text: l, value: -1} }

// namedText returns the plan of a simple type that has a name, which all elements of that type share.
func (c *Compiler) namedText(n Name, l *lexical) *Plan {
	p := textPlan(l)
	p.name = n
	c.texts[n] = p
	return p
}

// Typed compiles the type of a name. One that no schema defines is reported at the place that names it, and taken as Raw.
func (c *Compiler) Typed(n Name, at *Element) *Plan {
	if c.budget.used {
		return Raw
	}
	if n.Space == Space || isEncoding(n.Space) {
		if n.Local == "anyType" {
			return Raw
		}
		if n.Local == "Array" && n.Space != Space {
			return plainArray()
		}
		if p := c.texts[n]; p != nil {
			return p
		}
		if l := c.builtin(n.Local); l != nil {
			return c.namedText(n, l)
		}
	}
	if n.Space == swaSpace {
		return textPlan(c.simple(n, at))
	}
	g, ok := c.types[n]
	if !ok {
		c.missing("type", n, at, c.types)
		return Raw
	}
	if g.el.Local == "simpleType" {
		if p := c.texts[n]; p != nil {
			return p
		}
		return c.namedText(n, c.simple(n, at))
	}
	if p := c.family(n, g); p != nil {
		return p
	}
	p := c.complexType(n, g, at)
	if p.heirs == nil && !p.raw {
		p.heirs = set(c.concrete(n))
	}
	return p
}

// element compiles the type of an element.
func (c *Compiler) element(d *decl) *Plan {
	if d == nil || d.el == nil {
		return Raw
	}
	if n := d.el.QName("type"); n.Local != "" {
		return c.Typed(d.doc.name(n), d.el)
	}
	for _, k := range d.el.Kids {
		if k.Space != Space {
			continue
		}
		switch k.Local {
		case "complexType":
			p := c.complexType(Name{}, global{k, d.doc}, k)
			if p.t.Kind == schema.KindRecord && p.t.Hint == "" {
				p.t.Hint = d.name.Local
			}
			return p
		case "simpleType":
			return textPlan(c.simpleType(k, d.doc))
		}
	}
	head := d.el.QName("substitutionGroup")
	if head.Local == "" {
		return Raw
	}
	leave, ok := c.enter(d.el)
	defer leave()
	x := c.declared(d.doc.name(head), d.el)
	if !ok || x == nil || c.heads[x.el] {
		return Raw
	}
	if c.heads == nil {
		c.heads = map[*Element]bool{}
	}
	c.heads[x.el] = true
	defer delete(c.heads, x.el)
	return c.element(x)
}

// complexType compiles a complexType element, once.
func (c *Compiler) complexType(n Name, g global, _ *Element) *Plan {
	key := planKey{g.el, g.doc.target}
	if p := c.plans[key]; p != nil {
		if c.busy[key] && p.t.Name == "" {
			p.t.Name = n.Local // it holds itself
		}
		return p
	}
	if p := c.arrayType(n, g, key); p != nil {
		return p
	}
	leave, ok := c.enter(g.el)
	defer leave()
	if !ok {
		return Raw
	}
	p := &Plan{t: &schema.Type{Kind: schema.KindRecord, Hint: n.Local}, name: n, value: -1}
	c.plans[key] = p
	c.busy[key] = true
	defer delete(c.busy, key)
	var inside content
	c.gather(g.el, g.doc, &inside, 0)
	attrs := inside.attributes()
	mixed := inside.any && inside.text == nil && slices.ContainsFunc(attrs, func(a *attrDecl) bool { return !isEncoding(a.name.Space) })
	if inside.any && inside.text == nil && !mixed {
		*p = Plan{t: schema.TypeText, raw: true, name: n, value: -1}
		return p
	}
	p.t.Doc = doc(g.el)
	p.text = inside.text
	if p.text != nil && len(attrs) == 0 {
		p.t = p.text.t
		return p
	}
	switch {
	case mixed:
		p.mixed, p.value = true, 0
		p.t.Add(schema.Field{Name: "value", Type: schema.TypeText, Required: !c.loose, Doc: "The content, with its tags."})
		p.flow = c.flows(nil, 0)
	case p.text != nil:
		p.value = 0
		p.t.Add(schema.Field{Name: "value", Type: p.text.t, Required: !c.loose})
	default:
		c.children(p, inside.parts, attrs)
	}
	for _, a := range attrs {
		x := attribute{Name: a.name, text: a.text, required: a.required &&
			!c.loose, def: a.def, hasDef: a.hasDef, fixed: a.fixed, field: len(p.t.Fields)}
		p.attrs = append(p.attrs, x)
		p.t.Add(schema.Field{
			Name: p.free(a.name.Local, "_attribute"), Type: a.text.t, Doc: a.docs,
			Required: a.required && !a.hasDef && !c.loose || c.answers && a.hasDef,
		})
	}
	p.t.Seal()
	return p
}

// free returns a name that no field has yet: the given one, or with an ending.
func (p *Plan) free(local, ending string) string {
	n := local
	for i := p.again[local+ending]; p.t.Index(n) >= 0; {
		if i++; p.again == nil {
			p.again = map[string]int{}
		}
		p.again[local+ending] = i
		if n = local + ending; i > 1 {
			n += strconv.Itoa(i)
		}
	}
	return n
}

// children makes fields of the elements of a content model: one for each name, a list where it may come repeatedly, and a list of
// records for each group of them that repeats.
func (c *Compiler) children(p *Plan, parts []*particle, attrs []*attrDecl) {
	if len(parts) == 0 {
		p.flow = c.flows(nil, 0)
		return
	}
	model := &particle{kind: inSequence, min: 1, max: 1, parts: parts}
	model.grouping()
	c.places(p, model, attrs)
}

// places makes the places of a content model and their fields.
func (c *Compiler) places(p *Plan, model *particle, attrs []*attrDecl) {
	p.model = model
	taken := map[string]bool{}
	for _, a := range attrs {
		taken[a.name.Local] = true
	}
	model.walk(func(x *particle) { taken[x.decl.name.Local] = true })
	counts := p.model.count()
	fields := map[Name]int{}
	first := map[int]*kid{} // the first place of each field
	wild := -1
	p.model.walk(func(x *particle) {
		x.kid = len(p.kids)
		if x.decl.group != nil {
			c.items(p, x, taken)
			return
		}
		k := kid{Name: x.decl.name, any: x.decl.any, nillable: x.decl.nillable}
		if k.any != nil {
			k.plan = Raw
			if wild < 0 {
				wild = len(p.t.Fields)
				p.t.Add(schema.Field{Name: p.free("any", "_"), Type: schema.TypeText})
			}
			k.field = wild
			p.kids = append(p.kids, k)
			return
		}
		n := counts[x.decl.name]
		k.list, k.required = n.max != 1, n.min > 0 && !c.loose
		if i, again := fields[x.decl.name]; again {
			k.field = i
			k.plan, k.nillable = first[i].plan, k.nillable || first[i].nillable
			k.falls(x.decl.el)
			first[i].nillable = k.nillable
			p.kids = append(p.kids, k)
			return
		}
		k.plan = c.element(x.decl)
		k.falls(x.decl.el)
		k.field = len(p.t.Fields)
		fields[x.decl.name] = k.field
		first[k.field] = &kid{plan: k.plan, nillable: k.nillable}
		p.kids = append(p.kids, k)
		f := schema.Field{Name: p.free(x.decl.name.Local, "_"), Required: n.min > 0 && !c.loose && (c.answers || k.filled().IsAbsent())}
		if x.decl.el != nil {
			f.Doc = doc(x.decl.el)
		}
		f.Type = c.fieldType(&k, n)
		f.Required = f.Required || (k.list || k.plan.array != nil && !k.nillable) && c.answers
		p.t.Add(f)
	})
	only := p.model
	for len(only.parts) == 1 && only.kind == inSequence && only.max == 1 {
		only = only.parts[0]
	}
	p.all = only.kind == inAll
	p.flow = c.flows(p.model, len(p.kids))
	if !c.loose {
		p.choices()
	}
	model.walk(func(x *particle) { x.decl = nil }) // which holds the document
}

// fieldType returns the type of a field: its element's, with null and as a list where the schema says so.
func (c *Compiler) fieldType(k *kid, n counts) *schema.Type {
	t := k.plan.t
	if k.nillable && !t.Nullable {
		t = c.orNull(t)
	}
	if !k.list {
		return t
	}
	t = schema.ListOf(t)
	if c.loose {
		return t
	}
	if n.min > 1 {
		t.MinLength = &n.min
	} else if n.min == 1 {
		one := 1
		t.MinLength = &one
	}
	if n.max > 1 {
		t.MaxLength = &n.max
	}
	return t
}

// orNull returns a type with null: one for each, for what shares a type is to be told by it.
func (c *Compiler) orNull(t *schema.Type) *schema.Type {
	if copied := c.nullable[t]; copied != nil {
		return copied
	}
	copied := *t
	copied.Nullable = true
	if c.nullable == nil {
		c.nullable = map[*schema.Type]*schema.Type{}
	}
	c.nullable[t] = &copied
	return &copied
}

// walk visits the elements of a content model, in their order.
func (p *particle) walk(visit func(*particle)) {
	if p.kind == oneElement {
		visit(p)
		return
	}
	for _, part := range p.parts {
		part.walk(visit)
	}
}
