package routes

import (
	"fmt"

	"fondaco/config/diag"
	"fondaco/connectors"
)

// callersTokens reports routes that call systems with the caller's token, and have none: a token is never stored.
func (c *checker) callersTokens() {
	for _, r := range c.typed.all {
		why := r.tokenless()
		if why == "" {
			continue
		}
		told := map[string]bool{}
		for _, call := range r.Calls {
			if told[call.System] || !c.forCaller(call) {
				continue
			}
			told[call.System] = true
			c.out.Report(diag.BadRoute, call.Pos, "%s is called with the caller's token (auth in its connector), and %s", call.System, why).
				WithLen(len(call.System) + 1 + len(call.Operation)).
				WithHint("call it in a route that answers at once and has an auth scheme, or give its connector an auth of our own")
		}
	}
}

// tokenless says why nobody's token is known when the route's steps run, "" if one is or if other routes run it.
func (r *TypedRoute) tokenless() string {
	d := r.Model
	auth := d.Auth
	if r.service != nil {
		auth = r.service.Auth
	}
	switch s := d.starter(); {
	case s == nil:
		return ""
	case d.Async:
		return fmt.Sprintf("the route %q does its work later (accept: async): tokens are never stored", d.ID.Value)
	case s.messages():
		return fmt.Sprintf("the route %q is not started by a caller (%s)", d.ID.Value, s.key())
	case auth.None:
		return fmt.Sprintf("anybody may call the route %q, without a token (auth: none)", d.ID.Value)
	case r.keyed != nil:
		return fmt.Sprintf("callers of the route %q have no token: its scheme %s is %s", d.ID.Value, auth.Scheme, r.keyed.Way())
	}
	return ""
}

// forCaller reports whether a call is made with the caller's token.
func (c *checker) forCaller(call *CallInfo) bool {
	s := c.model.System(call.System)
	return s != nil && s.Connector != nil && s.Connector.ForCaller
}

// passesToken reports whether a call of the route is made with the caller's token.
func (r *TypedRoute) passesToken(system func(name string) *connectors.System) bool {
	for _, call := range r.Calls {
		if s := system(call.System); s != nil && s.Connector != nil && s.Connector.ForCaller {
			return true
		}
	}
	return false
}
