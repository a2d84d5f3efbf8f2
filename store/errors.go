package store

import "errors"

// What a store's methods give besides the end of their context; errors.Is finds them.
var (
	// ErrFull means that there is no space; nothing was written. A front end answers 503 and is not ready.
	ErrFull = errors.New("there is no space left for the state")
	// ErrIO means that the place of the state cannot be read or written; what was being written may have taken effect.
	ErrIO = errors.New("the state cannot be read or written")
	// ErrBusy means that too much waits to be written; nothing was written.
	ErrBusy = errors.New("too much waits to be written to the state")
	// ErrClosed means that the store was closed.
	ErrClosed = errors.New("the state is closed")
	// ErrDamaged means that a record is not as it was written. It is never served.
	ErrDamaged = errors.New("a record of the state is damaged")
	// ErrTooLarge means that a body exceeds Limits.BodyBytes; nothing was written.
	ErrTooLarge = errors.New("the body is too large to be kept")
	// ErrFenced means that a token or an epoch is not the present one: another has taken over. Nothing was written.
	ErrFenced = errors.New("another has taken over")
	// ErrExists means that the id is taken; nothing was written.
	ErrExists = errors.New("the id is taken")
	// ErrBegun reports that work has begun on what was to be cancelled, or that another process has begun the call; nothing was
	// changed.
	ErrBegun = errors.New("work on it has begun")
	// ErrExhausted reports that a sequence has no higher number; nothing was written.
	ErrExhausted = errors.New("the sequence has no higher number")
	// ErrAbsent means that nothing is kept under the id.
	ErrAbsent = errors.New("nothing is kept under this id")
)
