package server

import (
	"bytes"
	"net/http"
	"sync"
	"time"

	"fondaco/routes/trigger"
)

// inFlight bounds the bytes of bodies and answers that are held for callers at a time: in all, and for each caller's
// address. Safe for concurrent use.
type inFlight struct {
	most, share int64

	mu   sync.Mutex
	used int64
	by   map[string]int64 // by address
}

func newInFlight(most, share int64) *inFlight {
	return &inFlight{most: most, share: min(share, most), by: map[string]int64{}}
}

// retryHeld is when to come again after a refusal.
const retryHeld = 2 * time.Second

// heldFrom is the size from which an answer is booked: small ones lie in the buffers of the connection.
const heldFrom = 64 << 10

// full says which bound was met.
type full uint8

const (
	notFull    full = iota
	allFull         // what all callers hold together
	callerFull      // what this caller holds
)

// take books n more bytes for a request that holds own already. Whoever holds nothing beside it is let in whatever its
// size: that is for other limits. caller is "" for one without a share.
func (f *inFlight) take(caller string, own, n int64) full {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.used+n > f.most && f.used > own {
		return allFull
	}
	if caller != "" {
		if held := f.by[caller]; held+n > f.share && held > own {
			return callerFull
		}
		f.by[caller] += n
	}
	f.used += n
	return notFull
}

// give takes n bytes off the books.
func (f *inFlight) give(caller string, n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.used -= n
	if caller == "" {
		return
	}
	if f.by[caller] -= n; f.by[caller] <= 0 {
		delete(f.by, caller)
	}
}

// Hold books n more bytes for the visit until letGo; its error, a *trigger.Problem, says that they are not to be had. The
// branches of an exchange may call it side by side.
func (v *visit) Hold(n int64) error {
	v.holding.Lock()
	defer v.holding.Unlock()
	if v.held == 0 {
		// A proxy of ours has no share: it stands for callers whom it does not name.
		if v.holder = v.client(); v.s.config.trusted(v.address()) {
			v.holder = ""
		}
	}
	var p *trigger.Problem
	switch v.s.inFlight.take(v.holder, v.held, n) {
	case notFull:
		v.held += n
		return nil
	case callerFull:
		p = trigger.NewProblem(http.StatusTooManyRequests,
			"Too many requests from this address are in flight: wait until earlier ones have ended.")
	default:
		p = trigger.NewProblem(http.StatusServiceUnavailable, "The server is at its memory limit: try again soon.")
	}
	p.RetryAfter = retryHeld
	return p
}

// hold is Hold for what the server itself holds: bodies and answers.
func (v *visit) hold(n int64) *trigger.Problem {
	if n <= 0 {
		return nil
	}
	err := v.Hold(n)
	if err == nil {
		return nil
	}
	v.s.metrics.refused.Inc()
	v.w.Header()["Connection"] = closing
	return problemOf(err)
}

// valuesOf returns about how much room the values of a body take, in bytes: those of a list of small numbers take many
// times as much as their text.
func valuesOf(body []byte) int64 {
	const each = 64 // a value, and its place in the list that grows while it is read
	return each * int64(1+bytes.Count(body, []byte(","))+bytes.Count(body, []byte("<")))
}

// letGo gives back what the visit holds.
func (v *visit) letGo() {
	v.holding.Lock()
	defer v.holding.Unlock()
	if v.held > 0 {
		v.s.inFlight.give(v.holder, v.held)
		v.held = 0
	}
}
