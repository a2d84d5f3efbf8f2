package xsd

import "fondaco/schema"

// Part is one of the values of a sequence, as the parts of a message are: a global element if Element is given, else a value of Type in an
// element that is called Label. At is where the part is declared, for problems.
type Part struct {
	Label         string
	Type, Element Name
	At            *Element
}

// maxParts is how many values a sequence may have.
const maxParts = 1000

// Sequence compiles values that stand one after the other into a record. returns says that the first one may have any name, as the
// return value of an rpc answer in SOAP encoding (SOAP 1.1 §7.1).
func (c *Compiler) Sequence(list []Part, returns bool) *Plan {
	p := &Plan{t: &schema.Type{Kind: schema.KindRecord}, value: -1, returns: returns}
	model := &particle{kind: inSequence, min: 1, max: 1}
	for i, part := range list {
		if i == maxParts {
			break
		}
		k := kid{Name: Name{"", part.Label}, field: i, required: !c.loose}
		if part.Type.Local != "" {
			k.plan = c.Typed(part.Type, part.At)
		} else if x := c.declared(part.Element, part.At); x != nil {
			k.plan, k.Name = c.element(x), x.name
		} else {
			k.plan = Raw
		}
		p.kids = append(p.kids, k)
		f := schema.Field{Name: p.free(part.Label, "_"), Type: k.plan.t, Required: !c.loose || k.plan.array != nil}
		p.t.Add(f)
		model.parts = append(model.parts, &particle{kind: oneElement, min: 1, max: 1, kid: i})
	}
	p.t.Seal()
	p.model = model
	p.flow = c.flows(model, len(p.kids))
	return p
}
