package redis

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"fondaco/store"
)

// brief is how long a mark on the server is believed. It is short, so that one that should be gone, or that an untrue
// server shows again, delays an answer by no more.
const brief = 2 * time.Second

// idempotency asks the durable store, and marks on the server which keys it has reserved: a client that clicks twice
// gets its 409 from the mark. What was answered under a key stands on the server too, for nodes whose own store does not
// know the key; what a node's own store knows counts, whatever the server says.
type idempotency struct {
	c       *Client
	durable store.Idempotency

	mu   sync.Mutex
	held map[int64]mark // by token
}

// mark is what the server holds about a key that was reserved.
type mark struct {
	key, value string
	end        time.Time
	claim      store.Claim
}

func (i *idempotency) Reserve(ctx context.Context, c store.Claim, now time.Time) (store.Reservation, error) {
	key := i.c.key('i', c.Scope, c.Key)
	if since, running := i.marked(ctx, key, c, now); running {
		return store.Reservation{State: store.Running, Since: since}, nil
	}
	r, err := i.durable.Reserve(ctx, c, now)
	if err != nil || r.State != store.Reserved {
		return r, err
	}
	if told, found := i.told(ctx, c, now); found {
		return i.adopt(ctx, c, r, told, now)
	}
	m := mark{key, written(r.Since, c.Body), time.Now().Add(brief), c}
	if i.c.ask(ctx, func(ctx context.Context) error {
		return i.c.rdb.Set(ctx, key, m.value, min(brief, max(c.Lease, time.Millisecond))).Err()
	}) == nil {
		i.keep(r.Token, m)
	}
	return r, nil
}

// written is the value of a mark: since when the key is reserved, for which body, and a word of its own.
func written(since time.Time, body [32]byte) string {
	return strings.Join([]string{strconv.FormatInt(since.UnixMicro(), 10), hex.EncodeToString(body[:]), rand.Text()}, " ")
}

// marked reports whether another is working on the key, for the same body, as far as the server knows.
func (i *idempotency) marked(ctx context.Context, key string, c store.Claim, now time.Time) (since time.Time, running bool) {
	var value string
	if err := i.c.ask(ctx, func(ctx context.Context) (err error) {
		value, err = i.c.rdb.GetRange(ctx, key, 0, 255).Result()
		return err
	}); err != nil || value == "" {
		return since, false
	}
	words := strings.Fields(value)
	if len(words) != 3 || words[1] != hex.EncodeToString(c.Body[:]) {
		return since, false
	}
	begun, err := strconv.ParseInt(words[0], 10, 64)
	since = time.UnixMicro(begun).UTC()
	age := now.Sub(since)
	return since, err == nil && age < min(brief, c.Lease) && age > -brief // another node's clock may be a little ahead
}

func (i *idempotency) Record(ctx context.Context, token int64, a store.Answer, now time.Time) error {
	err := i.durable.Record(ctx, token, a, now)
	if m, found := i.forget(ctx, token); found && err == nil {
		i.tell(ctx, m.claim, a, now)
	}
	return err
}

func (i *idempotency) Release(ctx context.Context, token int64) error {
	err := i.durable.Release(ctx, token)
	_, _ = i.forget(ctx, token)
	return err
}

// keep remembers the mark of a token for as long as it is believed.
func (i *idempotency) keep(token int64, m mark) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.held) >= 1024 && len(i.held)&(len(i.held)-1) == 0 { // at each doubling, those of work that never ended
		now := time.Now()
		for t, old := range i.held {
			if now.After(old.end) {
				delete(i.held, t)
			}
		}
	}
	i.held[token] = m
}

// unmark removes a mark if it is still the same.
var unmark = redis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`)

func (i *idempotency) forget(ctx context.Context, token int64) (m mark, found bool) {
	i.mu.Lock()
	m, found = i.held[token]
	delete(i.held, token)
	i.mu.Unlock()
	if found && time.Now().Before(m.end) {
		_ = i.c.ask(context.WithoutCancel(ctx), func(ctx context.Context) error { // if it fails: a mark ends by itself
			return unmark.Run(ctx, i.c.rdb, []string{m.key}, m.value).Err()
		})
	}
	return m, found
}
