package messaging

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Retries is the account of the messages that wait for their next attempt after a system failed them, as the consumers of a process see
// it: one that was not tried since the process began is not known, and no more than mostRetries are. Messages put aside (Park) are their
// broker's to count.
//
// At and Aside are set before use; the rest is ready as it is. Its methods may be called concurrently, and on nil, which counts nothing.
type Retries struct {
	At    func(err error) string // where a handler failed, as "crm" or "crm.create"; "" for an error that is no system's
	Aside bool                   // the broker does as Park says

	count   atomic.Int64 // of waiting
	mu      sync.Mutex
	waiting map[retryKey]retry
	sweep   int // how many may wait before those are looked for that do no longer
}

// Retrying counts the messages of a group that wait for their next attempt after the same system or operation failed them.
type Retrying struct {
	Topic, Group string
	On           string
	Messages     int
	Since        time.Time // when the first of them began to wait
	Next         time.Time // when the next attempt is due; past if it is being made
}

type retryKey struct{ topic, group, id string }

type retry struct {
	on          string
	since, next time.Time
	until       time.Time // it has been tried by then, unless it is gone, or waits for its turn
}

// turn is how long after its time a message is still said to wait for a system, besides what its handler may take.
const turn = time.Minute

// mostRetries bounds the memory of a process for which very many messages wait: some 300 octets each.
const mostRetries = 20_000

// again notes that a message waits until next, as err failed it.
func (r *Retries) again(w *Work, m *Message, err error, next time.Time) {
	if r == nil {
		return
	}
	on, k, now := r.At(err), retryKey{w.Topic, w.Group, m.Identity()}, time.Now()
	if on == "" {
		r.end(w, m)
		return
	}
	x := retry{on: on, since: m.Since, next: next}
	if next.Before(now) {
		x.next = now
	}
	x.until = x.next.Add(w.Timeout + turn)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == nil {
		r.waiting = map[retryKey]retry{}
	}
	before, waits := r.waiting[k]
	if !waits && len(r.waiting) >= mostRetries {
		return // List makes room
	}
	if waits && before.on == on && x.since.IsZero() {
		x.since = before.since
	}
	if x.since.IsZero() {
		x.since = now
	}
	r.waiting[k] = x
	if len(r.waiting) > r.sweep {
		r.forget(now)
		r.sweep = 2*len(r.waiting) + 1024
	}
	r.count.Store(int64(len(r.waiting)))
}

// end notes that a message has ended, or waits for something else.
func (r *Retries) end(w *Work, m *Message) {
	if r == nil || r.count.Load() == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.waiting, retryKey{w.Topic, w.Group, m.Identity()})
	r.count.Store(int64(len(r.waiting)))
}

// forget lets go what was not tried again although it was due: it was erased, or another process has it. The lock is held.
func (r *Retries) forget(now time.Time) {
	for k, x := range r.waiting {
		if now.After(x.until) {
			delete(r.waiting, k)
		}
	}
}

// List returns what waits, by topic, group and what failed.
func (r *Retries) List() []Retrying {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(time.Now())
	r.count.Store(int64(len(r.waiting)))
	at := map[retryKey]*Retrying{}
	for k, x := range r.waiting {
		k.id = x.on
		sum := at[k]
		if sum == nil {
			sum = &Retrying{Topic: k.topic, Group: k.group, On: x.on, Since: x.since, Next: x.next}
			at[k] = sum
		}
		sum.Messages++
		if x.since.Before(sum.Since) {
			sum.Since = x.since
		}
		if x.next.Before(sum.Next) {
			sum.Next = x.next
		}
	}
	all := make([]Retrying, 0, len(at))
	for _, sum := range at {
		all = append(all, *sum)
	}
	slices.SortFunc(all, func(a, b Retrying) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Group, b.Group), cmp.Compare(a.On, b.On))
	})
	return all
}
