package storage

import (
	"context"

	"fondaco/store"
)

// onlyIntents are the intents of the calls of requests under an Idempotency-Key, in the same state as their answers.
type onlyIntents struct{ k *Keys }

func (i onlyIntents) with(ctx context.Context, do func(store.Intents) error) error {
	s, err := i.k.ready(ctx, i.k.clock.Now())
	if err != nil {
		return err
	}
	return do(s.Intents())
}

func (i onlyIntents) Begin(ctx context.Context, in store.Intent) error {
	return i.with(ctx, func(s store.Intents) error { return s.Begin(ctx, in) })
}

func (i onlyIntents) Find(ctx context.Context, exchange, step string) (found store.Intent, err error) {
	err = i.with(ctx, func(s store.Intents) error {
		found, err = s.Find(ctx, exchange, step)
		return err
	})
	return found, err
}

func (i onlyIntents) Any(ctx context.Context, exchange string) (found bool, err error) {
	err = i.with(ctx, func(s store.Intents) error {
		found, err = s.Any(ctx, exchange)
		return err
	})
	return found, err
}

func (i onlyIntents) Release(ctx context.Context, exchange, step string) error {
	return i.with(ctx, func(s store.Intents) error { return s.Release(ctx, exchange, step) })
}

func (i onlyIntents) End(ctx context.Context, exchanges ...string) error {
	return i.with(ctx, func(s store.Intents) error { return s.End(ctx, exchanges...) })
}

func (i onlyIntents) Forget(ctx context.Context, exchanges ...string) error {
	return i.with(ctx, func(s store.Intents) error { return s.Forget(ctx, exchanges...) })
}
