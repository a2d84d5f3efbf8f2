package server

import (
	"context"

	"fondaco/routes"
	"fondaco/store"
)

// orphan returns what stands for the route of an operation that the program no longer has, so that whoever was told 202
// is answered: the operation's caller, known by any of the schemes, or anybody where the route asked nobody. It is nil for
// others.
func (v *visit) orphan(ctx context.Context, g *Routing, op store.Operation) *bound {
	b := &bound{Route: &routes.Route{ID: op.Route, Auth: routes.Auth{None: op.Owner == ""}}, metrics: v.s.metrics.route(op.Route)}
	if op.Owner == "" {
		return b
	}
	for name, scheme := range g.program.Schemes {
		user, err := scheme.Authenticate(ctx, v.r.Header)
		if err != nil {
			continue
		}
		if ownerOf(name, user) == op.Owner {
			b.Auth.Scheme, b.scheme = name, scheme
			return b
		}
	}
	return nil
}
