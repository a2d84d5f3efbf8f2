package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fondaco/store"
)

const (
	patience   = 5 * time.Second // with one transaction or question
	attempts   = 10
	retryAfter = time.Second // after which a database that failed is tried by itself
	pauseAfter = 5 * time.Millisecond
)

// write has apply called within a transaction of its own, perhaps more than once, and returns when it is durable. When ctx ends
// while the database works, whether it was written is not known.
func (s *Store) write(ctx context.Context, bytes int, apply func(*tx) error) error {
	if int64(bytes) > s.limits.BodyBytes {
		return fmt.Errorf("%w: %d bytes, at most %d may be kept", store.ErrTooLarge, bytes, s.limits.BodyBytes)
	}
	if err := s.enter(ctx, true); err != nil {
		return err
	}
	defer s.using.Done()
	select {
	case s.alone <- struct{}{}:
		defer func() { <-s.alone }()
	case <-ctx.Done():
		return fmt.Errorf("nothing was written to the state: %w", context.Cause(ctx))
	}
	err := s.persistent(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		x := &tx{statements: statements{ctx, conn}, s: s}
		if _, err := x.exec("begin"); err != nil {
			return err
		}
		err := apply(x)
		if err == nil {
			err = x.saveLetters()
		}
		if err != nil {
			return err
		}
		tag, err := conn.Exec(ctx, "commit")
		if err == nil {
			err = committed(tag)
		}
		return err
	})
	var refused refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return refused.error
	}
	return s.failed(err)
}

// enter lets a caller use the database, who says using.Done afterwards. Where there is no space it can still be read.
func (s *Store) enter(ctx context.Context, writes bool) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("the state was not asked: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return store.ErrClosed
	}
	if unwell := s.unwell.Load(); unwell != nil && (writes || !errors.Is(*unwell, store.ErrFull)) {
		return *unwell
	}
	s.using.Add(1)
	return nil
}

// persistent calls f with a connection, again while nothing was written and the same may well succeed: after a deadlock, or on a
// connection that was cut before. What f began and did not commit is rolled back.
func (s *Store) persistent(ctx context.Context, f func(context.Context, *pgxpool.Conn) error) error {
	for n := 1; ; n++ {
		err := s.bounded(ctx, func(ctx context.Context) error {
			conn, err := s.pool.Acquire(ctx)
			if err != nil {
				return err
			}
			defer conn.Release()
			if err = f(ctx, conn); err != nil && !conn.Conn().IsClosed() {
				_, _ = conn.Exec(ctx, "rollback") // a connection that cannot is not used again
			}
			return err
		})
		if err == nil || n == attempts || !passes(err) {
			return err
		}
		if code(err) == noSuchRow {
			s.vault.Forget()
		}
		pause := time.NewTimer(time.Duration(n) * pauseAfter)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

// bounded calls f with a context that ends when the database has not answered for too long, and returns that as a failure of it.
func (s *Store) bounded(ctx context.Context, f func(context.Context) error) error {
	within, end := context.WithTimeout(ctx, s.patience)
	defer end()
	err := f(within)
	if err != nil && ctx.Err() == nil && within.Err() != nil {
		return fmt.Errorf("%w: the database did not answer within %s", store.ErrIO, s.patience)
	}
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) { // of connecting
		return fmt.Errorf("%w: the database cannot be connected to in time", store.ErrIO)
	}
	return err
}
