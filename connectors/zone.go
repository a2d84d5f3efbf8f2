package connectors

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
)

// zone reads "zone:" of a connector.
type zone struct{ to **schema.Zone }

// Decode reads the name of a zone, an offset, or none.
func (z zone) Decode(n *config.Node, out *diag.List) {
	if n.Text.Value == "none" {
		*z.to = schema.ZoneNone
		return
	}
	read, err := schema.ZoneOf(n.Text.Value)
	if err != nil {
		n.Report(out, diag.BadValue, "zone: %v, or none", err)
		read = schema.ZoneNone
	}
	*z.to = read
}

// Schema describes it to editors.
func (z zone) Schema() spec.Schema { return spec.Schema{"type": "string"} }

// ZoneToWrite is what is missing in a connector of whose moments nobody says what a missing offset means.
const ZoneToWrite = "write zone: Europe/Rome there if it means the time in Italy, or " +
	"zone: none if routes are to see it as a date-time-local"

// checkZones reports operations that are done by others and read moments of which nobody says what a missing offset means.
func (c *Connector) checkZones(out *diag.List) {
	if c.Zone != nil {
		return
	}
	for _, op := range c.Operations {
		if op.Gives.IsZero() {
			continue
		}
		of, _, read := op.Behind()
		if at, found := schema.Unsaid(read); found {
			out.Report(diag.BadConnector, op.Gives.Pos(), "%s of %s is a date or time that may come without an offset, and the connector does not "+
				"say what that means", at, of.Name).WithHint(ZoneToWrite)
			return
		}
	}
}
