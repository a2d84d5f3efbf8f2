package connectors

import (
	"fondaco/config"
	"fondaco/config/diag"
)

// CheckRefs reports references of a protocol's fields to parameters that the connector does not have.
func (c *Connector) CheckRefs(out *diag.List, refs ...config.Ref) {
	var known []string
	for _, p := range c.Params {
		known = append(known, p.Name)
	}
	for _, r := range refs {
		for _, n := range r.Names() {
			if n.Space == "param" && c.Param(n.Name) == nil {
				out.Report(diag.BadReference, n.Pos, "the connector has no parameter %q", n.Name).
					WithLen(width(n)).WithNearest(n.Name, known)
			}
		}
	}
}

// CheckSecret reports a field that holds a secret, by its name, and is written into the file, or comes from a parameter
// that does not say that it is secret: it could be shown.
func (c *Connector) CheckSecret(out *diag.List, name string, r config.Ref) {
	config.CheckSecret(name, r, out)
	for _, n := range r.Names() {
		if p := c.Param(n.Name); n.Space == "param" && p != nil && !p.Secret {
			out.Report(diag.BadConnector, n.Pos, "%s is a secret, and the parameter %q does not say that it is one", name, n.Name).
				WithLen(width(n)).WithHint("write secret: true in the parameter")
		}
	}
}

// width is how many characters a reference takes.
func width(n config.Name) int { return len("${.}") + len(n.Space) + len(n.Name) }
