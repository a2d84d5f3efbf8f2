package storage

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"fondaco/store"
)

// learn reads what the state says of itself.
func (s *Storage) learn(ctx context.Context) error {
	if s.secret.Load() == nil {
		secret, err := s.state.Secret(ctx)
		if err != nil {
			return err
		}
		s.secret.Store(&secret)
	}
	if err := s.warnOfFailover(ctx); err != nil {
		return err
	}
	return s.restored.look(ctx)
}

// warnOfFailover logs, once, that a failover of the database may lose what was answered 202.
func (s *Storage) warnOfFailover(ctx context.Context) error {
	a, ok := s.state.(interface {
		Unreplicated(ctx context.Context) (bool, error)
	})
	if !ok || s.replicated.Load() {
		return nil
	}
	bare, err := a.Unreplicated(ctx)
	if err != nil {
		return err
	}
	if bare && !s.replicated.Swap(true) {
		s.log.Warn("storage.state names several hosts, and commits wait for no replica: a failover may lose what was answered 202 in the "+
			"moments before it",
			"what", "set synchronous_standby_names on the database, and leave synchronous_commit on")
	}
	s.replicated.Store(true)
	return nil
}

// How often a state that processes share is asked what other processes have changed, and while it is not known what it says.
const (
	lookAtState  = 10 * time.Second
	learnAgain   = time.Second
	clockApart   = 30 * time.Second // is reported
	clockMatters = "leases go by the database's clock and hold; times in answers, logs and the audit are this process's: set its clock (NTP)"
)

// watchState learns what a state says that was away at the start, and what other processes change of it, until ctx ends.
func (s *Storage) watchState(ctx context.Context) {
	released, stop := store.WakeOf(s.state).On(store.RestoreReleased)
	defer stop()
	for {
		rest := lookAtState
		if s.secret.Load() == nil {
			rest = learnAgain
		}
		select {
		case <-ctx.Done():
			return
		case <-released:
		case <-time.After(rest):
		}
		if err := s.learn(ctx); err != nil {
			continue // its health reports it
		}
		if a, ok := s.state.(interface {
			Ahead(ctx context.Context) (time.Duration, error)
		}); ok {
			if ahead, err := a.Ahead(ctx); err == nil {
				s.clock.take(s, ahead)
			}
		}
	}
}

// clock knows how far this process's clock is ahead of the database's. Safe for concurrent use.
type clock struct{ apart atomic.Pointer[time.Duration] }

// take learns it, and logs a change.
func (c *clock) take(s *Storage, ahead time.Duration) {
	if ahead.Abs() < clockApart {
		c.apart.Store(nil)
		return
	}
	if ahead = ahead.Round(time.Second); c.apart.Swap(&ahead) == nil {
		s.log.Warn("the clocks of this process and of the database are apart", "ahead", ahead.String(), "what", clockMatters)
	}
}

func (c *clock) health() error {
	ahead := c.apart.Load()
	switch {
	case ahead == nil:
		return nil
	case *ahead < 0:
		return errors.New(fmt.Sprintf("the clock of this process is %s behind the database's: ", -*ahead) + clockMatters)
	}
	return errors.New(fmt.Sprintf("the clock of this process is %s ahead of the database's: ", *ahead) + clockMatters)
}
