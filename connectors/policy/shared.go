package policy

import (
	"crypto/sha256"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/config"

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
	clock   config.Clock // of answers

	away     atomic.Bool                     // a call was not answered since the last good answer
	answered atomic.Pointer[func(on string)] // see Answered

	stands atomic.Pointer[func(Standing)] // see Stands
	turns  atomic.Pointer[func(Turn)]     // see Turns
	meters *Meters                        // of all systems of the process

	mu         sync.Mutex
	operations map[string]*health // by name

	far         SharedCache // nil: nothing is shared with other processes
	fingerprint [sha256.Size]byte
}

var made atomic.Int64

// NewShared returns what the calls of a system share, by the system's own policies. clock shows when answers were given, nil for the
// machine's.
func NewShared(system string, s Set, c Cache, clock config.Clock) *Shared {
	s = Merge(s, Set{})
	sh := &Shared{
		system: system, number: made.Add(1), breaker: newBreaker(system, s.Breaker, true), opens: s.Breaker, cache: c,
		chance: rand.Float64, clock: clock, operations: map[string]*health{}, meters: &Meters{},
	}
	sh.breaker.turn = sh.turned("")
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

// Standing is told when a kept answer that is too old stands in for a system that fails.
type Standing struct {
	Operation string
	Since     time.Time // when the answer was given
	Began     bool      // the one before of this operation was a new answer
	Ended     bool      // a new answer has come, and no kept one stands in
	Err       error     // why one stands in
}

// Stands has f told of each answer that is too old and stands in, and of the first new one after such. f is called on callers'
// goroutines, and does not wait.
func (sh *Shared) Stands(f func(Standing)) { sh.stands.Store(&f) }

// stood passes on an answer of an operation that stands in.
func (sh *Shared) stood(o *health, name string, since time.Time, err error) {
	began := !o.stale.Swap(true)
	if tell := sh.stands.Load(); tell != nil {
		(*tell)(Standing{Operation: name, Since: since, Began: began, Err: err})
	}
}

// renewed passes on a new answer, if the one before stood in.
func (sh *Shared) renewed(o *health, name string) {
	if !o.stale.Load() || !o.stale.CompareAndSwap(true, false) {
		return
	}
	if tell := sh.stands.Load(); tell != nil {
		(*tell)(Standing{Operation: name, Ended: true})
	}
}
