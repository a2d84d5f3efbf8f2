package storage

import (
	"context"
	"errors"
	"strings"
	"time"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/callback"
	"fondaco/store"
)

// A restore brings the state back and not the cluster: a request that was accepted before the backup, and whose work has ended
// after it, is unfinished in the state, and its group has passed it on Kafka. Nobody will work on it, and nobody knows how it
// ended. It becomes a letter that says so.

// doubtAgain is how long a search waits that the cluster or the state kept from its end.
const doubtAgain = 10 * time.Second

const doubtDetail = "its work has ended between the backup that was restored and the restore, and what came of it is not known"

// doubtFinished keeps letters of such requests, until it has found them all or ctx ends. What it has done it does not do again.
func (s *Storage) doubtFinished(ctx context.Context) {
	at := s.restored.Now()
	if s.kafka == nil || len(at.Places) == 0 {
		return
	}
	for {
		kept, err := s.doubtOnce(ctx, at)
		if kept > 0 {
			s.log.Warn("requests of before the backup whose work ended after it are kept as letters: nobody knows what came of them", "letters",
				kept, "command", "fondaco dead list")
		}
		if err == nil || ctx.Err() != nil {
			return
		}
		s.log.Warn("it is not known what was worked on since the backup", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(doubtAgain):
		}
	}
}

func (s *Storage) doubtOnce(ctx context.Context, at store.Restored) (kept int, err error) {
	unfinished, err := s.unfinishedBefore(ctx, at.At)
	if err != nil || len(unfinished) == 0 {
		return 0, err
	}
	for _, place := range at.Places {
		if !strings.HasPrefix(place.Topic, messaging.EnginePrefix) || place.Topic == callback.Topic {
			continue
		}
		err := s.kafka.Finished(ctx, place, func(m messaging.Message) error {
			if m.Type != routes.AcceptedType || !unfinished[m.ID] {
				return nil
			}
			op, err := s.state.Operations().Get(ctx, m.ID)
			if errors.Is(err, store.ErrAbsent) || err == nil && (op.State.Ended() || !op.Updated.Before(at.At)) {
				return nil
			}
			if err != nil {
				return err
			}
			kept++
			return s.desk.Keep(ctx, place.Topic, s.routes.Joined(place.Topic, place.Group), m, routes.OutcomeUnknown, doubtDetail, m.Trace())
		})
		if err != nil {
			return kept, err
		}
	}
	return kept, nil
}

// unfinishedBefore returns the ids of operations that have not ended and have not changed since a time.
func (s *Storage) unfinishedBefore(ctx context.Context, at time.Time) (map[string]bool, error) {
	ids := map[string]bool{}
	for _, state := range store.UnfinishedStates {
		for after, more := "", true; more; {
			page, err := s.state.Operations().List(ctx, state, 500, after)
			if err != nil && !errors.Is(err, store.ErrDamaged) {
				return nil, err
			}
			more = len(page) > 0
			for _, o := range page {
				if after = o.Cursor; !o.Updated.Before(at) { // they come in the order of their changes
					more = false
					break
				}
				ids[o.ID] = true
			}
		}
	}
	return ids, nil
}
