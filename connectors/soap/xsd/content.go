package xsd

import (
	"strings"
)

// content is what a complex type holds, gathered over its bases and groups.
type content struct {
	text  *lexical
	attrs []*attrDecl // nil where a later one took the place
	where map[Name]int
	parts []*particle
	any   bool // everything may stand in it: mixed content or anyType
}

// maxNested bounds bases of bases and groups within groups.
const maxNested = 64

// gather adds what a complexType element holds.
func (c *Compiler) gather(el *Element, d *document, to *content, nested int) {
	if nested > maxNested {
		c.once(el, "the type is made of more than %d others", maxNested)
		return
	}
	leave, ok := c.within(el, "the type is made of itself")
	if !ok {
		return
	}
	defer leave()
	if el.Attr("mixed") == "true" {
		to.any = true
	}
	for _, k := range el.Kids {
		if k.Space != Space {
			continue
		}
		switch k.Local {
		case "simpleContent":
			c.simpleContent(k, d, to, nested)
		case "complexContent":
			if k.Attr("mixed") == "true" {
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
func (c *Compiler) within(el *Element, itself string) (leave func(), ok bool) {
	if c.open[el] {
		c.once(el, "%s", itself)
		c.budget.endless = true
		return nil, false
	}
	if c.open == nil {
		c.open = map[*Element]bool{}
	}
	c.open[el] = true
	return func() { delete(c.open, el) }, c.spend(1)
}

// gatherPart adds a group of elements, an attribute or a group of attributes.
func (c *Compiler) gatherPart(k *Element, d *document, to *content, nested int) {
	if !c.spend(1) {
		return
	}
	switch k.Local {
	case "sequence", "choice", "all", "group":
		if p := c.group(k, d, nested); p != nil {
			to.parts = append(to.parts, p)
		}
	case "attribute":
		c.attribute(k, d, to)
	case "attributeGroup":
		n := d.name(k.QName("ref"))
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
		for _, inner := range g.el.Kids {
			if inner.Space == Space {
				c.gatherPart(inner, g.doc, to, nested+1)
			}
		}
	}
}

func (c *Compiler) simpleContent(k *Element, d *document, to *content, nested int) {
	for _, how := range k.Kids {
		if how.Space != Space || how.Local != "extension" && how.Local != "restriction" {
			continue
		}
		base := d.name(how.QName("base"))
		if g, ok := c.types[base]; ok && g.el.Local == "complexType" {
			c.gather(g.el, g.doc, to, nested+1)
		} else {
			to.text = c.simple(base, how)
		}
		if to.text == nil {
			to.text = anyText
		}
		if how.Local == "restriction" {
			if inner := how.First(Space, "simpleType"); inner != nil {
				to.text = c.simpleType(inner, d)
			}
			to.text = c.restrict(to.text, how)
		}
		for _, part := range how.Kids {
			if part.Space == Space && strings.HasPrefix(part.Local, "attribute") {
				c.gatherPart(part, d, to, nested)
			}
		}
	}
}

func (c *Compiler) complexContent(k *Element, d *document, to *content, nested int) {
	for _, how := range k.Kids {
		if how.Space != Space || how.Local != "extension" && how.Local != "restriction" {
			continue
		}
		base := d.name(how.QName("base"))
		switch g, ok := c.types[base]; {
		case isEncoding(base.Space):
			to.any = true // arrays of SOAP encoding: their content is what their sender likes
		case base == Name{Space, "anyType"}:
			if how.Local == "extension" {
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
			if how.Local == "extension" {
				to.parts = append(to.parts, inherited.parts...)
				to.text = inherited.text
			}
		}
		for _, part := range how.Kids {
			if part.Space == Space {
				c.gatherPart(part, d, to, nested)
			}
		}
	}
}

func isTrue(s string) bool { return s == "true" || s == "1" }

// doc returns the documentation of an element of a schema, in one line.
func doc(k *Element) string {
	text := strings.Join(strings.Fields(k.Doc), " ")
	if r := []rune(text); len(r) > 500 {
		text = string(r[:500])
	}
	return text
}
