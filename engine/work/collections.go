package work

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"fondaco/config"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/server/metrics"
	"fondaco/store"
)

const (
	collectEvery = time.Second     // between two looks for batches whose time has come
	collectRest  = 5 * time.Second // the longest rest where news tell of those that come sooner
	collectMost  = 1000            // that are looked at each time
)

// collections makes batches of what was gathered when their time has come. Those of a route that is gone stay where they
// are until it is back.
type collections struct {
	store store.Collections
	wake  store.Wake
	rest  time.Duration // see collectRest
	clock config.Clock
	log   *slog.Logger
	list  atomic.Pointer[[]*routes.Collector] // of the program in service
	kick  chan struct{}                       // list is another
	turns atomic.Int64                        // that went well
	task  *task                               // nil without a store
}

// newCollections begins to look; stop it by end. Without a store nothing is done.
func newCollections(s store.Collections, wake store.Wake, clock config.Clock, log *slog.Logger, dog *messaging.Watchdog) *collections {
	return restingCollections(s, wake, collectRest, clock, log, dog)
}

func restingCollections(s store.Collections, wake store.Wake, rest time.Duration, clock config.Clock, log *slog.Logger,
	dog *messaging.Watchdog,
) *collections {
	c := &collections{store: s, wake: wake, rest: rest, clock: clock, log: log, kick: make(chan struct{}, 1)}
	if s == nil {
		return c
	}
	c.task = begin(dog, messaging.Guarded{Kind: "collector", Name: "all", Progress: c.turns.Load, Work: func(context.Context) (bool, error) {
		list := c.list.Load()
		return list != nil && len(*list) > 0, nil
	}}, c.run)
	return c
}

// take learns what the program in service gathers. What was counted of those before goes on.
func (c *collections) take(list []*routes.Collector) {
	if old := c.list.Swap(&list); old != nil {
		for _, x := range list {
			for _, before := range *old {
				if x != before && x.Route == before.Route {
					x.Follow(before)
				}
			}
		}
	}
	select {
	case c.kick <- struct{}{}:
	default:
	}
}

// doubled reports how many batches of each route had two owners.
func (c *collections) doubled(tell metrics.Tell) {
	if list := c.list.Load(); list != nil {
		for _, x := range *list {
			tell(duplicateOwner, float64(x.Doubled()), "collection", x.Route)
		}
	}
}

// fenced reports how many batches of each route were refused.
func (c *collections) fenced(tell metrics.Tell) {
	if list := c.list.Load(); list != nil {
		for _, x := range *list {
			tell(fencedTotal, float64(x.Fenced()), "collection", x.Route)
		}
	}
}

func (c *collections) end() {
	if c.task != nil {
		c.task.end()
	}
}

func (c *collections) run(ctx context.Context) {
	woken, stop := c.wake.On(store.CollectionDue)
	defer stop()
	timer := time.NewTimer(collectEvery)
	defer timer.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-woken:
		case <-c.kick:
		}
		err := c.turn(ctx)
		timer.Reset(c.until(ctx, woken != nil && err == nil))
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failed {
			c.log.Error("what was gathered cannot be worked on; it is kept, and tried again", "error", err)
		}
		if failed = err != nil; !failed {
			c.turns.Add(1)
		}
	}
}

// until returns how long to rest: where news tell of what comes sooner, until the next is due.
func (c *collections) until(ctx context.Context, told bool) time.Duration {
	list := c.list.Load()
	if !told || list == nil || len(*list) == 0 {
		return collectEvery
	}
	now := c.clock.Now()
	next, some, err := c.store.Next(ctx, now)
	switch rest := next.Sub(now); {
	case err != nil || some && rest <= 0: // of a route that is gone, or one that could not be closed
		return collectEvery
	case some && rest < c.rest:
		return rest
	}
	return c.rest
}

// turn closes what is due.
func (c *collections) turn(ctx context.Context) error {
	list := c.list.Load()
	if list == nil || len(*list) == 0 {
		return nil
	}
	due, err := c.store.Due(ctx, c.clock.Now(), collectMost)
	if err != nil {
		return err
	}
	for _, at := range due {
		i := slices.IndexFunc(*list, func(x *routes.Collector) bool { return x.Gathers(at) })
		if i < 0 {
			continue
		}
		if err := (*list)[i].Close(ctx, at); err != nil {
			return err
		}
	}
	return nil
}
