package soap

import (
	"slices"
	"strings"

	"fondaco/config/diag"
	"fondaco/schema"
)

// body is what a message holds: one element in the Body, or several, or none; header entries and attachments beside.
type body struct {
	root     name
	plan     *plan
	none     bool   // the Body is empty
	alone    bool   // the element holds a text or a list alone: the value is a record with the field value
	several  bool   // the parts stand in the Body side by side, without an element around them
	encoding string // the namespace of SOAP encoding; "" for literal
	style    string // the value of encodingStyle
	t        *schema.Type

	answers bool // it is an output
	oneWay  bool // there is none: the operation has no output

	headers    []entry
	headType   *schema.Type // of the header entries together
	headField  string       // the field of t that holds them, "" if there are none
	attached   []string     // parts that are sent beside the envelope (SOAP with Attachments)
	attachedAs []string     // the fields of t that hold them
}

// entry is a header entry that the binding declares.
type entry struct {
	name name
	plan *plan
}

// maxParts is how many parts an rpc message may have.
const maxParts = 1000

// noBody is for messages with nothing in the Body.
func noBody(t *schema.Type) *body { return &body{none: true, t: t} }

// body compiles what an operation's input or output holds; nil, reported, if it cannot be.
func (d *definitions) body(c *compiler, b *bound, which string) *body {
	abstract, concrete := b.direction(which)
	if abstract == nil {
		none := noBody(schema.TypeNull)
		none.oneWay = true
		return none
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
	encoding, style := "", ""
	if soap.attr("use") == "encoded" {
		encoding, style = soapEncoded, soap.attr("encodingStyle")
		if b.port.version == "1.2" {
			encoding = soap12Encoded
		}
		if style == "" || b.port.version == "1.2" {
			style = encoding
		}
		c = c.looser()
	}
	content, attached := d.content(b, message, abstract, concrete, soap)
	var made *body
	switch {
	case b.style == "rpc":
		local := b.name
		if which == "output" {
			local += "Response"
		}
		space, given := soap.find("namespace")
		if !given {
			space = d.space[b.port.portType]
		}
		made = &body{root: name{space, local}, plan: d.wrap(c, content)}
		made.plan.returns = encoding != "" && which == "output"
	case len(content) == 0:
		made = noBody(schema.RecordType())
	case len(content) == 1 && content[0].qname("element").local != "":
		n := content[0].qname("element")
		x := c.declared(n, content[0])
		if x == nil {
			return nil
		}
		made = &body{root: n, plan: c.element(x)}
	default:
		made = &body{several: true, plan: d.wrap(c, content)}
	}
	made.encoding, made.style, made.attached, made.answers = encoding, style, attached, c.answers
	d.headers(c, made, concrete)
	c.bodies = append(c.bodies, made)
	made.settle()
	return made
}

// content returns the parts of a message that stand in the Body, and the names of those that are attached.
func (d *definitions) content(b *bound, message, abstract, concrete, soap *element) (list []*element, attached []string) {
	only, limited := soap.find("parts")
	elsewhere := map[string]bool{}
	if b.style != "rpc" {
		for _, h := range soapChildren(concrete, "header") {
			if h.qname("message") == abstract.qname("message") {
				elsewhere[h.attr("part")] = true
			}
		}
	}
	for _, content := range mimeContents(concrete) {
		if n := content.attr("part"); n != "" && !elsewhere[n] {
			elsewhere[n] = true
			attached = append(attached, n)
		}
	}
	for _, p := range parts(message) {
		n := p.attr("name")
		if elsewhere[n] || limited && !slices.Contains(strings.Fields(only), n) {
			continue
		}
		list = append(list, p)
	}
	return list, attached
}

// headers compiles the header entries that a binding declares. Those that we write ourselves are none of the caller's
// business.
func (d *definitions) headers(c *compiler, b *body, concrete *element) {
	for _, h := range soapChildren(concrete, "header") {
		message := d.messages[h.qname("message")]
		if message == nil {
			continue
		}
		for _, part := range parts(message) {
			if part.attr("name") != h.attr("part") {
				continue
			}
			x := entry{name: name{h.attr("namespace"), part.attr("name")}}
			if n := part.qname("element"); n.local != "" {
				if n.space == wsseSpace || addressing[n.space] {
					continue
				}
				x.name, x.plan = n, rawPlan
				if g, ok := c.elements[n]; ok {
					x.plan = c.element(&decl{name: n, el: g.el, doc: g.doc})
				} else {
					c.once(part, "no schema defines the header entry %s: it is taken as it comes", n.local).AsWarning()
				}
			} else {
				x.plan = c.typed(part.qname("type"), part)
			}
			if !slices.ContainsFunc(b.headers, func(y entry) bool { return y.name.local == x.name.local }) {
				b.headers = append(b.headers, x)
			}
		}
	}
	if len(b.headers) == 0 {
		return
	}
	b.headType = &schema.Type{Kind: schema.KindRecord, Doc: "The header entries of the message."}
	for _, x := range b.headers {
		b.headType.Fields = append(b.headType.Fields, schema.Field{Name: x.name.local, Type: x.plan.t})
	}
	b.headType.Seal()
}

// addressing are the namespaces of WS-Addressing.
var addressing = map[string]bool{"http://www.w3.org/2005/08/addressing": true, "http://schemas.xmlsoap.org/ws/2004/08/addressing": true}

// wrap makes the plan of the parts of a message, which stand one after the other.
func (d *definitions) wrap(c *compiler, list []*element) *plan {
	p := &plan{t: &schema.Type{Kind: schema.KindRecord}, value: -1}
	model := &particle{kind: inSequence, min: 1, max: 1}
	for i, part := range list {
		if i == maxParts {
			break
		}
		k := kid{name: name{"", part.attr("name")}, field: i, required: !c.loose}
		if n := part.qname("type"); n.local != "" {
			k.plan = c.typed(n, part)
		} else if x := c.declared(part.qname("element"), part); x != nil {
			k.plan, k.name = c.element(x), x.name
		} else {
			k.plan = rawPlan
		}
		p.kids = append(p.kids, k)
		f := schema.Field{Name: p.free(part.attr("name"), "_"), Type: k.plan.t, Required: !c.loose || k.plan.array != nil}
		p.t.Add(f)
		model.parts = append(model.parts, &particle{kind: oneElement, min: 1, max: 1, kid: i})
	}
	p.t.Seal()
	p.model = model
	p.flow = c.flows(model, len(p.kids))
	return p
}

// settle gives the body its type, always a record: once the types of its parts are complete.
func (b *body) settle() {
	if b.none {
		b.t = schema.RecordType()
	} else {
		b.t = b.plan.t
		if b.t.Kind != schema.KindRecord {
			b.alone = true
			b.t = schema.RecordType(schema.Field{Name: "value", Type: b.plan.t, Required: true})
		}
	}
	if b.headType == nil && len(b.attached) == 0 {
		return
	}
	t := *b.t
	t.Fields = slices.Clone(t.Fields)
	free := func(n string) string {
		for t.Index(n) >= 0 {
			n += "_"
		}
		return n
	}
	b.attachedAs = nil
	for _, part := range b.attached {
		n := free(part)
		b.attachedAs = append(b.attachedAs, n)
		t.Fields = append(t.Fields, schema.Field{Name: n, Type: schema.TypeBytes, Doc: "Sent beside the envelope."})
	}
	if b.headType != nil {
		b.headField = free("header")
		t.Fields = append(t.Fields, schema.Field{Name: b.headField, Type: b.headType, Required: b.answers || b.headed()})
	}
	b.t = (&t).Seal()
}

// holds reports whether a message with this first element in its Body, or with none, is one of these.
func (b *body) holds(full bool, root name) bool {
	switch {
	case !full:
		return b.none
	case b.several:
		return len(b.plan.kids) > 0 && b.plan.kids[0].name == root
	}
	return !b.none && b.root == root
}
