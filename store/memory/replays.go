package memory

import (
	"context"
	"crypto/sha256"
	"strconv"
	"sync"
	"time"

	"fondaco/store"
)

// Replays is a store.Replays of this process, which forgets everything when it ends.
type Replays struct {
	max int

	mu    sync.Mutex
	until map[[sha256.Size]byte]time.Time
	swept time.Time
}

// NewReplays returns a memory of at most that many keys. Taking one more fails with store.ErrBusy: to forget one early would let it
// come twice.
func NewReplays(keys int) *Replays {
	return &Replays{max: keys, until: map[[sha256.Size]byte]time.Time{}}
}

// Take remembers a key.
func (r *Replays) Take(ctx context.Context, scope, key string, until, now time.Time) (first bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	id := sha256.Sum256([]byte(strconv.Itoa(len(scope)) + ":" + scope + key))
	r.mu.Lock()
	defer r.mu.Unlock()
	if end, known := r.until[id]; known && now.Before(end) {
		return false, nil
	}
	if now.Sub(r.swept) > time.Minute || len(r.until) >= r.max {
		r.sweep(now)
	}
	if len(r.until) >= r.max {
		return false, store.ErrBusy
	}
	r.until[id] = until
	return true, nil
}

func (r *Replays) sweep(now time.Time) {
	r.swept = now
	for id, end := range r.until {
		if !now.Before(end) {
			delete(r.until, id)
		}
	}
}

var _ store.Replays = (*Replays)(nil)
