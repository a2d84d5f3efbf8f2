package redis

import (
	"context"
	"encoding/binary"
	"hash/crc32"
	"time"
)

type cache struct{ c *Client }

// A cached value is kept with a check sum over its key and its end, so that what another wrote, what belongs to another
// key and what a replica should have forgotten is absent.
const (
	magic  = 'F'
	header = 1 + 8 + 4 // magic, end in milliseconds since 1970, sum
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sealed(key string, end, value []byte) uint32 {
	sum := crc32.Update(0, castagnoli, []byte(key))
	return crc32.Update(crc32.Update(sum, castagnoli, end), castagnoli, value)
}

func (c cache) Get(ctx context.Context, key string) (value []byte, found bool) {
	key = c.c.key('c', key)
	var b []byte
	err := c.c.ask(ctx, func(ctx context.Context) (err error) { // never more than a value of ours is
		b, err = c.c.rdb.GetRange(ctx, key, 0, int64(header+c.c.maxValue)).Bytes()
		return err
	})
	if err != nil || len(b) < header || len(b) > header+c.c.maxValue || b[0] != magic {
		return nil, false
	}
	end, value := b[1:9], b[header:]
	if binary.BigEndian.Uint32(b[9:header]) != sealed(key, end, value) || c.c.clock.Now().UnixMilli() >= int64(binary.BigEndian.Uint64(end)) {
		return nil, false
	}
	return value, true
}

func (c cache) Set(ctx context.Context, key string, value []byte, ttl time.Duration) {
	if len(value) > c.c.maxValue || ttl < time.Millisecond {
		c.Delete(ctx, key)
		return
	}
	key = c.c.key('c', key)
	b := make([]byte, 1, header+len(value))
	b[0] = magic
	b = binary.BigEndian.AppendUint64(b, uint64(c.c.clock.Now().Add(ttl).UnixMilli()))
	b = binary.BigEndian.AppendUint32(b, sealed(key, b[1:9], value))
	b = append(b, value...)
	_ = c.c.ask(ctx, func(ctx context.Context) error { return c.c.rdb.Set(ctx, key, b, ttl).Err() }) // Health reports a failure
}

func (c cache) Delete(ctx context.Context, key string) {
	key = c.c.key('c', key)
	_ = c.c.ask(ctx, func(ctx context.Context) error { return c.c.rdb.Del(ctx, key).Err() }) // Health reports a failure
}
