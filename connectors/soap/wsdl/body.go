package wsdl

import (
	"slices"
	"strings"

	"fondaco/config/diag"
	"fondaco/connectors/soap/wss"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
)

// Body is what a message holds: one element in the Body, or several, or none; header entries and attachments beside.
type Body struct {
	Root     xsd.Name
	Plan     *xsd.Plan
	Empty    bool   // the Body is empty
	Alone    bool   // the element holds a text or a list alone: the value is a record with the field value
	Several  bool   // the parts stand in the Body side by side, without an element around them
	Encoding string // the namespace of SOAP encoding; "" for literal
	Style    string // the value of encodingStyle
	Type     *schema.Type

	answers bool // it is an output
	OneWay  bool // the operation has no message in this direction

	Headers    []Entry
	HeadType   *schema.Type // of the header entries together
	HeadField  string       // the field of Type that holds them, "" if there are none
	Attached   []string     // parts that are sent beside the envelope (SOAP with Attachments)
	AttachedAs []string     // the fields of Type that hold them
}

// Entry is a header entry that the binding declares.
type Entry struct {
	Name xsd.Name
	Plan *xsd.Plan
}

// noBody is for messages with nothing in the Body.
func noBody(t *schema.Type) *Body { return &Body{Empty: true, Type: t} }

// Body compiles what an operation holds in a direction, "input" or "output", with the compiler of that direction; nil, reported, if it
// cannot be.
func (d *Definitions) Body(c *xsd.Compiler, b *Operation, which string) *Body {
	abstract, concrete := b.direction(which)
	if abstract == nil {
		none := noBody(schema.TypeNull)
		none.OneWay = true
		return none
	}
	message := d.messages[abstract.QName("message")]
	if message == nil {
		d.out.Report(diag.BadSchema, abstract.Pos, "no message is called %s", abstract.QName("message").Local)
		return nil
	}
	soap := soapChild(concrete, "body")
	if soap == nil {
		soap = &xsd.Element{}
	}
	encoding, style := "", ""
	if soap.Attr("use") == "encoded" {
		encoding, style = xsd.EncodingSpace, soap.Attr("encodingStyle")
		if b.port.Version == "1.2" {
			encoding = xsd.Encoding12Space
		}
		if style == "" || b.port.Version == "1.2" {
			style = encoding
		}
		c = c.Looser()
	}
	content, attached := d.content(b, message, abstract, concrete, soap)
	var made *Body
	switch {
	case b.style == "rpc":
		local := b.Name
		if which == "output" {
			local += "Response"
		}
		space, given := soap.Find("namespace")
		if !given {
			space = d.space[b.port.portType]
		}
		made = &Body{Root: xsd.Name{Space: space, Local: local}, Plan: d.wrap(c, content, encoding != "" && which == "output")}
	case len(content) == 0:
		made = noBody(schema.RecordType())
	case len(content) == 1 && content[0].QName("element").Local != "":
		n := content[0].QName("element")
		p := c.Global(n, content[0])
		if p == nil {
			return nil
		}
		made = &Body{Root: n, Plan: p}
	default:
		made = &Body{Several: true, Plan: d.wrap(c, content, false)}
	}
	made.Encoding, made.Style, made.Attached, made.answers = encoding, style, attached, which == "output"
	d.headers(c, made, concrete)
	c.Later(made.Settle)
	made.Settle()
	return made
}

// content returns the parts of a message that stand in the Body, and the names of those that are attached.
func (d *Definitions) content(b *Operation, message, abstract, concrete, soap *xsd.Element) (list []*xsd.Element, attached []string) {
	only, limited := soap.Find("parts")
	elsewhere := map[string]bool{}
	if b.style != "rpc" {
		for _, h := range soapChildren(concrete, "header") {
			if h.QName("message") == abstract.QName("message") {
				elsewhere[h.Attr("part")] = true
			}
		}
	}
	for _, content := range mimeContents(concrete) {
		if n := content.Attr("part"); n != "" && !elsewhere[n] {
			elsewhere[n] = true
			attached = append(attached, n)
		}
	}
	for _, p := range parts(message) {
		n := p.Attr("name")
		if elsewhere[n] || limited && !slices.Contains(strings.Fields(only), n) {
			continue
		}
		list = append(list, p)
	}
	return list, attached
}

