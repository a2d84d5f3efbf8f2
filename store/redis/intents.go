package redis

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"fondaco/store"
)

// intents notes calls in the durable store and on the server, so that a process that takes over the work of another which
// was killed knows what that had begun. What the durable store knows counts, whatever the server has forgotten.
type intents struct {
	c       *Client
	durable store.Intents

	mu    sync.Mutex
	noted map[string]bool // exchanges of which this process has noted or found calls
}

// Intents returns a memory of calls that processes share. durable remembers what this process has begun. While the server
// cannot be asked no call is begun: the error is store.ErrIO.
func (c *Client) Intents(durable store.Intents) store.Intents {
	return &intents{c: c, durable: durable, noted: map[string]bool{}}
}

const (
	intentKept  = 97 * 24 * time.Hour // as long as the durable store keeps one: a letter's time, and an id's
	intentEnded = time.Hour           // how long the work may come again elsewhere once it has ended here
)

// freed is the field of an exchange of which an operator has said that its calls had no effect: what any process has noted of
// them before counts no more. It stands among the notes, so that it is not there without those of after.
const freed = "freed"

// note keeps an intent unless it is kept, and counts the time of its exchange anew.
var note = redis.NewScript(`redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`)

func (n *intents) key(exchange string) string { return n.c.key('n', exchange) }

func stepField(step string) string {
	h := sha256.Sum256([]byte(step))
	return base64.RawURLEncoding.EncodeToString(h[:16])
}

func (n *intents) touch(exchange string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.noted[exchange] = true
}

// unasked says why a call is not begun.
func unasked(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: whether another process has begun a call cannot be asked: %w", store.ErrIO, err)
}

func (n *intents) Begin(ctx context.Context, i store.Intent) error {
	if err := n.durable.Begin(ctx, i); err != nil {
		return err
	}
	n.touch(i.Exchange)
	value := strconv.FormatInt(i.At.UnixMicro(), 10) + " " + i.Operation
	err := n.c.ask(ctx, func(ctx context.Context) error {
		return note.Run(ctx, n.c.rdb, []string{n.key(i.Exchange)}, stepField(i.Step), value, intentKept.Milliseconds()).Err()
	})
	if err != nil {
		return unasked(ctx, err)
	}
	return nil
}

// Find believes what is noted here, unless an operator has said since, on any of the processes, that it had no effect.
func (n *intents) Find(ctx context.Context, exchange, step string) (store.Intent, error) {
	i, err := n.durable.Find(ctx, exchange, step)
	here := err == nil
	if !here && !errors.Is(err, store.ErrAbsent) {
		return i, err
	}
	var told []any
	err = n.c.ask(ctx, func(ctx context.Context) (err error) {
		told, err = n.c.rdb.HMGet(ctx, n.key(exchange), stepField(step), freed).Result()
		return err
	})
	if here && (err != nil || len(told) != 2 || told[0] != nil || told[1] == nil) {
		return i, nil //nolint:nilerr // a server that cannot be asked has nothing to say against what is known here
	}
	if err != nil {
		return store.Intent{}, unasked(ctx, err)
	}
	if here {
		if err := n.durable.Release(ctx, exchange, step); err != nil {
			return i, err
		}
	}
	value, found := told[0].(string)
	if !found {
		return store.Intent{}, store.ErrAbsent
	}
	n.touch(exchange)
	at, operation, _ := strings.Cut(value, " ")
	us, _ := strconv.ParseInt(at, 10, 64) // of a damaged one the beginning of time: it is there all the same
	return store.Intent{Exchange: exchange, Step: step, Operation: operation, At: time.UnixMicro(us).UTC()}, nil
}

func (n *intents) Any(ctx context.Context, exchange string) (bool, error) {
	here, err := n.durable.Any(ctx, exchange)
	if err != nil {
		return false, err
	}
	var fields []string
	if err := n.c.ask(ctx, func(ctx context.Context) (err error) {
		fields, err = n.c.rdb.HKeys(ctx, n.key(exchange)).Result()
		return err
	}); err != nil {
		if here {
			return true, nil
		}
		return false, unasked(ctx, err)
	}
	if slices.Contains(fields, freed) {
		return len(fields) > 1, nil
	}
	return here || len(fields) > 0, nil
}

func (n *intents) Release(ctx context.Context, exchange, step string) error {
	if err := n.durable.Release(ctx, exchange, step); err != nil {
		return err
	}
	if err := n.c.ask(ctx, func(ctx context.Context) error { return n.c.rdb.HDel(ctx, n.key(exchange), stepField(step)).Err() }); err != nil {
		return unasked(ctx, err)
	}
	return nil
}

// End leaves the notes on the server for a while: another process, whose inbox does not know the work, may be given it again.
func (n *intents) End(ctx context.Context, exchanges ...string) error {
	err := n.durable.End(ctx, exchanges...)
	var mine []string
	n.mu.Lock()
	for _, x := range exchanges {
		if n.noted[x] {
			mine = append(mine, x)
			delete(n.noted, x)
		}
	}
	n.mu.Unlock()
	if len(mine) > 0 {
		_ = n.c.ask(ctx, func(ctx context.Context) error { // if it fails they stay for as long as they may
			_, err := n.c.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
				for _, x := range mine {
					p.PExpire(ctx, n.key(x), intentEnded)
				}
				return nil
			})
			return err
		})
	}
	return err
}

func (n *intents) Forget(ctx context.Context, exchanges ...string) error {
	if err := n.durable.Forget(ctx, exchanges...); err != nil || len(exchanges) == 0 {
		return err
	}
	err := n.c.ask(ctx, func(ctx context.Context) error {
		_, err := n.c.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
			for _, x := range exchanges {
				key := n.key(x)
				p.Del(ctx, key)
				p.HSet(ctx, key, freed, "1")
				p.PExpire(ctx, key, intentKept)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return unasked(ctx, err)
	}
	return nil
}
