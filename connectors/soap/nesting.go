package soap

import (
	"path"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/soap/xsd"
)

// nesting is what a connector says of a field that holds an XML document of its own.
type nesting struct {
	field   config.Text // its path from the input or the output, with points
	schema  config.Text // a file of the connector's folder
	element config.Text
}

func (x *nesting) spec(o *spec.Object) {
	o.Text("schema", &x.schema).Required().Doc("The XML Schema of the document, a file of the connector's folder.").
		Example("xsd/segnatura.xsd")
	o.Text("element", &x.element).Required().Doc("The document's element.").Example("Segnatura")
}

// nest puts documents in the place of the fields of an operation that hold them.
func (p *op) nest(c *connectors.Connector, d *wsdl.Definitions, out *diag.List, requests, answers *xsd.Compiler) {
	for _, x := range p.nestings {
		s := d.Schemas.Nest(config.Text{Value: path.Join(c.Dir, x.schema.Value), Pos: x.schema.Pos}, x.element)
		if s == nil {
			continue
		}
		met := false
		for i, b := range []*wsdl.Body{p.in, p.out} {
			if b == nil || b.Empty {
				continue
			}
			outer := requests
			if i == 1 {
				outer = answers
			}
			made, here := outer.Nest(b.Plan, strings.Split(x.field.Value, "."), s)
			b.Plan, met = made, met || here
		}
		if !met {
			x.field.Report(out, diag.BadConnector, "neither the input nor the output has a text or octets at %q", x.field.Value).
				WithNearest(x.field.Value, p.fields())
		}
	}
}

// fields lists the names of the operation's fields.
func (p *op) fields() (list []string) {
	for _, b := range []*wsdl.Body{p.in, p.out} {
		if b != nil && b.Type != nil {
			for _, f := range b.Type.Fields {
				list = append(list, f.Name)
			}
		}
	}
	return list
}