// headers compiles the header entries that a binding declares. Those that we write ourselves are none of the caller's
// business.
func (d *Definitions) headers(c *xsd.Compiler, b *Body, concrete *xsd.Element) {
	for _, h := range soapChildren(concrete, "header") {
		message := d.messages[h.QName("message")]
		if message == nil {
			continue
		}
		for _, part := range parts(message) {
			if part.Attr("name") != h.Attr("part") {
				continue
			}
			x := Entry{Name: xsd.Name{Space: h.Attr("namespace"), Local: part.Attr("name")}}
			if n := part.QName("element"); n.Local != "" {
				if n.Space == wss.SecuritySpace || wss.IsAddressing(n.Space) {
					continue
				}
				x.Name, x.Plan = n, xsd.Raw
				if c.Defines(n) {
					x.Plan = c.Global(n, part)
				} else {
					c.Warn(part, "no schema defines the header entry %s: it is taken as it comes", n.Local)
				}
			} else {
				x.Plan = c.Typed(part.QName("type"), part)
			}
			if !slices.ContainsFunc(b.Headers, func(y Entry) bool { return y.Name.Local == x.Name.Local }) {
				b.Headers = append(b.Headers, x)
			}
		}
	}
	if len(b.Headers) == 0 {
		return
	}
	b.HeadType = &schema.Type{Kind: schema.KindRecord, Doc: "The header entries of the message."}
	for _, x := range b.Headers {
		b.HeadType.Fields = append(b.HeadType.Fields, schema.Field{Name: x.Name.Local, Type: x.Plan.Type()})
	}
	b.HeadType.Seal()
}

// wrap makes the plan of the parts of a message, which stand one after the other. returns says that the first one may have any name.
func (d *Definitions) wrap(c *xsd.Compiler, list []*xsd.Element, returns bool) *xsd.Plan {
	named := make([]xsd.Part, len(list))
	for i, part := range list {
		named[i] = xsd.Part{Label: part.Attr("name"), Type: part.QName("type"), Element: part.QName("element"), At: part}
	}
	return c.Sequence(named, returns)
}

// CompileMessages compiles all messages, as those of a WSDL without ports.
func (d *Definitions) CompileMessages(c *xsd.Compiler) {
	for _, m := range d.messages {
		d.wrap(c, parts(m), false)
	}
}

// Settle sets the type of the body, always a record: once the types of its parts are complete, and again when HeadType changes.
func (b *Body) Settle() {
	if b.Empty {
		b.Type = schema.RecordType()
	} else {
		b.Type = b.Plan.Type()
		if b.Type.Kind != schema.KindRecord {
			b.Alone = true
			b.Type = schema.RecordType(schema.Field{Name: "value", Type: b.Plan.Type(), Required: true})
		}
	}
	if b.HeadType == nil && len(b.Attached) == 0 {
		return
	}
	t := *b.Type
	t.Fields = slices.Clone(t.Fields)
	free := func(n string) string {
		for t.Index(n) >= 0 {
			n += "_"
		}
		return n
	}
	b.AttachedAs = nil
	for _, part := range b.Attached {
		n := free(part)
		b.AttachedAs = append(b.AttachedAs, n)
		t.Fields = append(t.Fields, schema.Field{Name: n, Type: schema.TypeBytes, Doc: "Sent beside the envelope."})
	}
	if b.HeadType != nil {
		b.HeadField = free("header")
		t.Fields = append(t.Fields, schema.Field{Name: b.HeadField, Type: b.HeadType, Required: b.answers || b.headed()})
	}
	b.Type = (&t).Seal()
}

// Holds reports whether a message is one of these: by the first element in its Body, or, if full is false, by having none.
func (b *Body) Holds(full bool, root xsd.Name) bool {
	switch {
	case !full:
		return b.Empty
	case b.Several:
		return b.Plan.StartsWith(root)
	}
	return !b.Empty && b.Root == root
}

// headed reports whether one of the header entries must be given.
func (b *Body) headed() bool {
	for i := range b.HeadType.Fields {
		if b.HeadType.Fields[i].Required {
			return true
		}
	}
	return false
}

// Sample returns the value that a sample must have in a field, by its path, where a made-up text would not be admitted: text with tags in
// a field that holds elements of other schemas. It is absent for any other field.
func (b *Body) Sample(at string) schema.Value {
	if b.Plan == nil || at == "" {
		return schema.Value{}
	}
	p, steps := b.Plan, strings.Split(at[1:], "/")
	if b.HeadField != "" && steps[0] == b.HeadField {
		if len(steps) < 2 {
			return schema.Value{}
		}
		for i := range b.Headers {
			if b.HeadType.Fields[i].Name == steps[1] {
				p, steps = b.Headers[i].Plan, steps[2:]
				break
			}
		}
	}
	if b.Alone && len(steps) > 0 && steps[0] == "value" {
		steps = steps[1:]
	}
	return p.Sample(steps)
}

// Fault is an element that the service may put into a fault's detail.
type Fault struct {
	Name xsd.Name
	Plan *xsd.Plan
}

// Faults compiles the elements that an operation's faults may hold.
func (d *Definitions) Faults(answers *xsd.Compiler, b *Operation) (list []Fault) {
	known := map[string]bool{}
	for _, k := range b.portType.Kids {
		if k.Space != wsdlSpace || k.Local != "fault" {
			continue
		}
		message := d.messages[k.QName("message")]
		if message == nil {
			continue
		}
		for _, part := range parts(message) {
			n := part.QName("element")
			if n.Local == "" || known[n.Local] {
				continue
			}
			if p := answers.Global(n, part); p != nil {
				list = append(list, Fault{Name: n, Plan: p})
				known[n.Local] = true
			}
		}
	}
	return list
}
