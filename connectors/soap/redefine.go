package soap

// redefined ends the name under which the definition lives on that a redefinition replaces: no schema can say it.
const redefined = " as it was"

// redefine puts the definitions inside of an xs:redefine in the place of those that the file it names gives. Each may
// extend, restrict or hold what it replaces, by its own name (XML Schema Part 1, 4.2.2).
func (s *schemas) redefine(k *element, d *document) {
	for _, el := range k.kids {
		var in map[name]global
		reference := "base"
		switch {
		case el.space != xsdSpace:
			continue
		case el.local == "complexType" || el.local == "simpleType":
			in = s.types
		case el.local == "group":
			in, reference = s.groups, "ref"
		case el.local == "attributeGroup":
			in, reference = s.attrGroups, "ref"
		default:
			continue
		}
		n := name{d.target, el.attr("name")}
		old := name{n.space, n.local + redefined}
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
func (e *element) rename(attribute string, d *document, from, to name) {
	names := e.named(attribute)
	for i := range names {
		if d.name(names[i]) == from {
			names[i] = to
		}
	}
	for _, k := range e.kids {
		k.rename(attribute, d, from, to)
	}
}
