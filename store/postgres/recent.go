package postgres

import (
	"sync"

	"fondaco/store/record"
)

// recents are operations as this process wrote them last, without what they hold: who moves one on need not read it again. Another
// process may have moved it since: a row is changed only where it is still as it is remembered. Safe for concurrent use.
type recents struct {
	mu   sync.Mutex
	rows map[string]record.Operation // by id
	done map[string]bool             // the ids of those that are done, until somebody takes that up
}

// mostRecent is how many are held.
const mostRecent = 10_000

func (r *recents) take(id string) (o record.Operation, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, found = r.rows[id]
	delete(r.rows, id)
	return o, found
}

// keep remembers a row that is durable and goes on.
func (r *recents) keep(o record.Operation) {
	o.Header, o.Body = nil, nil
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rows == nil || len(r.rows) >= mostRecent {
		r.rows = map[string]record.Operation{}
	}
	r.rows[o.ID] = o
}

// finish remembers that an operation is done, durably.
func (r *recents) finish(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done == nil || len(r.done) >= mostRecent {
		r.done = map[string]bool{}
	}
	r.done[id] = true
}

// finished reports whether it is remembered that an operation is done, and forgets it.
func (r *recents) finished(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.done[id]
	delete(r.done, id)
	return known
}
