package soap

import (
	"slices"
)

// attrDecl is an attribute as a schema declares it.
type attrDecl struct {
	name          name
	text          *lexical
	required      bool
	def           string
	hasDef, fixed bool
	docs          string
}

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
