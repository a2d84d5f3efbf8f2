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
	Counts bool          // whether the attempt is used up; false while a system is known to be down
	Err    error         // the cause, for logs and the dead letter's detail
}

// Error tells that and why the message comes again.
func (r *Retry) Error() string { return "try again later: " + text(r.Err) }

// Unwrap gives the cause.
func (r *Retry) Unwrap() error { return r.Err }

// Dead is a handler's error that ends the message as a dead letter at once.
type Dead struct {
	Reason Reason
	Detail string // what was found and expected; without values of the message
}

// Error gives reason and detail.
func (d *Dead) Error() string { return string(d.Reason) + ": " + d.Detail }

// panicked is a handler's panic: where it happened, not what it said, which may hold the message.
type panicked struct{ where string }

func (p *panicked) Error() string { return "the handler panicked at " + p.where }

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
		return &Dead{HandlerPanicked, fmt.Sprintf("%s, in each of %d attempts", crash.Error(), attempt)}, 0, false
	}
	return &Dead{Exhausted, fmt.Sprintf("%d attempts failed, the last: %s", attempt, text(err))}, 0, false
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
