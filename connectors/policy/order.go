package policy

import (
	"crypto/sha256"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/connectors"
	"fondaco/schema"

	"golang.org/x/time/rate"
)

// Shared is what all calls of one system have in common. Safe for concurrent use.
type Shared struct {
	system  string
	number  int64    // of all that the process has made
	breaker *breaker // of the whole system
	opens   *Breaker
	slots   chan struct{}
	waiting atomic.Int32 // for a slot
	limiter *rate.Limiter
	budget  budget
	cache   Cache
	flights flights
	chance  func() float64

	away     atomic.Bool                     // a call was not answered since the last good answer
	answered atomic.Pointer[func(on string)] // see Answered

	mu         sync.Mutex
	operations map[string]*health // by name

	far         SharedCache // nil: nothing is shared with other processes
	fingerprint [sha256.Size]byte
}

var made atomic.Int64

// NewShared returns what the calls of a system share, by the system's own policies.
func NewShared(system string, s Set, c Cache) *Shared {
	s = Merge(s, Set{})
	sh := &Shared{system: system, number: made.Add(1), breaker: newBreaker(system, s.Breaker, true), opens: s.Breaker, cache: c, chance: rand.Float64, operations: map[string]*health{}}
	sh.budget.tokens = budgetStart
	if s.Concurrency > 0 {
		sh.slots = make(chan struct{}, s.Concurrency)
	}
	if !s.Rate.IsZero() {
		sh.limiter = rate.NewLimiter(rate.Every(s.Rate.Per/time.Duration(s.Rate.Count)), s.Rate.Count)
	}
	return sh
}

// Answered has f told each time that the system, as "crm", or an operation of it, as "crm.create", answers well and has been
// away since its last good answer. f is called on callers' goroutines, and does not wait.
func (sh *Shared) Answered(f func(on string)) { sh.answered.Store(&f) }

// Policies returns the policies of an operation's calls whose answers are of type want, the outermost first. The fallback
// of a step surrounds them all.
func (s Set) Policies(op *connectors.Operation, want *schema.Type, sh *Shared) []connectors.Policy {
	var all []connectors.Policy
	if s.Cache != nil && op.Effect == connectors.Read {
		all = append(all, sh.keep(op, want, *s.Cache)) // outermost: an answer that is kept costs nothing and waits for nothing
	}
	all = append(all, sh.witness(op)) // the whole call: what an attempt in between met says nothing
	if sh.limiter != nil {
		all = append(all, sh.paced(op)) // before the clock runs: waiting for a turn is not the system's slowness
	}
	all = append(all, sh.timeout(op, s.Timeout)) // the whole call, retries included, ends by then
	if s.Retry != nil && s.Retry.Attempts > 1 {
		all = append(all, sh.retry(op, *s.Retry)) // each attempt asks the breaker and waits for a slot anew
	}
	allowed := s.Timeout
	if s.Attempt > 0 {
		allowed = min(s.Attempt, allowed)
	}
	all = append(all, sh.broken(op, allowed)) // an open breaker takes no slot
	if sh.slots != nil {
		all = append(all, sh.bulkhead(op)) // slots are held while a request is under way, not between attempts
	}
	if s.Attempt > 0 {
		all = append(all, sh.timeout(op, s.Attempt)) // innermost: one attempt
	}
	return all
}
