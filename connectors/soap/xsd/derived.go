package xsd

import (
	"cmp"
	"slices"

	"fondaco/schema"
)

// typeField is the field that says which of the concrete types a value of an abstract one has.
const typeField = "xsi_type"

// variant is a concrete type that stands for an abstract one: xsi:type says which.
type variant struct {
	plan  *Plan
	word  string   // the value of typeField
	names []string // what the fields of plan are called in the abstract type's record
}

// maxVariants bounds the types that may stand for one: hierarchies with more of them are told by their base alone.
const maxVariants = 200

// family returns the plan for elements whose type others stand for: a record with the fields of all of them, and typeField.
// It is complete when the compiler has finished. Of an abstract type all that derive from it stand for it; of another,
// those that no element has by name: they are there to be said by xsi:type. nil if there are none.
func (c *Compiler) family(n Name, g global) *Plan {
	if p := c.abstracts[n]; p != nil {
		return p
	}
	abstract := isTrue(g.el.Attr("abstract"))
	list, all := c.concrete(n), []Name(nil)
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
	p := &Plan{
		t: &schema.Type{Kind: schema.KindRecord, Name: n.Local, Doc: doc(g.el)}, name: n, value: -1, variants: []variant{}, base: -1,
		heirs: set(all),
	}
	if !abstract {
		list, p.base = append([]Name{n}, list...), 0
	}
	c.abstracts[n] = p
	c.waiting = append(c.waiting, waiting{p, list})
	return p
}

// waiting is the plan of a family that is not yet complete.
type waiting struct {
	plan *Plan
	list []Name
}

func set(list []Name) map[Name]bool {
	out := map[Name]bool{}
	for _, n := range list {
		out[n] = true
	}
	return out
}

// descend completes the plan of a family.
func (c *Compiler) descend(w waiting) {
	p := w.plan
	for _, n := range w.list {
		if !c.spend(1) {
			return
		}
		inner := c.complexType(n, c.types[n], c.types[n].el)
		if inner.raw || inner.t.Kind != schema.KindRecord {
			c.once(c.types[n].el, "the type %s derives from the type %s, and is not made of elements: it is left out", n.Local, p.name.Local).
				AsWarning()
			continue
		}
		word := n.Local
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
func (c *Compiler) isReferred(n Name) bool {
	if c.referred != nil {
		return c.referred[n]
	}
	c.referred = map[Name]bool{}
	named := map[Name]bool{}
	var walk func(e *Element, d *document)
	walk = func(e *Element, d *document) {
		if e.Local == "element" && e.Space == Space {
			if ref := e.QName("ref"); ref.Local != "" {
				named[d.name(ref)] = true
			}
			c.referred[d.name(e.QName("type"))] = true
		}
		for _, k := range e.Kids {
			walk(k, d)
		}
	}
	for _, in := range []map[Name]global{c.types, c.groups} {
		for _, g := range in {
			walk(g.el, g.doc)
		}
	}
	for _, g := range c.elements {
		for _, k := range g.el.Kids {
			walk(k, g.doc)
		}
	}
	for n, g := range c.elements {
		if named[n] || c.spoken[n] || g.el.Attr("substitutionGroup") != "" {
			c.referred[g.doc.name(g.el.QName("type"))] = true
		}
	}
	return c.referred[n]
}

// share returns the name that a variant's field has in the record of all: its own, or with the variant's where another
// variant has a field of that name and of another kind.
func (p *Plan) share(f schema.Field, word string, held map[string]int) string {
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
func (p *Plan) variant(word string) *variant {
	for i := range p.variants {
		if p.variants[i].word == word {
			return &p.variants[i]
		}
	}
	return nil
}

// concrete returns the types that derive from one, however far, and are not abstract themselves, in the order of names.
func (c *Compiler) concrete(base Name) (list []Name) {
	if c.heirs == nil {
		c.heirs = map[Name][]Name{}
		for n, g := range c.types {
			if b, ok := derivesFrom(g); ok {
				c.heirs[b] = append(c.heirs[b], n)
			}
		}
		for _, names := range c.heirs {
			slices.SortFunc(names, func(a, b Name) int {
				return cmp.Or(cmp.Compare(a.Local, b.Local), cmp.Compare(a.Space, b.Space))
			})
		}
	}
	met := map[Name]bool{base: true}
	for open := []Name{base}; len(open) > 0 && c.link(1); open = open[1:] {
		for _, n := range c.heirs[open[0]] {
			if met[n] || len(list) == maxVariants {
				continue
			}
			met[n] = true
			open = append(open, n)
			if !isTrue(c.types[n].el.Attr("abstract")) {
				list = append(list, n)
			}
		}
	}
	return list
}

// derivesFrom returns the type that a complex type extends or restricts.
func derivesFrom(g global) (base Name, ok bool) {
	k := g.el.First(Space, "complexContent")
	if k == nil {
		return Name{}, false
	}
	for _, how := range k.Kids {
		if how.Space == Space && (how.Local == "extension" || how.Local == "restriction") {
			return g.doc.name(how.QName("base")), true
		}
	}
	return Name{}, false
}
