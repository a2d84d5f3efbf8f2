package redis

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"fondaco/store"
)

type limiter struct {
	c     *Client
	local store.Limiter
}

// gcra takes one request, by the server's clock: the key holds the time up to which requests fill the rate. One that is
// farther away than the whole span is not ours, or the clock was put back: it is not believed. It returns whether the request
// may pass, and how far requests fill the rate now, in microseconds.
var gcra = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local each, span = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or now)
if not full or not (full >= now and full <= now + span) then full = now end
if full + each > now + span then return {0, full - now} end
full = full + each
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
return {1, full - now}
`)

// Allow takes one request against the rate of all nodes. While the server cannot tell, each node counts for itself: more
// may go than the rate says, never fewer.
func (l limiter) Allow(ctx context.Context, key string, r store.Rate) store.Verdict {
	each, span := r.Spacing()
	var told []int64
	err := l.c.ask(ctx, func(ctx context.Context) (err error) {
		name := l.c.key('l', key, each.String(), span.String())
		told, err = gcra.Run(ctx, l.c.rdb, []string{name}, each.Microseconds(), span.Microseconds()).Int64Slice()
		return err
	})
	if err != nil || len(told) != 2 {
		return l.local.Allow(ctx, key, r)
	}
	return r.Verdict(told[0] == 1, time.Duration(told[1])*time.Microsecond)
}
