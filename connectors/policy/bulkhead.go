package policy

import (
	"context"
	"errors"
	"strconv"

	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

var concurrencyPart = part{
	name: "concurrency",
	fields: func(s *Set, o *spec.Object) {
		o.Int("concurrency", &s.Concurrency).Range(1, 10_000).
			Doc("How many calls may be under way at once: a slow system never takes the others' capacity.")
	},
	said: func(s *Set) bool { return s.Concurrency > 0 },
	setting: func(s *Set) string {
		if s.Concurrency == 0 {
			return ""
		}
		return strconv.Itoa(s.Concurrency)
	},
	wrap: func(_ *Set, c called, sh *Shared) connectors.Policy {
		if sh.slots == nil {
			return nil
		}
		return sh.bulkhead(c.op)
	},
}

// queue is how many calls may wait for a slot. Those beyond fail at once: a system that hangs must not hold everybody's
// requests until their deadlines.
const queue = 100

// bulkhead lets a number of calls be under way at once; a few others wait until their deadline.
func (sh *Shared) bulkhead(op *connectors.Operation) connectors.Policy {
	return func(next connectors.Call) connectors.Call {
		return func(ctx context.Context, in schema.Value) (schema.Value, error) {
			if err := sh.enter(ctx); err != nil {
				return schema.Value{}, &connectors.Fault{
					System: sh.system, Operation: op.Name, Kind: connectors.Unavailable,
					Err: errors.Join(errFull, err),
				}
			}
			defer func() { <-sh.slots }()
			return next(ctx, in)
		}
	}
}

// enter takes a slot, or returns why there is none.
func (sh *Shared) enter(ctx context.Context) error {
	select {
	case sh.slots <- struct{}{}:
		return nil
	default:
	}
	if sh.waiting.Add(1) > queue {
		sh.waiting.Add(-1)
		return errQueue
	}
	defer sh.waiting.Add(-1)
	select {
	case sh.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var (
	errFull  = errors.New("too many calls are under way")
	errQueue = errors.New("and too many wait")
)
