package soap

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"fondaco/config/diag"
)

// content is what a complex type holds, gathered over its bases and groups.
type content struct {
	text  *lexical
	attrs []*attrDecl // nil where a later one took the place
	where map[name]int
	parts []*particle
	any   bool // everything may stand in it: mixed content or anyType
}

// decl is an element or a wildcard as a schema declares it, references followed.
type decl struct {
	name     name
	el       *element
	doc      *document
	nillable bool
	any      *wildcard
	group    *particle // of a group that repeats, what stands in it once
}

// attrDecl is an attribute as a schema declares it.
type attrDecl struct {
	name          name
	text          *lexical
	required      bool
	def           string
	hasDef, fixed bool
	docs          string
}

// maxNested bounds bases of bases and groups within groups.
const maxNested = 64

// attributes returns the attributes that are left.
func (x *content) attributes() []*attrDecl {
	return slices.DeleteFunc(x.attrs, func(a *attrDecl) bool { return a == nil })
}

// declare adds an attribute in the place of one that was inherited; nil takes that away.
func (x *content) declare(n name, a *attrDecl) {
	if i, again := x.where[n]; again {
		x.attrs[i] = nil
		delete(x.where, n)
	}
	if a == nil {
		return
	}
	if x.where == nil {
		x.where = map[name]int{}
	}
	x.where[n] = len(x.attrs)
	x.attrs = append(x.attrs, a)
}

// gather adds what a complexType element holds.
func (c *compiler) gather(el *element, d *document, to *content, nested int) {
	if nested > maxNested {
		c.once(el, "the type is made of more than %d others", maxNested)
		return
	}
	leave, ok := c.within(el, "the type is made of itself")
	if !ok {
		return
	}
	defer leave()
	if el.attr("mixed") == "true" {
		to.any = true
	}
	for _, k := range el.kids {
		if k.space != xsdSpace {
			continue
		}
		switch k.local {
		case "simpleContent":
			c.simpleContent(k, d, to, nested)
		case "complexContent":
			if k.attr("mixed") == "true" {
				to.any = true
			}
			c.complexContent(k, d, to, nested)
		default:
			c.gatherPart(k, d, to, nested)
		}
	}
}

// within says that a group or a type is being gathered, until leave. ok is false, and the problem is reported, if it is
// being gathered already.
func (c *compiler) within(el *element, itself string) (leave func(), ok bool) {
	if c.open[el] {
		c.once(el, "%s", itself)
		c.budget.endless = true
		return nil, false
	}
	if c.open == nil {
		c.open = map[*element]bool{}
	}
	c.open[el] = true
	return func() { delete(c.open, el) }, c.spend(1)
}

// gatherPart adds a group of elements, an attribute or a group of attributes.
func (c *compiler) gatherPart(k *element, d *document, to *content, nested int) {
	if !c.spend(1) {
		return
	}
	switch k.local {
	case "sequence", "choice", "all", "group":
		if p := c.group(k, d, nested); p != nil {
			to.parts = append(to.parts, p)
		}
	case "attribute":
		c.attribute(k, d, to)
	case "attributeGroup":
		n := d.name(k.qname("ref"))
		g, ok := c.attrGroups[n]
		if !ok {
			c.missing("attribute group", n, k, c.attrGroups)
			return
		}
		if nested > maxNested {
			c.once(k, "the attribute group is made of more than %d others", maxNested)
			return
		}
		leave, ok := c.within(g.el, "the attribute group is made of itself")
		if !ok {
			return
		}
		defer leave()
		for _, inner := range g.el.kids {
			if inner.space == xsdSpace {
				c.gatherPart(inner, g.doc, to, nested+1)
			}
		}
	}
}

func (c *compiler) simpleContent(k *element, d *document, to *content, nested int) {
	for _, how := range k.kids {
		if how.space != xsdSpace || how.local != "extension" && how.local != "restriction" {
			continue
		}
		base := d.name(how.qname("base"))
		if g, ok := c.types[base]; ok && g.el.local == "complexType" {
			c.gather(g.el, g.doc, to, nested+1)
		} else {
			to.text = c.simple(base, how)
		}
		if to.text == nil {
			to.text = anyText
		}
		if how.local == "restriction" {
			if inner := how.first(xsdSpace, "simpleType"); inner != nil {
				to.text = c.simpleType(inner, d)
			}
			to.text = c.restrict(to.text, how)
		}
		for _, part := range how.kids {
			if part.space == xsdSpace && strings.HasPrefix(part.local, "attribute") {
				c.gatherPart(part, d, to, nested)
			}
		}
	}
}

