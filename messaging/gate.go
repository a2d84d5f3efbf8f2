package messaging

import (
	"context"
	"sync"
	"time"
)

// gate holds workers while a consumer is paused.
type gate struct {
	mu     sync.Mutex
	shut   bool
	until  time.Time     // zero: until open is called
	change chan struct{} // closed at each change
}

func newGate() *gate { return &gate{change: make(chan struct{})} }

func (g *gate) set(shut bool, until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut, g.until = shut, until
	close(g.change)
	g.change = make(chan struct{})
}

// state returns whether the gate is shut, how long at most (0: until a change), and a channel that is closed at a change.
func (g *gate) state() (shut bool, wait time.Duration, change <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut && !g.until.IsZero() {
		if wait = time.Until(g.until); wait <= 0 {
			g.shut = false
		}
	}
	return g.shut, wait, g.change
}

// pass waits until the gate is open or ctx ends; it returns ctx's error then.
func (g *gate) pass(ctx context.Context) error {
	for {
		shut, wait, change := g.state()
		if !shut {
			return ctx.Err()
		}
		var rings <-chan time.Time
		if wait > 0 {
			timer := time.NewTimer(wait)
			defer timer.Stop()
			rings = timer.C
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-change:
		case <-rings:
		}
	}
}
