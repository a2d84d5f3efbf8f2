package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"fondaco/routes"
	"fondaco/server"
	"fondaco/store"
	"fondaco/store/memory"
	"fondaco/store/redis"
)

// Hints are what processes share by a Redis server and may lose at any moment: kept answers, counts of callers, marks on
// idempotency keys. Nil where storage.cache is memory: each process has its own. Its methods may be called on nil.
type Hints struct {
	client *redis.Client
	asked  *redis.Client // for what may come once: where no answer is a refusal, a slow one is waited for
	local  store.Limiter // while the server cannot count
	log    *slog.Logger
	unwell atomic.Pointer[error]
}

// patience is how long it is waited for whether a message came before.
const patience = 2 * time.Second

// localCallers is how many callers, each on one route, are remembered while the server cannot count them.
const localCallers = 100_000

// OpenHints makes what storage.cache says. A server that does not answer is told in the log, and is no error. Whoever asked
// for it closes it.
func OpenHints(ctx context.Context, of Project, log *slog.Logger) (*Hints, error) {
	p := of.Typed.Model.Project
	address, err := p.Storage.CacheAddress(of.Source.Lookup)
	if err != nil {
		return nil, fmt.Errorf("storage.cache: %w", err)
	}
	if address == "" {
		return nil, nil
	}
	h := &Hints{log: log}
	if h.local, err = memory.NewLimiter(localCallers); err != nil {
		return nil, err
	}
	if h.client, err = redis.Open(redis.Options{URL: address, Project: p.Name.Value, Clock: of.Clock}); err != nil {
		return nil, fmt.Errorf("storage.cache: %w", err)
	}
	if h.asked, err = redis.Open(redis.Options{URL: address, Project: p.Name.Value, Timeout: patience}); err != nil {
		return nil, fmt.Errorf("storage.cache: %w", err)
	}
	h.setHealth(h.client.Probe(ctx))
	return h, nil
}

// setHealth notes how the server is, and logs a change.
func (h *Hints) setHealth(unwell error) {
	switch was := h.unwell.Load(); {
	case unwell != nil:
		if h.unwell.Store(&unwell); was == nil {
			h.log.Warn("the cache cannot be used: this process keeps answers and counts callers by itself until it can", "error", unwell)
		}
	case was != nil:
		h.unwell.Store(nil)
		h.log.Info("the cache is used")
	}
}

// lookAgain is how often the server is looked at.
const lookAgain = time.Second

// Watch looks at the server until ctx ends. One question without an answer may be chance; two in a row are not.
func (h *Hints) Watch(ctx context.Context) {
	if h == nil {
		return
	}
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for failed := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := h.client.Probe(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil || failed {
			h.setHealth(err)
		}
		failed = err != nil
	}
}

// health returns why the server cannot be used, nil if it can.
func (h *Hints) health() error {
	if err := h.unwell.Load(); err != nil {
		return *err
	}
	return nil
}

// Limiter counts callers; nil for the server's own.
func (h *Hints) Limiter() store.Limiter {
	if h == nil {
		return nil
	}
	return h.client.Limiter(h.local)
}

// Deps hands a program the answers that other processes have kept, and what they have taken that may come once.
func (h *Hints) Deps(d routes.Deps) routes.Deps {
	if h != nil {
		d.SharedCache, d.Replays = h.client.Cache(), h.asked.Replays(d.Replays)
	}
	return d
}

// Intents shares with other processes what each has begun, where they take over each other's work: topics on Kafka, beside a
// state of each process's own. Without a cache it is kept there.
func (h *Hints) Intents(s *Storage) {
	if s == nil || s.kafka == nil || s.shared {
		return
	}
	own := s.state.Intents()
	if h != nil {
		s.share(h.asked.Intents(own))
	} else {
		s.share(s.kafka.Intents(own))
	}
}

// Copies has the answers that processes share reached by what erases those of a person.
func (h *Hints) Copies(s *Storage) {
	if h != nil && s != nil {
		s.copies = h.asked.Copies()
	}
}

// CopiesOf is Copies of a project that keeps answers alone.
func (h *Hints) CopiesOf(k *Keys) {
	if h != nil {
		k.copies = h.asked.Copies()
	}
}

// Topics spares the durable store the questions about keys that another process is known to work on.
func (h *Hints) Topics(t server.Topics) server.Topics {
	if h != nil && t.Idempotency != nil {
		t.Idempotency = h.client.Idempotency(t.Idempotency)
	}
	return t
}

// Parts returns what health reports on.
func (h *Hints) Parts() []server.Part {
	if h == nil {
		return nil
	}
	return []server.Part{{Name: "cache", Health: h.health, Hint: true}}
}

// Close ends the connections.
func (h *Hints) Close() error {
	if h == nil {
		return nil
	}
	return errors.Join(h.asked.Close(), h.client.Close())
}

// CheckCache reports why a Redis server cannot be used at an address. It connects to nothing.
func CheckCache(address string) error { return redis.CheckAddress(address) }
