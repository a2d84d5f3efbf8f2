package xsd

// redefined ends the name under which the definition lives on that a redefinition replaces: no schema can say it.
const redefined = " as it was"

// redefine puts the definitions inside of an xs:redefine in the place of those of the file that it names. Each may
// extend, restrict or hold what it replaces, by its own name (XML Schema Part 1, 4.2.2).
func (s *Schemas) redefine(k *Element, d *document) {
	for _, el := range k.Kids {
		var in map[Name]global
		reference := "base"
		switch {
		case el.Space != Space:
			continue
		case el.Local == "complexType" || el.Local == "simpleType":
			in = s.types
		case el.Local == "group":
			in, reference = s.groups, "ref"
		case el.Local == "attributeGroup":
			in, reference = s.attrGroups, "ref"
		default:
			continue
		}
		n := Name{d.target, el.Attr("name")}
		old := Name{n.Space, n.Local + redefined}
		if was, known := in[n]; known {
			if _, twice := in[old]; twice {
				continue // the schema was reached by two ways
			}
			in[old] = was
			el.rename(reference, d, n, old)
		}
		in[n] = global{el, d}
	}
}

// rename makes references to one name, in the element and within it, references to another.
func (e *Element) rename(attribute string, d *document, from, to Name) {
	names := e.named(attribute)
	for i := range names {
		if d.name(names[i]) == from {
			names[i] = to
		}
	}
	for _, k := range e.Kids {
		k.rename(attribute, d, from, to)
	}
}
