package store

import (
	"context"
	"time"
)

// Replays remembers what may come once: the nonces of tokens, the ids of signed messages.
type Replays interface {
	// Take remembers the key of the scope until a time, and reports whether it came for the first time. Of any number of
	// callers at the same time exactly one is the first. true is returned once the key is durable; after an error it
	// may be remembered or not. A key whose time is over may be taken again.
	Take(ctx context.Context, scope, key string, until, now time.Time) (first bool, err error)
}
