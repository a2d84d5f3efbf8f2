package routes

import (
	"errors"
	"fmt"

	"fondaco/connectors"
)

// errUnsigned ends an exchange whose route knows a signer, and whose request was not signed.
var errUnsigned = errors.New("the request of a service that demands signatures came without a signer")

// signs declares signer in a route of a service whose requests are signed. A step may name something else so, as before
// there were signers.
func (r *TypedRoute) signs(s *Scope) {
	if r.service == nil || r.service.System.Connector == nil {
		return
	}
	c := r.service.System.Connector
	if c.Protocol == nil || c.Protocol.Signed == nil {
		return
	}
	if write := c.Protocol.Signed(c); write != "" {
		s.Names.Explain("signer", fmt.Sprintf("signer is who signed the message, and the service %s takes messages without a signature; write "+
			"%s of the connector %s", r.service.Name, write, c.Name))
		return
	}
	r.signerSlot = s.Names.Declare("signer", connectors.SignerType).Slot
}

// unsignedHere is what to do in a route that no signed message starts.
const unsignedHere = "signer is who signed the message, in routes with soap: of a service whose connector has signature; give it to a " +
	"sub-route in its input"
