package project

import (
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Retention says how long what is kept of requests and messages stays: of the project, or of one route.
type Retention struct{ Letters, Operations, Results Term }

// Term is a time for which something is kept; the zero Term says nothing.
type Term struct {
	For  time.Duration
	node *config.Node
}

// Report adds a problem at the place where the term stands.
func (t Term) Report(out *diag.List, format string, args ...any) *diag.Problem {
	return t.node.Report(out, diag.BadValue, format, args...)
}

// The shortest and the longest Term.
const (
	leastKept = time.Minute
	mostKept  = 10 * 365 * 24 * time.Hour
)

// Spec declares the fields of retention.
func (r *Retention) Spec(o *spec.Object) {
	o.Var("letters", &term{"letters", &r.Letters}).Default("90d").
		Doc("Dead letters, from when they died; the oldest go before that if all together exceed 1 GiB.").Example("30d")
	o.Var("operations", &term{"operations", &r.Operations}).Default("30d").Doc("The states of accepted requests, from their end.").
		Example("7d")
	o.Var("results", &term{"results", &r.Results}).Default("as long as the operation").
		Doc("What accepted requests answered, from their end: after that /operations/{id}/result is 410.").Example("1d")
}

// Within returns what a route says, with what the project says where the route says nothing.
func (r Retention) Within(project Retention) Retention {
	for _, f := range []struct{ to, from *Term }{
		{&r.Letters, &project.Letters},
		{&r.Operations, &project.Operations},
		{&r.Results, &project.Results},
	} {
		if f.to.For == 0 {
			*f.to = *f.from
		}
	}
	return r
}

// Check reports results that would outlive their operation; operations is how long those are kept where r says nothing.
func (r Retention) Check(operations time.Duration, out *diag.List) {
	if r.Operations.For != 0 {
		operations = r.Operations.For
	}
	if r.Results.For > operations {
		r.Results.Report(out, "retention.results: found %s, expected at most the %s for which the operation itself is kept",
			spec.Short(r.Results.For), spec.Short(operations)).
			WithHint("write operations: %s beside it, or a shorter time", spec.Short(r.Results.For))
	}
}

// term reads a Term.
type term struct {
	name string
	to   *Term
}

// Decode reads a duration.
func (t *term) Decode(n *config.Node, out *diag.List) {
	d, ok := spec.ParseDuration(n.Text.Value)
	if n.Kind != config.NodeText || !ok || d < leastKept || d > mostKept {
		n.Report(out, diag.BadValue, "retention.%s: found %s, expected a duration from %s to %s, as 30d", t.name, n.Found(),
			spec.Short(leastKept), "3650d")
		return
	}
	*t.to = Term{d, n}
}

// Schema is that of a duration.
func (t *term) Schema() spec.Schema {
	var ignored time.Duration
	return spec.SchemaOf(spec.Duration(&ignored))
}
