package store

import (
	"context"
	"time"
)

// Inbox knows the ids that a group has finished on a topic, so that what is delivered twice is handled once. An id is
// one consumer's: the same id on another topic, or for another group, is another message.
type Inbox interface {
	// Seen reports whether Done was called for the id and Limits.Inbox has not let it go.
	Seen(ctx context.Context, topic, group, id string) (bool, error)
	// Done stores ids, all or none. Done again for the same id counts its age anew.
	Done(ctx context.Context, topic, group string, now time.Time, ids ...string) error
	// Unhandled stores an id as Done does, and counts it in the Tally of its topic and group by how it ended; an id that is
	// known already is not counted. Of one id it is not called twice at the same time.
	Unhandled(ctx context.Context, topic, group string, now time.Time, id string, end End) error
}

// End is how a message ended that is finished and was not handled.
type End string

// The ends of messages that were not handled.
const (
	EndCancelled  End = "cancelled"  // its request was cancelled by its caller
	EndSuperseded End = "superseded" // a run that gave way to the next
)
