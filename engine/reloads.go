package engine

import "fondaco/server/metrics"

// reloads counts what became of reloads.
type reloads struct {
	done    metrics.Counter
	refused metrics.Counter // the program before it goes on
}

func newReloads(r *metrics.Registry) reloads {
	all := r.Counters("fondaco_reloads_total",
		"Reloads because the project's files or secrets differed, by result: done, or refused for a problem.", "result")
	return reloads{all.Of("done"), all.Of("refused")}
}
