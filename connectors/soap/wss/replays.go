package wss

import (
	"container/heap"
	"crypto/sha256"
	"errors"
	"sync"
	"time"
)

// ErrReplayed is what Take returns for a key that was taken before, ErrReplaysFull when too many are remembered.
var (
	ErrReplayed    = errors.New("taken before")
	ErrReplaysFull = errors.New("too many are remembered; the new one is refused until some are forgotten")
)

// Once remembers keys: a message's identifier, a nonce. Take is called with a key, the time now and until when it must
// be remembered; it returns nil the first time, ErrReplayed after. It must be atomic, and safe for concurrent use. Where
// several processes serve one address, they need one memory between them.
type Once interface {
	Take(key string, now, until time.Time) error
}

// Replays is a Once in memory, for one process: safe for concurrent use, 32 bytes a key and some, never more than Max.
// Its zero value is ready.
type Replays struct {
	Max int // keys remembered at most; 0 means 100,000. One more is refused: to forget early would let it come twice.

	mu    sync.Mutex
	seen  map[[sha256.Size]byte]struct{}
	queue untils
}

// Take implements Once.
func (r *Replays) Take(key string, now, until time.Time) error {
	hash := sha256.Sum256([]byte(key))
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.queue) > 0 && r.queue[0].until.Before(now) {
		delete(r.seen, heap.Pop(&r.queue).(kept).hash)
	}
	if _, known := r.seen[hash]; known {
		return ErrReplayed
	}
	limit := r.Max
	if limit == 0 {
		limit = 100_000
	}
	if len(r.queue) >= limit {
		return ErrReplaysFull
	}
	if r.seen == nil {
		r.seen = map[[sha256.Size]byte]struct{}{}
	}
	r.seen[hash] = struct{}{}
	heap.Push(&r.queue, kept{hash, until})
	return nil
}

// Len returns how many keys are remembered.
func (r *Replays) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.queue)
}

// kept is a key and until when it is remembered.
type kept struct {
	hash  [sha256.Size]byte
	until time.Time
}

// untils is a heap: what may be forgotten first comes first.
type untils []kept

func (u untils) Len() int           { return len(u) }
func (u untils) Less(i, j int) bool { return u[i].until.Before(u[j].until) }
func (u untils) Swap(i, j int)      { u[i], u[j] = u[j], u[i] }
func (u *untils) Push(x any)        { *u = append(*u, x.(kept)) }
func (u *untils) Pop() any {
	last := len(*u) - 1
	x := (*u)[last]
	*u = (*u)[:last]
	return x
}
