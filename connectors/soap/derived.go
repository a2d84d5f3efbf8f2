package soap

import (
	"cmp"
	"slices"

	"fondaco/schema"
)

// typeField is the field that says which of the concrete types a value of an abstract one has.
const typeField = "xsi_type"

// variant is a concrete type that stands for an abstract one: xsi:type says which.
type variant struct {
	plan  *plan
	word  string   // the value of typeField
	names []string // what the fields of plan are called in the abstract type's record
}

// maxVariants bounds the types that may stand for one: hierarchies with more of them are told by their base alone.
const maxVariants = 200

// family returns the plan for elements whose type others stand for: a record with the fields of all of them, and typeField.
// It is complete when the compiler has finished. Of an abstract type all that derive from it stand for it; of another,
// those that no element has by name: they are there to be said by xsi:type. nil if there are none.
func (c *compiler) family(n name, g global) *plan {
	if p := c.abstracts[n]; p != nil {
		return p
	}
	abstract := isTrue(g.el.attr("abstract"))
	list, all := c.concrete(n), []name(nil)
	if len(list) == 0 {
		return nil
	}
	var inside content
	if c.gather(g.el, g.doc, &inside, 0); inside.any || inside.text != nil {
		return nil
	}
	if !abstract {
		all = list
		list = slices.DeleteFunc(slices.Clone(list), c.isReferred)
	}
	if len(list) == 0 || len(list) == maxVariants {
		return nil
	}
	p := &plan{t: &schema.Type{Kind: schema.KindRecord, Name: n.local, Doc: doc(g.el)}, name: n, value: -1, variants: []variant{}, base: -1, heirs: set(all)}
	if !abstract {
		list, p.base = append([]name{n}, list...), 0
	}
	c.abstracts[n] = p
	c.waiting = append(c.waiting, waiting{p, list})
	return p
}

// waiting is the plan of a family that is not yet complete.
type waiting struct {
	plan *plan
	list []name
}

func set(list []name) map[name]bool {
	out := map[name]bool{}
	for _, n := range list {
		out[n] = true
	}
	return out
}

// descend completes the plan of a family.
func (c *compiler) descend(w waiting) {
	p := w.plan
	for _, n := range w.list {
		if !c.spend(1) {
			return
		}
		inner := c.complexType(n, c.types[n], c.types[n].el)
		if inner.raw || inner.t.Kind != schema.KindRecord {
			c.once(c.types[n].el, "the type %s derives from the type %s, and is not made of elements: it is left out", n.local, p.name.local).AsWarning()
			continue
		}
		word := n.local
		for p.variant(word) != nil {
			word += "_"
		}
		p.variants = append(p.variants, variant{plan: inner, word: word})
	}
	tag := &schema.Type{Kind: schema.KindText, Doc: "The type of what stands here."}
	p.t.Add(schema.Field{Name: typeField, Type: tag, Required: c.answers || p.base < 0})
	held := map[string]int{}
	for i := range p.variants {
		v := &p.variants[i]
		tag.Enum = append(tag.Enum, schema.Text(v.word))
		if !c.spend(len(v.plan.t.Fields)) {
			return
		}
		for _, f := range v.plan.t.Fields {
			v.names = append(v.names, p.share(f, v.word, held))
		}
	}
	for i := range p.t.Fields {
		if f := &p.t.Fields[i]; f.Name != typeField && held[f.Name] < len(p.variants) {
			f.Required = false
		}
	}
	p.t.Seal()
}

// isReferred reports whether an element that may come has the type by its name. Global elements that nothing names do not
// count: spyne and WCF declare one for each type.
func (c *compiler) isReferred(n name) bool {
	if c.referred != nil {
		return c.referred[n]
	}
	c.referred = map[name]bool{}
	named := map[name]bool{}
	var walk func(e *element, d *document)
	walk = func(e *element, d *document) {
		if e.local == "element" && e.space == xsdSpace {
			if ref := e.qname("ref"); ref.local != "" {
				named[d.name(ref)] = true
			}
			c.referred[d.name(e.qname("type"))] = true
		}
		for _, k := range e.kids {
			walk(k, d)
		}
	}
	for _, in := range []map[name]global{c.types, c.groups} {
		for _, g := range in {
			walk(g.el, g.doc)
		}
	}
	for _, g := range c.elements {
		for _, k := range g.el.kids {
			walk(k, g.doc)
		}
	}
	for n, g := range c.elements {
		if named[n] || c.spoken[n] || g.el.attr("substitutionGroup") != "" {
			c.referred[g.doc.name(g.el.qname("type"))] = true
		}
	}
	return c.referred[n]
}

// share returns the name that a variant's field has in the record of all: its own, or with the variant's where another
// variant has a field of that name and of another kind.
func (p *plan) share(f schema.Field, word string, held map[string]int) string {
	if i := p.t.Index(f.Name); i >= 0 && f.Name != typeField {
		if known := &p.t.Fields[i]; alike(known.Type, f.Type) {
			if known.Type != f.Type && scalar(f.Type) {
				known.Type = schema.Join(known.Type, f.Type)
			}
			known.Required = known.Required && f.Required
			held[f.Name]++
			return f.Name
		}
	}
	f.Name = p.free(f.Name, "_"+word)
	p.t.Add(f)
	held[f.Name]++
	return f.Name
}

// alike reports whether one field may hold values of both types.
func alike(a, b *schema.Type) bool {
	switch {
	case a == b:
		return true
	case a.Kind != b.Kind:
		return false
	case a.Kind == schema.KindList:
		return alike(a.Elem, b.Elem)
	}
	return scalar(a)
}

func scalar(t *schema.Type) bool {
	if t.Kind == schema.KindList {
		return scalar(t.Elem)
	}
	return t.Kind != schema.KindRecord && t.Kind != schema.KindUnion && t.Kind != schema.KindMap
}

// variant finds the variant of a word, nil if there is none.
func (p *plan) variant(word string) *variant {
	for i := range p.variants {
		if p.variants[i].word == word {
			return &p.variants[i]
		}
	}
	return nil
}

// concrete returns the types that derive from one, however far, and are not abstract themselves, in the order of names.
func (c *compiler) concrete(base name) (list []name) {
	if c.heirs == nil {
		c.heirs = map[name][]name{}
		for n, g := range c.types {
			if b, ok := derivesFrom(g); ok {
				c.heirs[b] = append(c.heirs[b], n)
			}
		}
		for _, names := range c.heirs {
			slices.SortFunc(names, func(a, b name) int {
				return cmp.Or(cmp.Compare(a.local, b.local), cmp.Compare(a.space, b.space))
			})
		}
	}
	met := map[name]bool{base: true}
	for open := []name{base}; len(open) > 0 && c.link(1); open = open[1:] {
		for _, n := range c.heirs[open[0]] {
			if met[n] || len(list) == maxVariants {
				continue
			}
			met[n] = true
			open = append(open, n)
			if !isTrue(c.types[n].el.attr("abstract")) {
				list = append(list, n)
			}
		}
	}
	return list
}

// derivesFrom returns the type that a complex type extends or restricts.
func derivesFrom(g global) (base name, ok bool) {
	k := g.el.first(xsdSpace, "complexContent")
	if k == nil {
		return name{}, false
	}
	for _, how := range k.kids {
		if how.space == xsdSpace && (how.local == "extension" || how.local == "restriction") {
			return g.doc.name(how.qname("base")), true
		}
	}
	return name{}, false
}
