package redis

import (
	"context"
	"crypto/sha256"
	"time"

	"fondaco/store"
)

// told is what was answered under a key, as it stands on the server behind the sum of all of it and of the key: what was
// damaged, or is another key's, is none. A key's first answer stays, so an old copy of it is as good as a new one.
type told struct {
	Body   [32]byte  // of the request
	End    time.Time // until when it counts
	Answer store.Answer
}

func sumOf(key string, rest []byte) []byte {
	h := sha256.New()
	h.Write([]byte(key))
	h.Write(rest)
	return h.Sum(nil)
}

// tell lets the other nodes know an answer that is durable here. What does not reach them costs the key its hold there.
func (i *idempotency) tell(ctx context.Context, c store.Claim, a store.Answer, now time.Time) {
	key := i.c.key('a', c.Scope, c.Key)
	b := told{c.Body, now.Add(c.Keep), a}.written(key)
	if len(b) == 0 || len(b) > sha256.Size+i.c.maxValue || c.Keep < time.Millisecond {
		return
	}
	_ = i.c.ask(context.WithoutCancel(ctx), func(ctx context.Context) error { // Health reports a failure
		if lists := i.c.marksKeys(c.Marks); len(lists) > 0 {
			keys, until := append([]string{key}, lists...), now.Add(c.Keep).UnixMilli()
			return keep.Run(ctx, i.c.rdb, keys, b, c.Keep.Milliseconds(), now.UnixMilli(), until).Err()
		}
		return i.c.rdb.Set(ctx, key, b, c.Keep).Err()
	})
}

// told returns what another node has answered under the claim's key, as far as the server knows.
func (i *idempotency) told(ctx context.Context, c store.Claim, now time.Time) (t told, found bool) {
	key := i.c.key('a', c.Scope, c.Key)
	var b []byte
	err := i.c.ask(ctx, func(ctx context.Context) (err error) {
		b, err = i.c.rdb.GetRange(ctx, key, 0, int64(sha256.Size+i.c.maxValue)).Bytes()
		return err
	})
	if err != nil {
		return t, false
	}
	t, whole := readTold(key, b)
	return t, whole && now.Before(t.End)
}

// adopt ends a reservation that this node need not have made: another has answered under the key.
func (i *idempotency) adopt(ctx context.Context, c store.Claim, r store.Reservation, t told, now time.Time) (store.Reservation, error) {
	if t.Body != c.Body {
		return store.Reservation{State: store.Mismatch, Since: r.Since}, i.durable.Release(ctx, r.Token)
	}
	if err := i.durable.Record(ctx, r.Token, t.Answer, now); err != nil {
		return store.Reservation{}, err
	}
	return store.Reservation{State: store.Answered, Since: r.Since, Answer: t.Answer}, nil
}
