package messaging

import "errors"

// The ways in which Publish fails, and ErrCancelled; errors.Is tells them apart. An error that is none of these had no effect either.
var (
	// ErrUnknown means that it is not known whether the messages were accepted: publish again with the same ids.
	ErrUnknown = errors.New("it is not known whether the message was accepted; publish it again with the same id")
	// ErrFull means that the disk is full or fails. The broker heals by itself: the next publish tries again.
	ErrFull = errors.New("the broker cannot write")
	// ErrTooLarge means that a message is over a limit and was not accepted.
	ErrTooLarge = errors.New("message too large")
	// ErrInvalid means that a message is not a CloudEvent and was not accepted.
	ErrInvalid = errors.New("message is not a CloudEvent")
	// ErrCancelled is what an Inbox or a Handler returns for a message whose sender has taken it back: it is acked, and counts
	// as cancelled.
	ErrCancelled = errors.New("the message was cancelled")
	// ErrSuperseded is what a Handler returns for a message whose work the next one does: it is acked, and counts as
	// superseded.
	ErrSuperseded = errors.New("the next message does the work of this one")
	// ErrClosed means that the broker or subscriber is closed.
	ErrClosed = errors.New("the broker is closed")
)
