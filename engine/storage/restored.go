package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"fondaco/routes/letters"
	"fondaco/store"
)

// restored knows whether the state was restored from a backup. Safe for concurrent use.
type restored struct {
	kept   store.Restores
	audit  store.Audit
	log    *slog.Logger
	latest atomic.Pointer[store.Restored] // the zero value if it never was; nil while that is not known
	resume func()                         // starts what was held; nil before there is a server
}

// look reads what the state says, logs what is held, and has what was held start once another process has released it.
func (r *restored) look(ctx context.Context) error {
	at, err := r.kept.Latest(ctx)
	if err != nil && !errors.Is(err, store.ErrAbsent) {
		return err
	}
	was := r.latest.Swap(&at)
	switch {
	case at.Held && (was == nil || !was.Held):
		r.log.Warn("the state was restored from a backup: schedules, and work with calls that may not be made twice, are held until an "+
			"operator releases them", "moment", at.Moment, "restored", at.At, "command", "fondaco release")
	case !at.Held && (was == nil || was.Held) && r.resume != nil:
		r.resume()
	}
	return nil
}

// Release starts what was held since the latest restore, and returns it as it was before and as it is.
func (r *restored) Release(ctx context.Context, by store.Act, notDone bool) (was, is store.Restored, err error) {
	was = r.Now()
	on := "restore " + was.ID
	if notDone {
		on += ": it was not done"
	}
	if err := letters.Audited(ctx, r.audit, r.log, store.AuditRelease, on, by); err != nil {
		return was, is, err
	}
	if is, err = r.kept.Release(ctx, by.Who, by.Why, notDone, by.At); err != nil {
		return was, is, err
	}
	r.latest.Store(&is)
	r.log.Warn("an operator has released what was held since the restore", "who", by.Who, "why", is.Why, "moment", is.Moment, "in doubt",
		is.Doubtful)
	if r.resume != nil {
		r.resume()
	}
	return was, is, nil
}

// Now returns the latest restore, the zero value if there was none. While the state has not said, all is held that a restore holds.
func (r *restored) Now() store.Restored {
	if at := r.latest.Load(); at != nil {
		return *at
	}
	return store.Restored{Held: true}
}

// health says that work is held.
func (r *restored) health() error {
	at := r.Now()
	if !at.Held || r.latest.Load() == nil { // the health of the state covers what is not known yet
		return nil
	}
	return fmt.Errorf("the state is that of a backup of %s: schedules, and work with calls that may not be made twice, are held until "+
		"fondaco release", at.Moment.UTC().Format(time.RFC3339))
}
