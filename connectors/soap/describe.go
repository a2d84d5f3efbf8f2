package soap

import (
	"path"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
)

// describe sets each operation's types, from the WSDL.
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
	d := wsdl.ReadCatalogued(c.FS, w.file, w.files(c.Dir), out, w.wsdl.Pos)
	if d == nil || d.Schemas.Exceeded() {
		w.exceeded = d != nil
		return
	}
	port := d.Choose(w.service.Value, w.port.Value, w.version)
	if port == nil {
		w.reportPort(d, out)
		return
	}
	w.soap = port.Version
	w.speaks = []string{port.Version}
	for _, other := range d.Ports() {
		if w.version == "" && w.port.Value == "" && other.Joins(port) && !slices.Contains(w.speaks, other.Version) {
			w.speaks = append(w.speaks, other.Version)
		}
	}
	requests, answers := xsd.Compilers(d.Schemas, c.Zone)
	if w.tolerant {
		answers = answers.Looser()
	}
	list := d.Operations(port)
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
			id.Report(out, diag.UnknownOperation, "the port %s of the WSDL has no operation %q", port.Name, id.Value).
				WithNearest(id.Value, boundNames(list))
			continue
		}
		p.describe(c, operation, d, b, out, requests, answers)
	}
	requests.Finish()
	answers.Finish()
	if d.Schemas.Exceeded() {
		forget(c.Operations)
		w.exceeded = true
		return
	}
	for _, operation := range c.Operations {
		if p, ok := operation.Wire.(*op); ok {
			p.types(operation)
		}
	}
	distinct(c.Operations, out)
	w.documents = d.Documents()
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
func (p *op) describe(c *connectors.Connector, operation *connectors.Operation, d *wsdl.Definitions, b *wsdl.Operation, out *diag.List,
	requests, answers *xsd.Compiler,
) {
	if operation.Title == "" {
		operation.Title = b.Doc
	}
	p.name, p.header = b.Name, b.Action
	if p.action.Value != "" {
		p.header = p.action.Value
	}
	p.in, p.out = d.Body(requests, b, "input"), d.Body(answers, b, "output")
	p.nest(c, d, out, requests, answers)
	p.require(out)
	p.faults = d.Faults(answers, b)
	operation.FaultDetail, operation.SaysFaults = detailType(p.faults), true
}

// types sets the types of the operation's messages, once they are complete.
func (p *op) types(operation *connectors.Operation) {
	if p.in != nil {
		operation.Input = p.in.Type
	}
	if p.out != nil {
		operation.Output = p.out.Type
	}
}

// distinct reports operations that the service could not tell apart: the same action and the same element.
func distinct(operations []*connectors.Operation, out *diag.List) {
	type key struct {
		action string
		root   xsd.Name
	}
	first := map[key]string{}
	for _, operation := range operations {
		p, ok := operation.Wire.(*op)
		if !ok || p.in == nil {
			continue
		}
		k := key{p.header, p.in.Root}
		if other, met := first[k]; met && other != p.name {
			out.Report(diag.BadSchema, operation.Pos, "the operations %s and %s of the WSDL have the same SOAPAction and the same element: no "+
				"service can distinguish them", other, p.name)
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
func find(list []*wsdl.Operation, name string) *wsdl.Operation {
	for _, b := range list {
		if b.ID == name {
			return b
		}
	}
	return nil
}

func boundNames(list []*wsdl.Operation) []string {
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = b.ID
	}
	return out
}

// reportPort says why there is no port, and which there are.
func (w *wire) reportPort(d *wsdl.Definitions, out *diag.List) {
	var have []string
	for _, p := range d.Ports() {
		have = append(have, p.Service+"/"+p.Name+" (SOAP "+p.Version+")")
	}
	if len(have) == 0 {
		p := w.wsdl.Report(out, diag.BadSchema, "the WSDL has no port that speaks SOAP")
		if portType, files := d.BoundElsewhere(); len(files) > 0 {
			p.WithHint("it has the port type %s, whose binding lies in %s: name that file, which imports this one", portType,
				strings.Join(files, " or "))
		} else if portType != "" {
			p.WithHint("it has the port type %s and no binding for it: the vendor has another WSDL, with the binding and the service", portType)
		}
		return
	}
	w.wsdl.Report(out, diag.BadSchema, "the WSDL has no such port").WithHint("it has %s", strings.Join(have, ", "))
}
