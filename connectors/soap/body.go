package soap

import (
	"strings"

	"fondaco/config/diag"
	"fondaco/schema"
)

// body is what a message holds in its Body: one element, or none.
type body struct {
	root  name
	plan  *plan
	none  bool // the Body is empty
	alone bool // the element holds a text alone: the value is a record with the field value
	t     *schema.Type
}

// maxParts is how many parts an rpc message may have.
const maxParts = 1000

// body compiles what an operation's input or output holds; nil, reported, if it cannot be.
func (d *definitions) body(c *compiler, b *bound, which string) *body {
	abstract, concrete := b.direction(which)
	if abstract == nil {
		return &body{none: true, t: schema.TypeNull}
	}
	message := d.messages[abstract.qname("message")]
	if message == nil {
		d.out.Report(diag.BadSchema, abstract.pos, "no message is called %s", abstract.qname("message").local)
		return nil
	}
	soap := soapChild(concrete, "body")
	if soap == nil {
		soap = &element{}
	}
	if soap.attr("use") == "encoded" {
		d.out.Report(diag.BadSchema, b.binding.pos, "the operation %s is rpc/encoded, which is not spoken yet: only literal is", b.name)
		return nil
	}
	var list []*element
	only, limited := soap.find("parts")
	headers := map[string]bool{}
	for _, k := range concrete.kids {
		if k.local == "header" && (k.space == bindSpace || k.space == bind12Space) && k.qname("message") == abstract.qname("message") {
			headers[k.attr("part")] = true
		}
	}
	for _, p := range parts(message) {
		n := p.attr("name")
		if headers[n] || limited && !contains(strings.Fields(only), n) {
			continue
		}
		list = append(list, p)
	}
	if b.style == "rpc" {
		local := b.name
		if which == "output" {
			local += "Response"
		}
		space, given := soap.find("namespace")
		if !given {
			space = d.space[b.port.portType]
		}
		return finishBody(d.wrap(c, name{space, local}, list))
	}
	switch {
	case len(list) == 0:
		return &body{none: true, t: schema.RecordType()}
	case len(list) > 1:
		d.out.Report(diag.BadSchema, message.pos, "the message %s has %d parts in the body, expected one: the style is document", message.attr("name"), len(list))
		return nil
	}
	n := list[0].qname("element")
	if n.local == "" {
		d.out.Report(diag.BadSchema, list[0].pos, "the part %s names a type, expected an element: the style is document", list[0].attr("name"))
		return nil
	}
	x := c.declared(n, list[0])
	if x == nil {
		return nil
	}
	return finishBody(&body{root: n, plan: c.element(x)})
}

// wrap makes the element that holds the parts of an rpc message.
func (d *definitions) wrap(c *compiler, root name, list []*element) *body {
	p := &plan{t: &schema.Type{Kind: schema.KindRecord}, value: -1}
	model := &particle{kind: inSequence, min: 1, max: 1}
	for i, part := range list {
		if i == maxParts {
			break
		}
		k := kid{name: name{"", part.attr("name")}, field: i, required: true}
		if n := part.qname("type"); n.local != "" {
			k.plan = c.typed(n, part)
		} else if x := c.declared(part.qname("element"), part); x != nil {
			k.plan = c.element(x)
		} else {
			k.plan = rawPlan
		}
		p.kids = append(p.kids, k)
		p.t.Fields = append(p.t.Fields, schema.Field{Name: p.free(k.local, "_"), Type: k.plan.t, Required: true})
		model.parts = append(model.parts, &particle{kind: oneElement, min: 1, max: 1, kid: i})
	}
	p.t.Seal()
	p.model = model
	p.flow = flows(model, len(p.kids))
	return &body{root: root, plan: p}
}

// finishBody gives the body its type: always a record.
func finishBody(b *body) *body {
	b.t = b.plan.t
	if b.t.Kind != schema.KindRecord {
		b.alone = true
		b.t = schema.RecordType(schema.Field{Name: "value", Type: b.plan.t, Required: true})
	}
	return b
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
