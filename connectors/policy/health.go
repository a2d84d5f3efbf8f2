package policy

import (
	"errors"
	"slices"
	"strings"
	"time"

	"fondaco/connectors"

	"github.com/sony/gobreaker/v2"
)

// State is how a breaker stands.
type State string

// The states of a breaker.
const (
	Closed State = "closed" // calls are made
	Open   State = "open"   // no call is made
	Trying State = "trying" // one call tries whether it can close
)

// Cause is the failure that opened a breaker.
type Cause struct {
	At        time.Time
	Operation string
	Kind      string // of the fault: see connectors.FaultKind; "" for what is no fault
	Detail    string // for operators, without values of messages
}

// BreakerHealth is how a breaker stands. Since, Until and Cause are zero while it is closed.
type BreakerHealth struct {
	Operation string // "" for that of the whole system
	State     State
	Since     time.Time // when it opened, since it was closed last
	Until     time.Time // when the next call may try
	Cause     Cause     // of the latest opening
}

// Health is how a system stands, as this process sees it.
type Health struct {
	System     string
	Whole      BreakerHealth
	Operations []BreakerHealth // those that are not closed, by name
	Slots      int             // how many calls may be under way at once; 0 without a bound
	InUse      int             // of Slots
	Waiting    int             // calls that wait for a slot
	Away       bool            // it was not reached, and no good answer has come since
}

// Unwell reports whether a breaker of the system is not closed.
func (h *Health) Unwell() bool { return h.Whole.State != Closed || len(h.Operations) > 0 }

// Since returns when the first of its breakers that are not closed opened; the zero time if all are closed.
func (h *Health) Since() time.Time {
	since := h.Whole.Since
	for _, o := range h.Operations {
		if since.IsZero() || o.Since.Before(since) {
			since = o.Since
		}
	}
	return since
}

// Health returns how the system stands. It may be called concurrently.
func (sh *Shared) Health() Health {
	h := Health{
		System: sh.system, Whole: sh.breaker.health(""), Slots: cap(sh.slots), InUse: len(sh.slots), Waiting: int(max(0, sh.waiting.Load())),
		Away: sh.away.Load(),
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for name, o := range sh.operations {
		if b := o.breaker.health(name); b.State != Closed {
			h.Operations = append(h.Operations, b)
		}
	}
	slices.SortFunc(h.Operations, func(a, b BreakerHealth) int { return strings.Compare(a.Operation, b.Operation) })
	return h
}

// Turn is told when a breaker opens that was closed, and when it has closed again.
type Turn struct {
	Operation string // "" for the breaker of the whole system
	Open      bool
	Until     time.Time // when the next call may try; zero if it has closed
	Cause     Cause     // zero if it has closed
}

// Turns has f told of each breaker of the system that opens or has closed again. It is called on callers' goroutines, while the breaker is
// locked: it does not wait, and asks nothing of the system.
func (sh *Shared) Turns(f func(Turn)) { sh.turns.Store(&f) }

// turned passes on what the breaker of an operation, or of the whole system, does.
func (sh *Shared) turned(operation string) func(Turn) {
	return func(t Turn) {
		if tell := sh.turns.Load(); tell != nil {
			t.Operation = operation
			(*tell)(t)
		}
	}
}

// opened notes when and why it opened. It is called when it opens, under its lock.
func (b *breaker) opened(now time.Time, open time.Duration, by *failure) {
	b.until.Store(now.Add(open).UnixNano())
	first := b.since.CompareAndSwap(0, now.UnixNano())
	c := Cause{At: now}
	if by != nil {
		c.Operation, c.Detail = by.operation, by.Error()
		var f *connectors.Fault
		if errors.As(by.error, &f) {
			c.Kind = f.Kind.String()
		}
	}
	b.cause.Store(&c)
	if first && b.turn != nil {
		b.turn(Turn{Open: true, Until: now.Add(open), Cause: c})
	}
}

// health returns how it stands.
func (b *breaker) health(operation string) BreakerHealth {
	h := BreakerHealth{Operation: operation, State: Closed}
	since := b.since.Load()
	if since == 0 { // it has not opened since it was closed
		return h
	}
	switch b.State() {
	case gobreaker.StateClosed:
		return h
	case gobreaker.StateOpen:
		h.State = Open
	case gobreaker.StateHalfOpen:
		h.State = Trying
	}
	h.Since, h.Until = time.Unix(0, since), time.Unix(0, b.until.Load())
	if c := b.cause.Load(); c != nil {
		h.Cause = *c
	}
	return h
}
