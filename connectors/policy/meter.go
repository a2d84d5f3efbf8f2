package policy

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

var meterPart = part{wrap: func(_ *Set, c called, sh *Shared) connectors.Policy { return sh.measured(c.op) }}

// Meters measure the calls of all systems of a process. They outlive the systems that a reload opens anew. The zero value is empty;
// safe for concurrent use.
type Meters struct {
	mu  sync.Mutex
	all map[[2]string]*Meter
}

// Of returns the meter of an operation.
func (m *Meters) Of(system, operation string) *Meter {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := [2]string{system, operation}
	if m.all[at] == nil {
		if m.all == nil {
			m.all = map[[2]string]*Meter{}
		}
		m.all[at] = &Meter{System: system, Operation: operation, Began: time.Now()}
	}
	return m.all[at]
}

// List returns the meters, by system and operation.
func (m *Meters) List() (all []*Meter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range m.all {
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b *Meter) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Operation, b.Operation))
	})
	return all
}

// Bounds are the upper bounds, in seconds, of the sizes by which the time that attempts take is counted; beyond the last there is one
// more.
var Bounds = [...]float64{.0025, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

const sizes = len(Bounds) + 1

// outcome is how an attempt ended: by a fault of a kind, or by what follows.
type outcome = int

const (
	attemptOK        outcome = 0                           // the system answered
	attemptCancelled         = int(connectors.Unknown) + 1 // whoever asked went away
	attemptFailed            = int(connectors.Unknown) + 2 // an error that is no fault of a system
	outcomes                 = attemptFailed + 1           // the number of outcomes
	kinds                    = int(connectors.Unknown)     // the number of kinds of faults
	results                  = len(CacheResults{})         // of a cache
)

// outcomeWord returns the word of an outcome.
func outcomeWord(o outcome) string {
	switch o {
	case attemptOK:
		return "ok"
	case attemptCancelled:
		return "cancelled"
	case attemptFailed:
		return "failed"
	}
	return connectors.FaultKind(o).String()
}

// CacheResults count how often a call was answered by what was kept, asked the system, or was answered by what is too old.
type CacheResults [3]int64

// The places in CacheResults.
const (
	CacheHit = iota
	CacheMiss
	CacheStale
)

// Meter measures the calls of one operation: all attempts since the process began, and those of the last hour and the last week. It holds
// about 24 KB once a week has passed, and a few hundred bytes before the first attempt. Counting takes a few atomic additions. Safe for
// concurrent use.
type Meter struct {
	System, Operation string
	Began             time.Time // when measuring did

	attempts [outcomes]atomic.Int64
	faults   [kinds + 1]atomic.Int64 // whole calls that ended so, by kind
	took     [sizes]atomic.Int64
	nanos    atomic.Int64 // that all attempts took together
	cached   [results]atomic.Int64
	minutes  ring
	hours    ring
}

// attempt counts one attempt that ended now.
func (m *Meter) attempt(now time.Time, took time.Duration, o outcome) {
	size := sizeOf(took)
	m.attempts[o].Add(1)
	m.took[size].Add(1)
	m.nanos.Add(int64(took))
	m.minutes.at(now, minuteLong, minutesKept).attempt(size, o)
	m.hours.at(now, hourLong, hoursKept).attempt(size, o)
}

// fault counts a whole call that ended with a fault; withheld, that the system was not asked.
func (m *Meter) fault(now time.Time, k connectors.FaultKind, withheld bool) {
	m.faults[k].Add(1)
	m.minutes.at(now, minuteLong, minutesKept).fault(withheld)
	m.hours.at(now, hourLong, hoursKept).fault(withheld)
}

// failed counts a whole call that has just ended with a fault.
func (m *Meter) failed(f *connectors.Fault) {
	if f.Kind > 0 {
		m.fault(time.Now(), f.Kind, !f.Tried && unasked(f))
	}
}

// unasked reports whether a policy has kept a call, or its last attempt, from the system.
func unasked(f *connectors.Fault) bool {
	return f.Withheld || errors.Is(f.Err, errFull) || errors.Is(f.Err, errPace)
}

func sizeOf(took time.Duration) int {
	seconds := took.Seconds()
	for i, bound := range Bounds {
		if seconds <= bound {
			return i
		}
	}
	return len(Bounds)
}

// measured counts the attempts of an operation and how long they take.
func (sh *Shared) measured(op *connectors.Operation) connectors.Policy {
	m := sh.meters.Of(sh.system, op.Name)
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			began := time.Now()
			v, err := next(ctx, in)
			ended := time.Now()
			if f := connectors.AsFault(err); f != nil && f.Withheld { // it could not be noted before: the system was not asked
				return v, err
			}
			m.attempt(ended, ended.Sub(began), outcomeOf(err))
			return v, err
		}
	}
}

func outcomeOf(err error) outcome {
	if err == nil {
		return attemptOK
	}
	if errors.Is(err, context.Canceled) {
		return attemptCancelled
	}
	if f := connectors.AsFault(err); f != nil {
		return int(f.Kind)
	}
	return attemptFailed
}

// MeasuredBy has the calls of the system measured by meters that outlive it. It is called before the first call is bound.
func (sh *Shared) MeasuredBy(m *Meters) { sh.meters = m }
