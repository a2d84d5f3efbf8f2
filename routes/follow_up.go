package routes

import (
	"strings"

	"fondaco/config/diag"
)

// unlikely returns the problems of a check without those that may be there only because the route could not be read whole: a name that the
// unread part brings, a word that the route lacks and the unread part says. One mistake is one problem; what is left out and was a mistake
// of its own is reported when the first is mended.
func (d *RouteModel) unlikely(found *diag.List) *diag.List {
	if !d.broken {
		return found
	}
	left := &diag.List{}
	for p := range found.All() {
		lacks := p.Code == diag.BadRoute && p.Pos == d.ID.Pos // of the route as a whole
		unseen := p.Code == diag.UnknownName && !strings.HasPrefix(p.Hint, "did you mean")
		if !p.Warning && (lacks || unseen || p.Code == diag.MissingAuth) {
			continue
		}
		left.Add(*p)
	}
	return left
}
