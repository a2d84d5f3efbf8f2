package store

import (
	"context"
	"time"
)

// Schedules lets one owner at a time run what may run once only: a schedule, a poller. The owner holds an epoch that
// every write carries; one that slept while another took over is refused.
type Schedules interface {
	// Acquire makes the owner hold the name until ttl has passed, or holds it longer with the epoch it has. held is
	// false while another holds it. A name whose hold has passed is taken with a higher epoch, also by its old owner.
	// Owners' names are unique to a start of a process.
	Acquire(ctx context.Context, name, owner string, now time.Time, ttl time.Duration) (epoch int64, held bool, err error)
	// Release frees the name, so that another need not wait; without effect if the epoch is not the present one.
	Release(ctx context.Context, name string, epoch int64) error
	// LastRun returns the time that SetLastRun was given last, the zero time if never.
	LastRun(ctx context.Context, name string) (time.Time, error)
	// SetLastRun keeps the time of a run. ErrFenced if the epoch is not the present one.
	SetLastRun(ctx context.Context, name string, epoch int64, run time.Time) error
	// Place returns what SetPlace was given last, "" if nothing was: where a poller goes on.
	Place(ctx context.Context, name string) (string, error)
	// SetPlace keeps where a poller goes on, UTF-8 of any form. ErrFenced if the epoch is not the present one.
	SetPlace(ctx context.Context, name string, epoch int64, place string) error
}
