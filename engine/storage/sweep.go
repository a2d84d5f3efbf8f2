package storage

import (
	"context"
	"time"

	"fondaco/store"
)

// sweep lets go of what is kept no longer, until ctx ends.
func (s *Storage) sweep(ctx context.Context) {
	tick := time.NewTicker(5 * time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			s.SweepAt(ctx, now)
		}
	}
}

// SweepAt lets go of what is kept no longer at a time, as the program in service says.
func (s *Storage) SweepAt(ctx context.Context, now time.Time) {
	swept, err := s.state.Sweep(ctx, now, s.retention()...)
	if err != nil && ctx.Err() == nil {
		s.log.Error("sweeping the state", "error", err)
	}
	if swept.Letters > 0 {
		s.log.Warn("dead letters were deleted: too old, or over the size limit", "letters", swept.Letters)
	}
}

// retention returns how long the program in service keeps things.
func (s *Storage) retention() []store.Retention {
	if list := s.retentions.Load(); list != nil {
		return *list
	}
	return nil
}