func (c *compiler) complexContent(k *element, d *document, to *content, nested int) {
	for _, how := range k.kids {
		if how.space != xsdSpace || how.local != "extension" && how.local != "restriction" {
			continue
		}
		base := d.name(how.qname("base"))
		switch g, ok := c.types[base]; {
		case isEncoding(base.space):
			to.any = true // arrays of SOAP encoding: their content is what their sender likes
		case base == name{xsdSpace, "anyType"}:
			if how.local == "extension" {
				to.any = true
			}
		case !ok:
			c.missing("type", base, how, c.types)
		default:
			inherited := &content{}
			c.gather(g.el, g.doc, inherited, nested+1)
			to.any = to.any || inherited.any
			for _, a := range inherited.attributes() {
				to.declare(a.name, a)
			}
			if how.local == "extension" {
				to.parts = append(to.parts, inherited.parts...)
				to.text = inherited.text
			}
		}
		for _, part := range how.kids {
			if part.space == xsdSpace {
				c.gatherPart(part, d, to, nested)
			}
		}
	}
}

// group returns a sequence, choice, all or a reference to a group; nil if nothing of it may stand.
func (c *compiler) group(k *element, d *document, nested int) *particle {
	if nested > maxNested {
		c.once(k, "the group is nested more than %d deep", maxNested)
		return nil
	}
	if !c.spend(1) {
		return nil
	}
	p := &particle{}
	if p.min, p.max = occurs(k); p.max == 0 {
		return nil
	}
	switch k.local {
	case "choice":
		p.kind = inChoice
	case "all":
		p.kind = inAll
	case "group":
		n := d.name(k.qname("ref"))
		g, ok := c.groups[n]
		if !ok {
			c.missing("group", n, k, c.groups)
			return nil
		}
		leave, ok := c.within(g.el, "the group is made of itself")
		if !ok {
			return nil
		}
		defer leave()
		for _, inner := range g.el.kids {
			if inner.space != xsdSpace {
				continue
			}
			switch inner.local {
			case "sequence", "choice", "all":
				if part := c.group(inner, g.doc, nested+1); part != nil {
					p.parts = append(p.parts, part)
				}
			}
		}
		return p
	}
	for _, inner := range k.kids {
		if inner.space != xsdSpace {
			continue
		}
		var part *particle
		switch inner.local {
		case "element":
			part = c.elementPart(inner, d)
		case "any":
			part = c.anyPart(inner, d)
		case "sequence", "choice", "group", "all":
			part = c.group(inner, d, nested+1)
		}
		if part != nil {
			p.parts = append(p.parts, part)
		}
	}
	return p
}

// elementPart returns an element's place; for the head of a substitution group a choice of all that may stand for it.
func (c *compiler) elementPart(k *element, d *document) *particle {
	p := &particle{kind: oneElement}
	if p.min, p.max = occurs(k); p.max == 0 || !c.spend(1) {
		return nil
	}
	n := k.qname("ref")
	if n.local == "" {
		x := &decl{name: name{"", k.attr("name")}, el: k, doc: d, nillable: isTrue(k.attr("nillable"))}
		if f := k.attr("form"); f == "qualified" || f == "" && d.elements {
			x.name.space = d.target
		}
		p.decl = x
		return p
	}
	n = d.name(n)
	if n == (name{xsdSpace, "schema"}) {
		// A data set brings its own schema and rows of it: both are taken as they come.
		p.decl = &decl{name: n, doc: d}
		return p
	}
	if len(c.members[n]) == 0 {
		p.decl = c.declared(n, k)
		if p.decl == nil {
			p.decl = &decl{name: n, doc: d}
		}
		return p
	}
	choice := &particle{kind: inChoice, min: p.min, max: p.max}
	done := map[name]bool{}
	var add func(n name)
	add = func(n name) {
		if done[n] || !c.spend(1) {
			return
		}
		done[n] = true
		if x := c.declared(n, k); x != nil && !isTrue(x.el.attr("abstract")) {
			choice.parts = append(choice.parts, &particle{kind: oneElement, min: 1, max: 1, decl: x})
		}
		for _, m := range c.members[n] {
			add(m)
		}
	}
	add(n)
	return choice
}

// declared finds a global element; nil, reported, if there is none.
func (c *compiler) declared(n name, at *element) *decl {
	g, ok := c.elements[n]
	if !ok {
		c.missing("element", n, at, c.elements)
		return nil
	}
	return &decl{name: n, el: g.el, doc: g.doc, nillable: isTrue(g.el.attr("nillable"))}
}

