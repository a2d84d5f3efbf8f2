package soap

import (
	"math"
	"strconv"
	"strings"
)

// decl is an element or a wildcard as a schema declares it, references followed.
type decl struct {
	name     name
	el       *element
	doc      *document
	nillable bool
	any      *wildcard
	group    *particle // of a group that repeats, what stands in it once
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
