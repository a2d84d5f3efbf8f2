// Package memory keeps what may be lost, caches and rate limits, in this process, within bounds.
package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/maypok86/otter/v2"

	"fondaco/store"
)

// Cache is a store.Cache of this process.
type Cache struct{ entries *otter.Cache[string, entry] }

type entry struct {
	value []byte
	ttl   time.Duration
}

// entryWeight is what an entry takes besides key and value, about.
const entryWeight = 128

// NewCache gives a cache that holds about that many bytes; what was used least goes first. The caller closes it.
func NewCache(bytes int64) (*Cache, error) {
	if bytes <= 0 {
		return nil, fmt.Errorf("a cache holds some bytes; this one %d", bytes)
	}
	entries, err := otter.New(&otter.Options[string, entry]{
		MaximumWeight: uint64(bytes),
		Weigher: func(key string, e entry) uint32 {
			return uint32(min(len(key)+len(e.value)+entryWeight, 1<<31))
		},
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, entry]) time.Duration { return e.Value.ttl }),
	})
	return &Cache{entries}, err
}

// Get gives the value kept under the key.
func (c *Cache) Get(_ context.Context, key string) ([]byte, bool) {
	e, found := c.entries.GetIfPresent(key)
	return e.value, found
}

// Set keeps the value.
func (c *Cache) Set(_ context.Context, key string, value []byte, ttl time.Duration) {
	if ttl <= 0 {
		c.entries.Invalidate(key)
		return
	}
	c.entries.Set(key, entry{value, ttl})
}

// Delete forgets the key.
func (c *Cache) Delete(_ context.Context, key string) { c.entries.Invalidate(key) }

// Close ends the work behind the cache, which holds nothing afterwards. It may be called again.
func (c *Cache) Close() error {
	c.entries.InvalidateAll()
	c.entries.StopAllGoroutines()
	return nil
}

var _ store.Cache = (*Cache)(nil)
