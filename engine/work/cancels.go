package work

import (
	"sync"
	"sync/atomic"

	"fondaco/store"
)

// cancels decides between the cancellation of an accepted request and the begin of work on it: whichever comes first
// wins, and the other is told. Safe for concurrent use.
type cancels struct {
	mu         sync.Mutex
	working    map[string]int           // how many workers have the request in hand
	cancelling map[string]chan struct{} // closed when the cancellation has taken effect or failed
	any        atomic.Bool              // a request was cancelled since this process started
}

// cancel runs do, which makes the cancellation of a request durable, while no work on it can begin. It returns
// store.ErrBegun if work has begun or another cancellation is under way, and do's error.
func (c *cancels) cancel(id string, do func() error) error {
	c.mu.Lock()
	if c.working[id] > 0 || c.cancelling[id] != nil {
		c.mu.Unlock()
		return store.ErrBegun
	}
	if c.cancelling == nil {
		c.cancelling = map[string]chan struct{}{}
	}
	c.any.Store(true)
	over := make(chan struct{})
	c.cancelling[id] = over
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.cancelling, id)
		c.mu.Unlock()
		close(over)
	}()
	return do()
}

// begin notes that work on a request begins, once a cancellation under way is over; end notes that the work is over. If
// any is true afterwards, the request may have been cancelled since the inbox was asked: its state shows it.
func (c *cancels) begin(id string) (end func()) {
	c.mu.Lock()
	for c.cancelling[id] != nil {
		over := c.cancelling[id]
		c.mu.Unlock()
		<-over
		c.mu.Lock()
	}
	if c.working == nil {
		c.working = map[string]int{}
	}
	c.working[id]++
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.working[id]--; c.working[id] == 0 {
			delete(c.working, id)
		}
	}
}
