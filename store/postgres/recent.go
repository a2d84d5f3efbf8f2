package postgres

import "sync"

// recents are operations as this process wrote them last, without what they hold: who moves one on need not read it again. Another
// process may have moved it since: a row is changed only where it is still as it is remembered. Safe for concurrent use.
type recents struct {
	mu   sync.Mutex
	rows map[string]operation // by id
}

// mostRecent is how many are held.
const mostRecent = 10_000

func (r *recents) take(id string) (o operation, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, found = r.rows[id]
	delete(r.rows, id)
	return o, found
}

// keep remembers a row that is durable and goes on.
func (r *recents) keep(o operation) {
	o.header, o.body = nil, nil
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rows == nil || len(r.rows) >= mostRecent {
		r.rows = map[string]operation{}
	}
	r.rows[o.id] = o
}
