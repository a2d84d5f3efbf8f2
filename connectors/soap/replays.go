package soap

import (
	"sync"
	"time"
)

// maxNonces bounds what is remembered of callers: beyond it, callers are refused until some is old enough.
const maxNonces = 100_000

// replays remembers the nonces of digests for as long as their messages are good, so that nobody sends one twice
// (UsernameToken Profile 1.0, 3.1). Safe for concurrent use.
type replays struct {
	mu   sync.Mutex
	seen map[string]time.Time // until when
	next time.Time            // when the old ones are thrown away
}

func newReplays() *replays { return &replays{seen: map[string]time.Time{}} }

// take remembers a nonce, and tells whether it is new.
func (r *replays) take(nonce string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.After(r.next) || len(r.seen) >= maxNonces {
		for n, until := range r.seen {
			if now.After(until) {
				delete(r.seen, n)
			}
		}
		r.next = now.Add(goodFor)
	}
	if until, known := r.seen[nonce]; known && now.Before(until) || len(r.seen) >= maxNonces {
		return false
	}
	r.seen[nonce] = now.Add(goodFor + skew)
	return true
}
