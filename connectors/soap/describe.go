package soap

import (
	"path"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
)

// describe gives every operation its types, from the WSDL.
func describe(c *connectors.Connector, out *diag.List) {
	w, ok := c.Wire.(*wire)
	if !ok {
		return
	}
	w.access.Check(c, out, "Content-Type", "SOAPAction", "Accept")
	c.CheckRefs(out, w.user, w.password)
	c.CheckSecret(out, "password", w.password)
	w.signature.given = !w.signature.certificate.IsZero()
	w.signature.check(c, out)
	c.Remembers = w.digest && !w.user.IsZero() || w.signature.given && !w.signature.trusted.IsZero()
	if w.wsdl.Value == "" {
		return
	}
	w.file = path.Join(c.Dir, w.wsdl.Value)
	d := readCatalogued(c.FS, w.file, w.files(c.Dir), out, w.wsdl.Pos)
	if d == nil || d.schemas.budget.used {
		w.exceeded = d != nil
		return
	}
	port := d.choose(w.service.Value, w.port.Value, w.version)
	if port == nil {
		w.reportPort(d, out)
		return
	}
	w.soap = port.version
	w.speaks = []string{port.version}
	for _, other := range d.ports() {
		if w.version == "" && w.port.Value == "" && other.portType == port.portType && !slices.Contains(w.speaks, other.version) {
			w.speaks = append(w.speaks, other.version)
		}
	}
	requests, answers := compilers(d.schemas)
	if w.tolerant {
		answers = answers.looser()
	}
	list := d.operations(port)
	for _, operation := range c.Operations {
		p, ok := operation.Wire.(*op)
		if !ok {
			p = &op{}
			operation.Wire = p
		}
		id := p.operation
		if id.Value == "" {
			id = config.Text{Value: operation.Name, Pos: operation.Pos}
		}
		b := find(list, id.Value)
		if b == nil {
			id.Report(out, diag.UnknownOperation, "the port %s of the WSDL has no operation %q", port.name, id.Value).WithNearest(id.Value, boundNames(list))
			continue
		}
		p.describe(c, operation, d, b, requests, answers)
	}
	requests.finish()
	answers.finish()
	if d.schemas.budget.used {
		forget(c.Operations)
		w.exceeded = true
		return
	}
	for _, operation := range c.Operations {
		if p, ok := operation.Wire.(*op); ok {
			p.types(operation)
		}
	}
	requests.distinct(c.Operations, out)
	w.documents, w.named = d.schemas.opened, d.schemas.named
}

// exceeded reports whether describe has found the schemas to stand for more than the budget admits.
func exceeded(c *connectors.Connector) bool {
	w, ok := c.Wire.(*wire)
	return ok && w.exceeded
}

// forget lets go of what was compiled beyond the budget: the operations have no types, which silences what would follow
// from half of them.
func forget(operations []*connectors.Operation) {
	for _, operation := range operations {
		operation.Input, operation.Output, operation.FaultDetail = schema.TypeUnknown, schema.TypeUnknown, nil
		if p, ok := operation.Wire.(*op); ok {
			p.in, p.out, p.faults = nil, nil, nil
		}
	}
}

// describe fills in one operation.
func (p *op) describe(c *connectors.Connector, operation *connectors.Operation, d *definitions, b *bound, requests, answers *compiler) {
	if operation.Title == "" {
		operation.Title = b.docs
	}
	p.name, p.header, p.faults = b.name, b.action, nil
	if p.action.Value != "" {
		p.header = p.action.Value
	}
	p.in, p.out = d.body(requests, b, "input"), d.body(answers, b, "output")
	d.nest(c, p, requests, answers)
	p.require(d.out)
	p.faultsOf(d, b, answers)
	operation.FaultDetail = detailType(p.faults)
}

// faultsOf compiles the elements that the operation's faults may hold.
func (p *op) faultsOf(d *definitions, b *bound, answers *compiler) {
	known := map[string]bool{}
	for _, k := range b.portType.kids {
		if k.space != wsdlSpace || k.local != "fault" {
			continue
		}
		message := d.messages[k.qname("message")]
		if message == nil {
			continue
		}
		for _, part := range parts(message) {
			n := part.qname("element")
			if n.local == "" || known[n.local] {
				continue
			}
			if x := answers.declared(n, part); x != nil {
				f := fault{name: n, plan: answers.element(x)}
				p.faults = append(p.faults, f)
				known[n.local] = true
			}
		}
	}
}

// types gives the operation the types of its messages, once they are complete.
func (p *op) types(operation *connectors.Operation) {
	if p.in != nil {
		operation.Input = p.in.t
	}
	if p.out != nil {
		operation.Output = p.out.t
	}
}

// distinct reports operations that the service could not tell apart: the same action and the same element.
func (c *compiler) distinct(operations []*connectors.Operation, out *diag.List) {
	type key struct {
		action string
		root   name
	}
	first := map[key]string{}
	for _, operation := range operations {
		p, ok := operation.Wire.(*op)
		if !ok || p.in == nil {
			continue
		}
		k := key{p.header, p.in.root}
		if other, met := first[k]; met && other != p.name {
			out.Report(diag.BadSchema, operation.Pos, "the operations %s and %s of the WSDL have the same SOAPAction and the same element: no service can distinguish them", other, p.name)
			continue
		}
		first[k] = p.name
	}
}

// files returns the catalog with its files in the project.
func (w *wire) files(dir string) map[string]string {
	out := make(map[string]string, len(w.catalog))
	for address, file := range w.catalog {
		out[address] = path.Join(dir, file.Value)
	}
	return out
}

// find returns the operation of a name, or of a name and the name of its input.
func find(list []*bound, name string) *bound {
	for _, b := range list {
		if b.id == name {
			return b
		}
	}
	return nil
}

func boundNames(list []*bound) []string {
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = b.id
	}
	return out
}

// reportPort says why there is no port, and which there are.
func (w *wire) reportPort(d *definitions, out *diag.List) {
	var have []string
	for _, p := range d.ports() {
		have = append(have, p.service+"/"+p.name+" (SOAP "+p.version+")")
	}
	if len(have) == 0 {
		p := w.wsdl.Report(out, diag.BadSchema, "the WSDL has no port that speaks SOAP")
		if portType, files := d.boundElsewhere(w.file); len(files) > 0 {
			p.WithHint("it has the port type %s, whose binding lies in %s: name that file, which imports this one", portType, strings.Join(files, " or "))
		} else if portType != "" {
			p.WithHint("it has the port type %s and no binding for it: the vendor has another WSDL, with the binding and the service", portType)
		}
		return
	}
	w.wsdl.Report(out, diag.BadSchema, "the WSDL has no such port").WithHint("it has %s", strings.Join(have, ", "))
}
