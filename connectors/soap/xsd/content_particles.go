package xsd

import (
	"math"
	"strconv"
	"strings"
)

// decl is an element or a wildcard as a schema declares it, references followed.
type decl struct {
	name     Name
	el       *Element
	doc      *document
	nillable bool
	any      *wildcard
	group    *particle // of a group that repeats, what stands in it once
}

// group returns a sequence, choice, all or a reference to a group; nil if nothing of it may stand.
func (c *Compiler) group(k *Element, d *document, nested int) *particle {
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
	switch k.Local {
	case "choice":
		p.kind = inChoice
	case "all":
		p.kind = inAll
	case "group":
		n := d.name(k.QName("ref"))
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
		for _, inner := range g.el.Kids {
			if inner.Space != Space {
				continue
			}
			switch inner.Local {
			case "sequence", "choice", "all":
				if part := c.group(inner, g.doc, nested+1); part != nil {
					p.parts = append(p.parts, part)
				}
			}
		}
		return p
	}
	for _, inner := range k.Kids {
		if inner.Space != Space {
			continue
		}
		var part *particle
		switch inner.Local {
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
func (c *Compiler) elementPart(k *Element, d *document) *particle {
	p := &particle{kind: oneElement}
	if p.min, p.max = occurs(k); p.max == 0 || !c.spend(1) {
		return nil
	}
	n := k.QName("ref")
	if n.Local == "" {
		x := &decl{name: Name{"", k.Attr("name")}, el: k, doc: d, nillable: isTrue(k.Attr("nillable"))}
		if f := k.Attr("form"); f == "qualified" || f == "" && d.elements {
			x.name.Space = d.target
		}
		p.decl = x
		return p
	}
	n = d.name(n)
	if n == (Name{Space, "schema"}) {
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
	done := map[Name]bool{}
	var add func(n Name)
	add = func(n Name) {
		if done[n] || !c.spend(1) {
			return
		}
		done[n] = true
		if x := c.declared(n, k); x != nil && !isTrue(x.el.Attr("abstract")) {
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
func (c *Compiler) declared(n Name, at *Element) *decl {
	g, ok := c.elements[n]
	if !ok {
		c.missing("element", n, at, c.elements)
		return nil
	}
	return &decl{name: n, el: g.el, doc: g.doc, nillable: isTrue(g.el.Attr("nillable"))}
}

func (c *Compiler) anyPart(k *Element, d *document) *particle {
	w := &wildcard{}
	switch spaces := strings.Fields(k.Attr("namespace")); {
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
func occurs(k *Element) (least, most int) {
	least, most = 1, 1
	if v := k.Attr("minOccurs"); v != "" {
		least, _ = strconv.Atoi(v)
	}
	switch v := k.Attr("maxOccurs"); {
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
