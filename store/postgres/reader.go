package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fondaco/store"
)

// reader reads outside of a transaction: it sees every write that was told to be durable, by any process.
type reader struct {
	statements
	s *Store
}

// read has f read, again where a connection was cut: f begins anew.
func (s *Store) read(ctx context.Context, f func(*reader) error) error {
	if err := s.enter(ctx, false); err != nil {
		return err
	}
	defer s.using.Done()
	var err error
	for range 2 {
		err = s.bounded(ctx, func(ctx context.Context) error { return f(&reader{statements{ctx, s.pool}, s}) })
		var refused refusal
		switch {
		case err == nil:
			return nil
		case errors.As(err, &refused):
			return refused.error
		}
		if code(err) != "" || errors.Is(err, store.ErrIO) || ctx.Err() != nil {
			break
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("state %s: %w", s.place, context.Cause(ctx))
	}
	return s.failed(err)
}

// at returns the time of the database, whatever the caller's clock says.
func (r *reader) at(told time.Time) (clock int64, err error) {
	if r.s.faults.time != nil {
		return r.s.faults.time(told), nil
	}
	_, err = r.row(readClock, nil, &clock)
	return clock, err
}
