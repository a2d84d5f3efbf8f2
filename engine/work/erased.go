package work

import (
	"context"
	"errors"
	"time"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/store"
)

// erased returns what ends a message of a consumer that nobody can read any more, as the person was erased whose it is: its operation is
// cancelled, whoever asked to be told is, and it counts as cancelled.
func (w *workers) erased(k workKey) func(context.Context, messaging.Message) error {
	return func(ctx context.Context, m messaging.Message) error {
		now := w.topics.Clock.Now()
		if k.accepts && w.topics.Operations != nil {
			if err := w.endErased(ctx, m.ID, now); err != nil {
				return err
			}
		}
		id := m.Identity()
		if w.topics.Intents != nil {
			if err := w.topics.Intents.End(ctx, routes.ExchangeOf(k.accepts, k.group, id)); err != nil {
				return err
			}
		}
		if w.topics.Unhandled == nil {
			return nil
		}
		return w.topics.Unhandled(ctx, k.topic, k.group, id, store.EndCancelled)
	}
}

// endErased ends an operation as cancelled that has not ended.
func (w *workers) endErased(ctx context.Context, id string, now time.Time) error {
	op, err := w.topics.Operations.Get(ctx, id)
	if errors.Is(err, store.ErrAbsent) || err == nil && op.State.Ended() {
		return nil
	}
	if err != nil {
		return err
	}
	end := op.End + 1
	if op.ReplyTo != "" { // that it is to be told is durable before its state is
		if err := routes.TellEnd(ctx, routes.TopicsOf(w.topics.Broker), op, store.Cancelled, end, "", now); err != nil {
			return err
		}
	}
	err = w.topics.Operations.Set(ctx, id, store.Cancelled, end, routes.ErasedRequest, now)
	if errors.Is(err, store.ErrAbsent) {
		return nil
	}
	return err
}
