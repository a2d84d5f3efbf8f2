package routestest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fondaco/store"
)

// numbers are the sequences of one test: each begins at its start, so that a test has the same numbers every time.
type numbers struct {
	mu    sync.Mutex
	last  map[string]int64
	drawn map[string]int64 // by sequence and purpose
}

// Draw returns a number as a store would, and keeps it in memory until the test ends.
func (n *numbers) Draw(ctx context.Context, d store.Draw, _ time.Time) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.last == nil {
		n.last, n.drawn = map[string]int64{}, map[string]int64{}
	}
	purpose := fmt.Sprintf("%q %q", d.Name, d.For)
	if v, again := n.drawn[purpose]; again && d.For != "" {
		return v, nil
	}
	v, begun := n.last[d.Name]
	if v++; !begun || v < d.Start {
		v = d.Start
	}
	n.last[d.Name], n.drawn[purpose] = v, v
	return v, nil
}