func (c *compiler) anyPart(k *element, d *document) *particle {
	w := &wildcard{}
	switch spaces := strings.Fields(k.attr("namespace")); {
	case len(spaces) == 0 || spaces[0] == "##any":
	case spaces[0] == "##other":
		w.other, w.others = d.target, true
	default:
		w.spaces = map[string]bool{}
		for _, s := range spaces {
			switch s {
			case "##targetNamespace":
				s = d.target
			case "##local":
				s = ""
			}
			w.spaces[s] = true
		}
	}
	p := &particle{kind: oneElement, decl: &decl{any: w}}
	if p.min, p.max = occurs(k); p.max == 0 || !c.spend(1) {
		return nil
	}
	return p
}

// attribute adds an attribute; one that is declared again replaces the inherited one.
func (c *compiler) attribute(k *element, d *document, to *content) {
	a := &attrDecl{required: k.attr("use") == "required"}
	def, inner := k, k
	if n := k.qname("ref"); n.local != "" {
		a.name = d.name(n)
		g, ok := c.attrs[a.name]
		if ok {
			inner, d = g.el, g.doc
			if _, own := k.find("fixed"); !own {
				if _, own = k.find("default"); !own {
					def = g.el
				}
			}
		} else if a.name.space != xmlSpace && !known[a.name.space] {
			c.missing("attribute", a.name, k, c.attrs)
			return
		}
	} else {
		a.name.local = k.attr("name")
		if f := k.attr("form"); f == "qualified" || f == "" && d.attrs {
			a.name.space = d.target
		}
	}
	if k.attr("use") == "prohibited" {
		to.declare(a.name, nil)
		return
	}
	a.text = anyText
	if n := inner.qname("type"); n.local != "" {
		a.text = c.simple(d.name(n), inner)
	} else if s := inner.first(xsdSpace, "simpleType"); s != nil {
		a.text = c.simpleType(s, d)
	}
	a.def, a.hasDef, a.fixed = fallback(def)
	a.docs = doc(k)
	to.declare(a.name, a)
}

// fallback returns the default or fixed value of an element or attribute.
func fallback(k *element) (value string, given, fixed bool) {
	if v, ok := k.find("fixed"); ok {
		return v, true, true
	}
	v, ok := k.find("default")
	return v, ok, false
}

// occurs reads minOccurs and maxOccurs; max is -1 without bound.
func occurs(k *element) (least, most int) {
	least, most = 1, 1
	if v := k.attr("minOccurs"); v != "" {
		least, _ = strconv.Atoi(v)
	}
	switch v := k.attr("maxOccurs"); {
	case v == "unbounded":
		most = -1
	case v != "":
		n, err := strconv.ParseUint(v, 10, 64)
		most = int(min(n, math.MaxInt32))
		if err != nil {
			most = -1
		}
	}
	if most >= 0 && least > most {
		most = least
	}
	return max(least, 0), most
}

func isTrue(s string) bool { return s == "true" || s == "1" }

// doc returns the documentation of an element of a schema, in one line.
func doc(k *element) string {
	if a := k.first(xsdSpace, "annotation"); a != nil {
		if d := a.first(xsdSpace, "documentation"); d != nil {
			text := strings.Join(strings.Fields(d.text), " ")
			if r := []rune(text); len(r) > 500 {
				text = string(r[:500])
			}
			return text
		}
	}
	return ""
}

// once reports a problem at a place, the first time alone.
func (c *compiler) once(at *element, format string, args ...any) *diag.Problem {
	if c.reported[at] || c.budget.used {
		return &diag.Problem{}
	}
	c.reported[at] = true
	return c.out.Report(diag.BadSchema, at.pos, format, args...)
}

// missing reports a reference to what no schema defines.
func (c *compiler) missing(what string, n name, at *element, in map[name]global) {
	if known[n.space] && n.space != xsdSpace {
		return // of a schema that is no part of bodies: its content is taken as it comes
	}
	shown := n.local
	if n.space != "" {
		shown = "{" + n.space + "}" + n.local
	}
	near := c.near[what]
	if near == nil {
		if c.near == nil {
			c.near = map[string][]string{}
		}
		near = names(in)
		c.near[what] = near
	}
	c.once(at, "no schema defines the %s %s", what, shown).WithNearest(n.local, near)
}

func names(in map[name]global) []string {
	var out []string
	for n := range in {
		out = append(out, n.local)
	}
	slices.Sort(out)
	return out
}
