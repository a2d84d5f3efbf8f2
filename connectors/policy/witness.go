package policy

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

var witnessPart = part{wrap: func(_ *Set, c called, sh *Shared) connectors.Policy { return sh.witness(c.op) }}

// health is what all calls of one operation have in common. Safe for concurrent use.
type health struct {
	breaker *breaker
	away    atomic.Bool // it has not answered well since it was away
	stale   atomic.Bool // the last answer was a kept one that is too old

	mu       sync.Mutex
	good     [2]answered          // the latest good answers to two callers, the later one first
	failed   map[uint64]time.Time // when callers failed last
	order    []uint64             // of failed, the oldest first, a ring
	nextGone int
}

// answered is a good answer: when, and to whom.
type answered struct {
	at time.Time
	to uint64
}

// maxFailed is of how many callers the last failure of an operation is remembered.
const maxFailed = 4096

// health returns what the calls of an operation share.
func (sh *Shared) health(name string) *health {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	o := sh.operations[name]
	if o == nil {
		o = &health{breaker: newBreaker(sh.system+"."+name, sh.opens, false), failed: map[uint64]time.Time{}}
		o.breaker.turn = sh.turned(name)
		sh.operations[name] = o
	}
	return o
}

// witness notes how whole calls end, and says of one that failed whether others were answered well meanwhile.
func (sh *Shared) witness(op *connectors.Operation) connectors.Policy {
	o, m := sh.health(op.Name), sh.meters.Of(sh.system, op.Name)
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			v, err := next(ctx, in)
			if err == nil {
				o.well(connectors.BehalfOf(ctx).ID(), sh.clock.Now())
				sh.back(o, op.Name)
				return v, nil
			}
			f := connectors.AsFault(err)
			if f != nil && f.Suspect() && !silent(err) {
				f.Others = o.fails(connectors.BehalfOf(ctx), sh.clock.Now())
			}
			if f != nil {
				m.failed(f)
				sh.leaves(o, f)
			}
			return v, err
		}
	}
}

// leaves notes that the system or the operation was away, if that is what a fault says.
func (sh *Shared) leaves(o *health, f *connectors.Fault) {
	switch f.Away() {
	case "":
	case f.System:
		sh.away.Store(true)
	default:
		o.away.Store(true)
	}
}

// back reports a good answer if it is the first since the system or the operation was away.
func (sh *Shared) back(o *health, name string) {
	system, operation := sh.away.Load() && sh.away.CompareAndSwap(true, false), o.away.Load() && o.away.CompareAndSwap(true, false)
	if tell := sh.answered.Load(); tell != nil {
		if system {
			(*tell)(sh.system)
		}
		if operation {
			(*tell)(sh.system + "." + name)
		}
	}
}

// well notes a good answer.
func (o *health) well(id uint64, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if id != o.good[0].to || id == 0 {
		o.good[1] = o.good[0]
	}
	o.good[0] = answered{now, id}
}

// fails notes a failure, and reports whether another caller was answered well since the last one of this caller, or since
// its message began to wait where that is not known.
func (o *health) fails(b connectors.Behalf, now time.Time) bool {
	id := b.ID()
	if id == 0 {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	since, known := o.failed[id]
	if !known {
		since, known = b.Since, !b.Since.IsZero()
		if len(o.order) < maxFailed {
			o.order = append(o.order, id)
		} else {
			delete(o.failed, o.order[o.nextGone])
			o.order[o.nextGone] = id
			o.nextGone = (o.nextGone + 1) % maxFailed
		}
	}
	o.failed[id] = now
	other := o.good[0]
	if other.to == id {
		other = o.good[1]
	}
	return known && other.at.After(since)
}
