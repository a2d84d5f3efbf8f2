package xsd

import (
	"slices"
)

// attrDecl is an attribute as a schema declares it.
type attrDecl struct {
	name          Name
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
func (x *content) declare(n Name, a *attrDecl) {
	if i, again := x.where[n]; again {
		x.attrs[i] = nil
		delete(x.where, n)
	}
	if a == nil {
		return
	}
	if x.where == nil {
		x.where = map[Name]int{}
	}
	x.where[n] = len(x.attrs)
	x.attrs = append(x.attrs, a)
}

// attribute adds an attribute; one that is declared again replaces the inherited one.
func (c *Compiler) attribute(k *Element, d *document, to *content) {
	a := &attrDecl{required: k.Attr("use") == "required"}
	def, inner := k, k
	if n := k.QName("ref"); n.Local != "" {
		a.name = d.name(n)
		g, ok := c.attrs[a.name]
		if ok {
			inner, d = g.el, g.doc
			if _, own := k.Find("fixed"); !own {
				if _, own = k.Find("default"); !own {
					def = g.el
				}
			}
		} else if a.name.Space != xmlSpace && !known[a.name.Space] {
			c.missing("attribute", a.name, k, c.attrs)
			return
		}
	} else {
		a.name.Local = k.Attr("name")
		if f := k.Attr("form"); f == "qualified" || f == "" && d.attrs {
			a.name.Space = d.target
		}
	}
	if k.Attr("use") == "prohibited" {
		to.declare(a.name, nil)
		return
	}
	a.text = anyText
	if n := inner.QName("type"); n.Local != "" {
		a.text = c.simple(d.name(n), inner)
	} else if s := inner.First(Space, "simpleType"); s != nil {
		a.text = c.simpleType(s, d)
	}
	a.def, a.hasDef, a.fixed = fallback(def, a.text)
	a.docs = doc(k)
	to.declare(a.name, a)
}

// fallback returns the default or fixed value of an element or attribute of a simple type; l is nil for another.
func fallback(k *Element, l *lexical) (value string, given, fixed bool) {
	for _, facet := range []string{"fixed", "default"} {
		v, ok := k.Find(facet)
		if !ok {
			continue
		}
		if l != nil && l.form == formQName {
			if name := k.expandedIn(facet); name != "" {
				v = name
			}
		}
		return v, true, facet == "fixed"
	}
	return "", false, false
}
