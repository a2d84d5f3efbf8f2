package routes

import (
	"fondaco/config/project"
	"fondaco/store"
)

// checkRetention reports what a route says of things that it does not keep.
func (c *checker) checkRetention(d *RouteModel) {
	r := d.retention
	if t := r.Letters; t.For != 0 && !d.Handles() {
		t.Report(c.out, "retention.letters: the route %q has no dead letters; only routes with accept: async, topic or schedule do", d.ID.Value).
			WithHint("leave it out")
	}
	for _, f := range []struct {
		name string
		term project.Term
	}{{"operations", r.Operations}, {"results", r.Results}} {
		if f.term.For != 0 && !d.Async {
			f.term.Report(c.out, "retention.%s: the route %q keeps no operations; only routes with accept: async do", f.name, d.ID.Value).
				WithHint("leave it out")
			return
		}
	}
	// the project's own are reported there, and go with the operation where a route keeps those for less
	if r.Results.For != 0 && c.model.Project != nil {
		r.Within(c.model.Project.Retention).Check(store.DefaultLimits().Operations, c.out)
	}
}

// Retentions says of each route, under the names that it has and had, how long what it keeps stays, and of all others.
func (t *Typed) Retentions() []store.Retention {
	of := func(route string, r project.Retention) store.Retention {
		return store.Retention{Route: route, Letters: r.Letters.For, Operations: r.Operations.For, Results: r.Results.For}
	}
	whole := t.Model.Project.Retention
	list := []store.Retention{of("", whole)}
	seen := map[string]bool{"": true}
	for _, r := range t.all {
		for _, name := range append([]string{r.Model.ID.Value}, r.Model.Former()...) {
			if !seen[name] {
				seen[name] = true
				list = append(list, of(name, r.Model.retention.Within(whole)))
			}
		}
	}
	return list
}
