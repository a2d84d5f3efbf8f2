package policy

import (
	"context"
	"errors"
	"sync"

	"fondaco/schema"
)

// flights lets one call of a key be under way; others wait for its answer. The call ends when nobody waits any more.
type flights struct {
	mu  sync.Mutex
	all map[string]*flight
}

type flight struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int // under the flights' mutex
	value   schema.Value
	err     error
}

// do returns the answer of the call of key that is under way, or starts one: it has the values of ctx, and not its
// deadline, for others may have more time.
func (g *flights) do(ctx context.Context, key string, call func(context.Context) (schema.Value, error)) (schema.Value, error) {
	g.mu.Lock()
	f := g.all[key]
	if f == nil {
		f = g.start(ctx, key, call)
	}
	f.waiting++
	g.mu.Unlock()
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
		if g.all[key] == f {
			delete(g.all, key)
		}
	}
	return schema.Value{}, ctx.Err()
}

// start makes a call in the background; g is locked.
func (g *flights) start(ctx context.Context, key string, call func(context.Context) (schema.Value, error)) *flight {
	if g.all == nil {
		g.all = map[string]*flight{}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{done: make(chan struct{}), cancel: cancel, err: errPanic}
	g.all[key] = f
	go func() {
		defer func() {
			if p := recover(); p != nil {
				f.value, f.err = schema.Value{}, errPanic
			}
			cancel()
			g.mu.Lock()
			if g.all[key] == f {
				delete(g.all, key)
			}
			g.mu.Unlock()
			close(f.done)
		}()
		f.value, f.err = call(ctx)
	}()
	return f
}

var errPanic = errors.New("the call broke down")
