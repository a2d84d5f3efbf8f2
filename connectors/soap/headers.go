package soap

import (
	"slices"

	"fondaco/config/diag"
)

// require makes the header entries that an operation's connector names ones that its callers must give: those that a binding
// declares may be left out, for it lists what the service knows of, and not what each call needs.
func (p *op) require(out *diag.List) {
	if p.in == nil {
		return
	}
	for _, text := range p.required {
		if p.in.headType == nil {
			text.Report(out, diag.BadConnector, "required_headers: the binding of %s declares no header entry", p.name)
			continue
		}
		i := p.in.headType.Index(text.Value)
		if i < 0 {
			var have []string
			for _, x := range p.in.headers {
				have = append(have, x.name.local)
			}
			text.Report(out, diag.BadConnector, "required_headers: the binding of %s declares no header entry %q", p.name, text.Value).WithNearest(text.Value, have)
			continue
		}
		p.in.headType.Fields[i].Required = true
	}
	p.in.settle()
}

// headed reports whether one of the header entries must be given.
func (b *body) headed() bool {
	for i := range b.headType.Fields {
		if b.headType.Fields[i].Required {
			return true
		}
	}
	return false
}

// understood reports whether a header entry of an answer is one that is read.
func (x *prepared) understood(n name) bool {
	w, ok := x.system.Connector.Wire.(*wire)
	switch {
	case !ok:
		return false
	case n.space == wsseSpace && n.local == "Security":
		return !w.user.IsZero() || w.timestamp || w.signature.given
	case addressing[n.space]:
		return w.addressing || w.signature.given
	}
	return slices.ContainsFunc(x.answer.body.headers, func(h entry) bool { return h.name == n })
}
