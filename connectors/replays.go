package connectors

import (
	"context"
	"time"
)

// Replays remembers what may come once: nonces, ids of signed messages. Safe for concurrent use.
type Replays interface {
	// Take remembers the key of the scope until a time, and reports whether it came for the first time. After an error
	// nothing may be taken: whether it came before is not known.
	Take(ctx context.Context, scope, key string, until, now time.Time) (first bool, err error)
}
