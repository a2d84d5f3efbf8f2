package storage

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/config"
	"fondaco/console"
	"fondaco/store"
)

// sweepKeys is how often what is kept under keys no longer is removed.
const sweepKeys = 5 * time.Minute

// Keys is the store of answers under an Idempotency-Key for a project that keeps nothing else: the state is opened by the
// first request that brings a key, and only such requests fail while it cannot be opened. Safe for concurrent use.
type Keys struct {
	open   func(context.Context) (store.Store, error)
	there  func() bool // there may be a state already, also while it is not open
	clock  config.Clock
	shared bool                   // the state is that of all processes
	copies console.AnswerCopies   // of answers, which processes share; nil where they share none
	known  atomic.Pointer[[]byte] // the key of the pseudonyms, once it is

	mu    sync.Mutex
	state store.Store // nil until it is opened
	swept time.Time
	ended bool
}

// NewKeys returns the keys of a project, which opens nothing yet. Whoever asked for it closes it.
func NewKeys(of Project) *Keys {
	at, err := placeOf(of)
	return &Keys{
		clock:  of.Clock,
		shared: err == nil && at.kind.shared,
		there: func() bool {
			if err != nil || at.kind.shared {
				return err == nil
			}
			_, missing := os.Stat(at.file)
			return missing == nil
		},
		open: func(ctx context.Context) (store.Store, error) {
			at, err := placeOf(of)
			if err != nil {
				return nil, err
			}
			return openState(ctx, of, at, "", true)
		},
	}
}

// Intents returns the intents of calls of requests that bring a key.
func (k *Keys) Intents() store.Intents { return onlyIntents{k} }

func (k *Keys) ready(ctx context.Context, now time.Time) (store.Store, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		return nil, store.ErrClosed
	}
	if k.state == nil {
		s, err := k.open(ctx)
		if err != nil {
			return nil, fmt.Errorf("the state for answers under an Idempotency-Key: %w", err)
		}
		k.state, k.swept = s, now
	}
	if now.Sub(k.swept) >= sweepKeys {
		if _, err := k.state.Sweep(ctx, now); err != nil {
			return nil, err
		}
		k.swept = now
	}
	return k.state, nil
}

// Reserve takes a key; it opens the state.
func (k *Keys) Reserve(ctx context.Context, c store.Claim, now time.Time) (store.Reservation, error) {
	s, err := k.ready(ctx, now)
	if err != nil {
		return store.Reservation{}, err
	}
	return s.Idempotency().Reserve(ctx, c, now)
}

// Record keeps the answer of a reserved key.
func (k *Keys) Record(ctx context.Context, token int64, a store.Answer, now time.Time) error {
	s, err := k.ready(ctx, now)
	if err != nil {
		return err
	}
	return s.Idempotency().Record(ctx, token, a, now)
}

// Release frees a reserved key.
func (k *Keys) Release(ctx context.Context, token int64) error {
	s, err := k.ready(ctx, k.clock.Now())
	if err != nil {
		return err
	}
	return s.Idempotency().Release(ctx, token)
}

// Close closes the state, if it was opened. Nothing is opened any more.
func (k *Keys) Close() error {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ended = true
	if k.state == nil {
		return nil
	}
	return k.state.Close()
}
