package redis

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"fondaco/store"
)

// Copies are the answers under idempotency keys that processes share, by the persons of whom they speak. Its methods may be called
// concurrently.
type Copies struct{ c *Client }

// Copies returns those of the server.
func (c *Client) Copies() *Copies { return &Copies{c} }

// keep keeps an answer, and in the list of each mark until when: what is over goes from the list. The lists come first, so that no
// answer is kept that nobody finds.
var keep = redis.NewScript(`for i = 2, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', ARGV[3])
  redis.call('ZADD', KEYS[i], ARGV[4], KEYS[1])
  redis.call('PEXPIRE', KEYS[i], math.max(redis.call('PTTL', KEYS[i]), tonumber(ARGV[2])))
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`)

// instead puts a value in the place of another that has not changed, for as long as that would have stayed, and takes its key from
// the list of a mark.
var instead = redis.NewScript(`if ARGV[1] ~= '' and redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('SET', KEYS[2], ARGV[2], 'PX', math.max(redis.call('PTTL', KEYS[2]), 1))
end
return redis.call('ZREM', KEYS[1], KEYS[2])`)

// marked returns what the list of a mark is called.
func (c *Client) marked(mark string) string { return c.key('m', mark) }

// marksKeys returns what the lists of marks are called.
func (c *Client) marksKeys(of store.Marks) (list []string) {
	for _, mark := range strings.Fields(string(of)) {
		list = append(list, c.marked(mark))
	}
	return list
}

// Find calls each with the copies that bear a mark. What is damaged, or whose time is over, is none.
func (s *Copies) Find(ctx context.Context, mark store.Marks, now time.Time, each func(store.Answer)) error {
	return s.each(ctx, mark, func(key string, b []byte) error {
		if t, whole := readTold(key, b); whole && now.Before(t.End) {
			each(t.Answer)
		}
		return nil
	})
}

// Erase puts another answer in the place of the copies that bear a mark, so that a repetition still has no second effect, and
// returns how many there were. After an error part of it is done, and doing it again does the rest.
func (s *Copies) Erase(ctx context.Context, mark store.Marks, answer store.Answer, now time.Time) (n int64, err error) {
	err = s.each(ctx, mark, func(key string, b []byte) error {
		var other []byte
		t, whole := readTold(key, b)
		if !whole && len(b) > 0 { // what it holds is used by nobody
			if err := s.c.ask(ctx, func(ctx context.Context) error { return s.c.rdb.Del(ctx, key).Err() }); err != nil {
				return err
			}
			b = nil
		}
		if whole {
			t.Answer = answer
			other = t.written(key)
		}
		err := s.c.ask(ctx, func(ctx context.Context) error {
			return instead.Run(ctx, s.c.rdb, []string{s.c.marked(string(mark)), key}, b, other).Err()
		})
		if err == nil && whole && now.Before(t.End) {
			n++
		}
		return err
	})
	return n, err
}

// each calls f with the keys and values that the list of a mark names; the value is empty where it is gone.
func (s *Copies) each(ctx context.Context, mark store.Marks, f func(key string, b []byte) error) error {
	if mark == "" {
		return errors.New("a mark is wanted")
	}
	var keys []string
	if err := s.c.ask(ctx, func(ctx context.Context) (err error) {
		keys, err = s.c.rdb.ZRange(ctx, s.c.marked(string(mark)), 0, -1).Result()
		return err
	}); err != nil {
		return s.c.unreached(err)
	}
	for _, key := range keys {
		if !strings.HasPrefix(key, s.c.prefix+"a:") { // nothing of ours
			continue
		}
		var b []byte
		if err := s.c.ask(ctx, func(ctx context.Context) (err error) {
			b, err = s.c.rdb.GetRange(ctx, key, 0, int64(sha256.Size+s.c.maxValue)).Bytes()
			return err
		}); err != nil && !errors.Is(err, redis.Nil) {
			return s.c.unreached(err)
		}
		if err := f(key, b); err != nil {
			return s.c.unreached(err)
		}
	}
	return nil
}

// unreached says why copies cannot be found.
func (c *Client) unreached(err error) error {
	if told := c.Health(); told != nil {
		return told
	}
	return err
}

// written returns an answer as it stands on the server under a key.
func (t told) written(key string) []byte {
	b, err := json.Marshal(t)
	if err != nil {
		return nil
	}
	return append(sumOf(key, b), b...)
}

// readTold reads an answer; false for what is damaged or another key's.
func readTold(key string, b []byte) (t told, whole bool) {
	if len(b) <= sha256.Size || !bytes.Equal(b[:sha256.Size], sumOf(key, b[sha256.Size:])) {
		return t, false
	}
	err := json.Unmarshal(b[sha256.Size:], &t)
	return t, err == nil && t.Answer.Status != 0
}
