package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"fondaco/store"
)

// replays asks the server first, which knows what other processes have taken, and then the durable store, which knows
// what this one has, whatever the server has forgotten.
type replays struct {
	c       *Client
	durable store.Replays
}

// Replays returns a memory of what may come once that processes share. durable remembers what this process has taken.
// While the server cannot be asked nothing is taken: Take returns an error that is store.ErrIO.
func (c *Client) Replays(durable store.Replays) store.Replays { return replays{c, durable} }

// takeOnce sets a key to the end of its time unless it is there and its time is not over. Processes whose clocks differ
// a little agree by the server's ttl at the latest.
var takeOnce = redis.NewScript(`local known = redis.call('GET', KEYS[1])
if known and (tonumber(known) or math.huge) > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`)

func (r replays) Take(ctx context.Context, scope, key string, until, now time.Time) (first bool, err error) {
	ttl := max(until.Sub(now), time.Millisecond)
	taken := 0
	err = r.c.ask(ctx, func(ctx context.Context) (err error) {
		taken, err = takeOnce.Run(ctx, r.c.rdb, []string{r.c.key('r', scope, key)}, now.UnixMicro(), until.UnixMicro(), ttl.Milliseconds()).Int()
		return err
	})
	switch {
	case err == nil && taken == 0:
		return false, nil
	case err != nil && ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		return false, fmt.Errorf("%w: whether another process has taken it cannot be asked: %w", store.ErrIO, err)
	}
	return r.durable.Take(ctx, scope, key, until, now)
}
