package messaging

import (
	"sync"
	"time"
)

// Stats is a consumer's account since it began. At every moment it is taken as one:
// Taken = Done + Repeated + Cancelled + Superseded + Failed + Dead + Deferred + InFlight.
type Stats struct {
	Taken      int64 // deliveries taken up
	Done       int64 // handled
	Repeated   int64 // acked unhandled: the inbox knew the id as finished, or it is a replay for another group
	Cancelled  int64 // acked unhandled: their senders had taken them back
	Superseded int64 // acked: the next one does their work
	Failed     int64 // kept as letters of a reason that is a Failure
	Dead       int64 // kept as letters of any other reason
	Deferred   int64 // given back: retries, and what a stop cut short
	InFlight   int64 // in hand now
	Retried    int64 // of Deferred, those that used up an attempt
	Panics     int64 // handlers that panicked
	Paused     bool
}

// Add counts in what another consumer of the same work did.
func (s *Stats) Add(o Stats) {
	s.Taken += o.Taken
	s.Done += o.Done
	s.Repeated += o.Repeated
	s.Cancelled += o.Cancelled
	s.Superseded += o.Superseded
	s.Failed += o.Failed
	s.Dead += o.Dead
	s.Deferred += o.Deferred
	s.InFlight += o.InFlight
	s.Retried += o.Retried
	s.Panics += o.Panics
	s.Paused = s.Paused || o.Paused
}

// account keeps Stats consistent: a delivery moves from in flight to one end in one step.
type account struct {
	mu    sync.Mutex
	s     Stats
	moved time.Time // when a delivery was taken up or ended last
}

// take counts a delivery as in hand.
func (a *account) take() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.s.Taken++
	a.s.InFlight++
	a.moved = time.Now()
}

// still returns how long no delivery was taken up or ended.
func (a *account) still() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Since(a.moved)
}

// change counts under the lock.
func (a *account) change(f func(s *Stats)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f(&a.s)
}

// end moves a delivery from in hand to its end.
func (a *account) end(f func(s *Stats)) {
	a.change(func(s *Stats) {
		s.InFlight--
		f(s)
		a.moved = time.Now()
	})
}

func (a *account) read() Stats {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.s
}
