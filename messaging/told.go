package messaging

import (
	"sync"
	"time"
)

// told remembers of which system the log said lately that messages wait for it: they may be hundreds of thousands.
type told struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// retold is how often the log says it.
const retold = time.Minute

// due reports whether the log is to say it now.
func (t *told) due(on string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if at, is := t.last[on]; is && now.Sub(at) < retold {
		return false
	}
	if t.last == nil {
		t.last = map[string]time.Time{}
	}
	t.last[on] = now
	return true
}
