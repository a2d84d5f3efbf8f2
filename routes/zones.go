package routes

import (
	"path"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
)

// zones reports moments and times that a route reads of systems which may write them without an offset, where the connector does not say
// what that means: once for each connector.
func (c *checker) zones(r *TypedRoute, out *diag.List) {
	report := func(at config.Text, of *connectors.Connector, read *schema.Type, what string) {
		field, found := schema.Unsaid(read)
		if !found || c.zoneless[of.Dir] {
			return
		}
		if c.zoneless == nil {
			c.zoneless = map[string]bool{}
		}
		c.zoneless[of.Dir] = true
		if field == "" {
			field = "the value"
		}
		at.Report(out, diag.BadConnector, "%s in %s is a date or time that may come without an offset, and %s does not say what that means",
			field, what, path.Join(of.Dir, connectors.File)).WithHint(connectors.ZoneToWrite)
	}
	for _, call := range r.calls {
		report(call.target, call.system.Connector, call.want, "the answer of "+call.target.Value)
	}
	if r.serves != nil {
		report(r.Model.SOAP, r.service.System.Connector, schema.Prune(r.serves.Input, r.bodyUse), "what "+r.Model.SOAP.Value+" is sent")
	}
}
