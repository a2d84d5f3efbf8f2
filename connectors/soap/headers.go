package soap

import (
	"slices"

	"fondaco/config/diag"
	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/soap/wss"
	"fondaco/connectors/soap/xsd"
)

// require makes the header entries that an operation's connector names ones that its callers must give: those that a binding
// declares may be left out, for it lists what the service knows of, and not what each call needs.
func (p *op) require(out *diag.List) {
	if p.in == nil {
		return
	}
	for _, text := range p.required {
		if p.in.HeadType == nil {
			text.Report(out, diag.BadConnector, "required_headers: the binding of %s declares no header entry", p.name)
			continue
		}
		i := p.in.HeadType.Index(text.Value)
		if i < 0 {
			var have []string
			for _, x := range p.in.Headers {
				have = append(have, x.Name.Local)
			}
			text.Report(out, diag.BadConnector, "required_headers: the binding of %s declares no header entry %q", p.name, text.Value).
				WithNearest(text.Value, have)
			continue
		}
		p.in.HeadType.Fields[i].Required = true
	}
	p.in.Settle()
}

// understood reports whether a header entry of an answer is one that is read.
func (x *prepared) understood(n xsd.Name) bool {
	w, ok := x.system.Connector.Wire.(*wire)
	switch {
	case !ok:
		return false
	case n.Space == wss.SecuritySpace && n.Local == "Security":
		return !w.user.IsZero() || w.timestamp || w.signature.given
	case wss.IsAddressing(n.Space):
		return w.addressing || w.signature.given
	}
	return slices.ContainsFunc(x.answer.body.Headers, func(h wsdl.Entry) bool { return h.Name == n })
}
