package policy

import (
	"errors"

	"fondaco/connectors"
)

// failure is a failed call as breakers see it: of which operation, and on whose behalf.
type failure struct {
	error
	operation string
	behalf    connectors.Behalf
}

func (f *failure) Unwrap() error { return f.error }

// run is a row of failures that no good answer has broken. What may be the fault of one caller's data (a 500 and its like,
// 401, 403, an answer that does not fit, a time-out) counts once for each caller, so that one citizen's record never closes
// a system for the others. Time-outs of callers of whom the address alone is known count each time: many may share it,
// and they wait for as long as each other. Failures to connect and 429, 502, 503 and 504 count each time.
//
// The run of a whole system is as long as it is only if it has failures to connect alone, or those of more than one
// operation: what one operation does says nothing of the others.
type run struct {
	whole     bool
	others    int             // failures that count each time
	far       int             // of those, failures to connect
	callers   map[uint64]bool // who met the rest
	operation string          // of the first
	several   bool            // operations
	last      *failure        // that was counted; it outlives the run
}

// length is how many failures in a row the run stands for.
func (r *run) length() int {
	if r.whole && !r.several {
		return r.far
	}
	return r.others + len(r.callers)
}

// add takes up a failure.
func (r *run) add(err error) {
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{error: err}
	}
	fault := connectors.AsFault(err)
	if r.others == 0 && len(r.callers) == 0 {
		r.operation = f.operation
	}
	r.several = r.several || f.operation != r.operation
	r.last = f
	switch id := f.behalf.ID(); {
	case shared(fault, f.behalf) || id == 0:
		r.others++
		if unreached(fault) {
			r.far++
		}
	default:
		if r.callers == nil {
			r.callers = map[uint64]bool{}
		}
		r.callers[id] = true
	}
}

// end begins a new run.
func (r *run) end() {
	r.others, r.far, r.several = 0, 0, false
	clear(r.callers)
}

// repeats reports whether a failure says nothing new to a breaker that tries whether it can close: the same caller has
// met the same before, or, for a whole system, the same operation has failed.
func (r *run) repeats(err error) bool {
	var f *failure
	fault := connectors.AsFault(err)
	if !errors.As(err, &f) || unreached(fault) {
		return false
	}
	if r.last == nil {
		return false
	}
	if r.whole && r.last.operation == f.operation && !unreached(connectors.AsFault(r.last)) {
		return true
	}
	return !shared(fault, f.behalf) && f.behalf.ID() != 0 && r.last.behalf.ID() == f.behalf.ID()
}

// shared reports whether a failure speaks of the system whoever called.
func shared(f *connectors.Fault, b connectors.Behalf) bool {
	return f == nil || !f.Suspect() || f.Late() && !b.Known
}

// unreached reports whether the system was not reached at all.
func unreached(f *connectors.Fault) bool {
	return f != nil && !f.Sent && f.Status == 0 && (f.Kind == connectors.Unavailable || f.Kind == connectors.Timeout)
}
