package messaging

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// Retry is a handler's error that asks for the message again later.
type Retry struct {
	After  time.Duration // pause before the next attempt; 0 leaves it to the backoff, to its first where no attempt is used up
	Counts bool          // whether the attempt is used up
	Err    error         // the cause, for logs and the dead letter's detail

	// Down says that a system is down: no attempt is used up, the pause grows with the time that the message has waited and
	// is After at least, and the message becomes a dead letter with the reason Unavailable when it has waited for
	// Backoff.RetryFor. Counts is then false.
	Down bool
	// For replaces Backoff.RetryFor for this message; 0 does not. It is looked at with Down alone.
	For time.Duration
	// On is what the message waits for, as "crm" or "crm.create", where that is known to be closed for After to all
	// messages: the message is put aside until then (Park). "" for a message that waits for itself alone. It is looked at
	// with Down alone.
	On string
	// Needs is what failed, as "crm" or "crm.create", where the message waits for itself alone because that was away: when it
	// is known to answer again the message comes sooner, though not before After. "" for nothing. It is looked at with
	// Down alone, and without On.
	Needs string
}

// Error says why the message is delivered again.
func (r *Retry) Error() string { return "try again later: " + text(r.Err) }

// Unwrap returns the cause.
func (r *Retry) Unwrap() error { return r.Err }

// Dead is a handler's error that ends the message as a dead letter at once.
type Dead struct {
	Reason Reason
	Detail string // what was found and expected; without values of the message
	Cause  string // for metrics and logs: of a system's fault where it arose and its kind, as "crm.create not-found"; else ""
}

// Error returns reason and detail.
func (d *Dead) Error() string { return string(d.Reason) + ": " + d.Detail }

// panicked is a handler's panic: where it happened, not what it said, which may hold the message.
type panicked struct{ where string }

func (p *panicked) Error() string { return "the handler panicked at " + p.where }

// waits decides on a message that needs a system that is down: dead is non-nil when it has waited for long enough, else it
// comes again after the pause, for the last time when its time is over. since is when it began to wait.
func (r *Retry) waits(since, now time.Time, b Backoff) (dead *Dead, after time.Duration) {
	most := r.most(b)
	waited := max(now.Sub(since), 0)
	if waited >= most {
		return &Dead{Reason: Unavailable, Detail: fmt.Sprintf("it waited for %s, the last: %s", waited.Round(time.Second), text(r.Err))}, 0
	}
	return nil, min(max(r.After, b.waiting(waited)), most-waited)
}

// most returns how long the message may wait.
func (r *Retry) most(b Backoff) time.Duration {
	if r.For > 0 {
		return r.For
	}
	return b.RetryFor
}

// parking returns what a message that began to wait at since is put aside for; nothing if it waits for itself.
func (r *Retry) parking(since, now time.Time, b Backoff) Parking {
	if r.On == "" {
		return Parking{}
	}
	return Parking{On: r.On, Until: now.Add(max(r.After, 0)), By: since.Add(r.most(b))}
}

// need returns what a message waits for by a pause of its own, whose handler began at tried; nothing if it waits for itself.
func (r *Retry) need(tried time.Time, b Backoff) Need {
	if r.On != "" || r.Needs == "" {
		return Need{}
	}
	return Need{On: r.Needs, Tried: tried, Least: max(min(b.First, sooner), r.After), Most: b.Max}
}

// sooner is how soon after it failed a message comes again at most when what was away answers.
const sooner = time.Second

// decide turns what a handler gave on an attempt into what happens with the message: dead is non-nil for a dead letter,
// else it comes again after the pause.
func decide(err error, attempt int, b Backoff) (dead *Dead, after time.Duration, counts bool) {
	var retry *Retry
	var crash *panicked
	switch {
	case errors.As(err, &dead):
		return dead, 0, false
	case errors.As(err, &retry):
		after, counts = retry.After, retry.Counts
	default:
		counts = true
	}
	switch {
	case after > 0:
	case counts:
		after = b.After(attempt)
	default: // what costs no attempt does not wait longer for the attempts before
		after = b.After(1)
	}
	if !counts || attempt < b.Attempts {
		return nil, after, counts
	}
	if errors.As(err, &crash) {
		return &Dead{Reason: HandlerPanicked, Detail: fmt.Sprintf("%s, in each of %d attempts", crash.Error(), attempt)}, 0, false
	}
	return &Dead{Reason: Exhausted, Detail: fmt.Sprintf("%d attempts failed, the last: %s", attempt, text(err))}, 0, false
}

func text(err error) string {
	if err == nil {
		return "no cause was told"
	}
	return err.Error()
}

// guard runs f and turns a panic into an error.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{origin(string(debug.Stack()))}
		}
	}()
	return f()
}
