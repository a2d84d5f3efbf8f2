package connectors

import (
	"fondaco/config"
	"fondaco/config/diag"
)

// Spaces are where the references of a connector may point.
var Spaces = []string{"param", "env", "secret"}

// CheckAddress reports an address that cannot be used where the connector says it: as it is written, or as the default of the one parameter
// that it is made of. What systems say is checked when they are opened. The errors of parse hold no secret.
func (c *Connector) CheckAddress(address config.Ref, parse func(text string) error, out *diag.List) {
	if address.IsLiteral() && address.Text.Value != "" {
		if err := parse(address.Text.Value); err != nil {
			address.Text.Report(out, diag.BadValue, "address: %v", err)
		}
		return
	}
	for _, n := range address.Names() {
		p := c.Param(n.Name)
		if n.Space != "param" || p == nil || p.Default == "" || address.Text.Value != "${param."+n.Name+"}" {
			continue
		}
		if err := parse(p.Default); err != nil {
			out.Report(diag.BadValue, p.Pos, "%s: %v", p.Name, err).WithLen(len(p.Name))
		}
	}
}
