package store

import (
	"context"
	"time"
)

// Inbox knows the ids that a group has finished, so that what is delivered twice is handled once.
type Inbox interface {
	// Seen tells whether Done was called for the id and Limits.Inbox has not let it go.
	Seen(ctx context.Context, group, id string) (bool, error)
	// Done stores ids, all or none. Done again for the same id counts its age anew.
	Done(ctx context.Context, group string, now time.Time, ids ...string) error
}
