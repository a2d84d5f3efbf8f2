package policy

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"

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

// maxKey is how long an input may be, as JSON, whose answer is kept.
const maxKey = 1 << 20

// keep answers from the cache while an answer is fresh; one call at a time asks anew, first of all what other processes
// have kept. When the system fails, an answer that is not too old stands in.
func (sh *Shared) keep(op *connectors.Operation, want *schema.Type, k Keep) connectors.Policy {
	// Answers are laid out by what a route reads of them: another type is another entry. A system that was opened anew,
	// because its definition changed, has entries of its own.
	prefix := fmt.Sprintf("%d %s.%s %x ", sh.number, sh.system, op.Name, schema.Fingerprint(want))
	far, whole := sh.shares(op, want), k.TTL+k.Stale
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			begun := append(make([]byte, 0, 256), prefix...)
			if op.ForCaller { // an answer is the caller's own: another one never gets it
				token, known := connectors.CallerTokenOf(ctx)
				if !known {
					return next(ctx, in)
				}
				sum := token.Sum()
				begun = append(hex.AppendEncode(begun, sum[:]), ' ')
			}
			named, err := codec.AppendJSONWithin(begun, in, maxKey)
			if err != nil {
				return next(ctx, in) // what is asked is too large to be kept
			}
			key := string(named)
			old, at, found := sh.cache.Get(key)
			if found && time.Since(at) < k.TTL {
				return old, nil
			}
			v, err := sh.flights.do(ctx, key, func(ctx context.Context) (schema.Value, error) {
				if v, since, found := sh.cache.Get(key); found && since.After(at) && time.Since(since) < k.TTL {
					return v, nil // another call has ended since
				}
				input := key[len(prefix):]
				if v, theirs, found := far.get(ctx, input, whole); found && theirs.After(at) {
					age := time.Since(theirs)
					if sh.cache.Set(key, v, theirs, whole-age); age < k.TTL {
						return v, nil
					}
				}
				v, err := next(ctx, in)
				if err == nil {
					sh.cache.Set(key, v, time.Now(), whole)
					far.set(ctx, input, v, whole)
				}
				return v, err
			})
			if err == nil {
				return v, nil
			}
			if connectors.AsFault(err) == nil {
				if err = sh.broke(op, err); ctx.Err() != nil {
					err = sh.ended(op, ctx.Err())
				}
			}
			if k.Stale == 0 || healthy(err) {
				return v, err
			}
			if v, _, found := sh.cache.Get(key); found { // perhaps from another process
				return v, nil
			}
			if found {
				return old, nil
			}
			return v, err
		}
	}
}

// broke returns the fault of a call that has panicked.
func (sh *Shared) broke(op *connectors.Operation, err error) *connectors.Fault {
	return &connectors.Fault{System: sh.system, Operation: op.Name, Kind: connectors.Unavailable, Sent: true, Err: err}
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
