package policy

import (
	"time"

	"fondaco/schema"

	"github.com/maypok86/otter/v2"
)

// Cache keeps answers for a while. Safe for concurrent use.
type Cache interface {
	// Get returns the answer under a key, and when it was kept.
	Get(key string) (v schema.Value, at time.Time, found bool)
	// Set keeps an answer of a moment, which nobody changes afterwards, for a while.
	Set(key string, v schema.Value, at time.Time, keep time.Duration)
}

// memory is a Cache of this process.
type memory struct {
	entries *otter.Cache[string, entry]
	most    int // bytes of one entry
}

type entry struct {
	value schema.Value
	at    time.Time
	keep  time.Duration
	size  uint32
}

// NewMemory returns a cache of this process that holds about that many bytes. It is an io.Closer, and is to be closed.
func NewMemory(bytes int64) Cache {
	return &memory{most: int(bytes / 2), entries: otter.Must(&otter.Options[string, entry]{
		MaximumWeight:    uint64(bytes),
		Weigher:          func(key string, e entry) uint32 { return uint32(len(key)) + e.size },
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, entry]) time.Duration { return e.Value.keep }),
	})}
}

func (m *memory) Get(key string) (schema.Value, time.Time, bool) {
	e, ok := m.entries.GetIfPresent(key)
	return e.value, e.at, ok
}

func (m *memory) Set(key string, v schema.Value, at time.Time, keep time.Duration) {
	v, size, ok := schema.CloneWithin(v, m.most)
	if !ok {
		m.entries.Invalidate(key)
		return
	}
	m.entries.Set(key, entry{v, at, keep, uint32(min(size, 1<<30))})
}

// Close ends the memory's own goroutines. Nobody uses it afterwards.
func (m *memory) Close() error {
	m.entries.StopAllGoroutines()
	return nil
}
