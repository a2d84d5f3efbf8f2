package store

import (
	"context"
	"time"
)

// Collections gathers messages by key until there are enough or it is time, for a route to work on them together. No
// message is lost between: a collection that was taken and not finished is due again when its lease has passed.
type Collections interface {
	// Add puts a message, which speaks of persons, into the open collection of its route and key, and opens one, due at the given
	// time, if there
	// is none. A message id that is in an unfinished collection, or was in one within Limits.Inbox, is not added again:
	// the collection it is in is given as it stands, with ID 0 if that is finished.
	Add(ctx context.Context, route, key, messageID string, of Marks, body []byte, now, due time.Time) (Collection, error)
	// Has reports whether a message is in a collection of its route and key that is not finished, or was in one within
	// Limits.Inbox.
	Has(ctx context.Context, route, key, messageID string) (bool, error)
	// Take closes a collection to further messages and hands it to the caller for as long as lease says, with all
	// bodies in the order they came. ErrFenced if another has it or it is finished.
	Take(ctx context.Context, id int64, now time.Time, lease time.Duration) (Taken, error)
	// Finish removes a collection whose work is done. ErrFenced if another has taken it since.
	Finish(ctx context.Context, token int64, now time.Time) error
	// Holder returns the token of who took a collection last; 0 if nobody has taken it, or it is finished.
	Holder(ctx context.Context, id int64) (token int64, err error)
	// Due returns up to limit collections to be taken, the longest due first: open ones whose time has come, and taken
	// ones whose lease has passed.
	Due(ctx context.Context, now time.Time, limit int) ([]Collection, error)
	// Next returns when the first of all collections is due, by the clock now; false if there is none.
	Next(ctx context.Context, now time.Time) (time.Time, bool, error)
}

// Collection is how a collection stands.
type Collection struct {
	ID         int64
	Route, Key string
	Count      int
	Due        time.Time
}

// Taken is a collection in the hands of who works on it.
type Taken struct {
	Collection
	Token  int64 // for Finish
	Bodies [][]byte
	Marks  []Marks // of whom each of them speaks
}
