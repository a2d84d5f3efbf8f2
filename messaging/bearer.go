package messaging

import (
	"context"
	"time"
)

// Bearer is a broker whose messages that wait can be found and erased by the person whom they are of. Safe for concurrent use.
type Bearer interface {
	// Bearing calls each with the messages that are not finished and bear a mark, the oldest of each topic first: see
	// ExtensionMarks. An error of each ends it. It returns how many bear the mark and cannot be read: what is stored of them is
	// damaged.
	Bearing(ctx context.Context, mark string, each func(Borne) error) (damaged int64, err error)

	// Erase removes messages that wait, or puts others in their place, all or none, and returns those of which it did so: one
	// that is being worked on stays as it is, as does one that is damaged; one that is finished is passed over.
	Erase(ctx context.Context, mark string, list []Erasure) ([]Erased, error)
}

// Borne is a message that bears a mark and is not finished.
type Borne struct {
	Seq     int64 // which it is, for Erase
	Topic   string
	At      time.Time // when it was accepted
	Message Message
}

// Erasure says what becomes of a message that waits.
type Erasure struct {
	Seq     int64
	Instead *Message // stands in its place, with its id, key and time; nil: the message goes
}

// Erased is a message that went, or in whose place another stands.
type Erased struct {
	Seq    int64
	Groups []string // that had not finished it
}
