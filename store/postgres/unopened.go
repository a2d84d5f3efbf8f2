package postgres

import (
	"context"
	"fmt"
	"time"
)

// A process that has ended is the server's for a moment still, until it has noticed: so often and at such pauses it is asked again.
const (
	timesAsked = 50
	askedAgain = 100 * time.Millisecond
)

// unopened returns an error that says so while connections of a name have the database open. It waits some seconds for those of processes
// that have just ended.
func (s *Store) unopened(ctx context.Context, name string) error {
	for asked := 1; ; asked++ {
		n := 0
		if err := s.read(ctx, func(r *reader) error {
			_, err := r.row("select count(*) from pg_stat_activity where datname = current_database() and application_name = ?", []any{name}, &n)
			return err
		}); err != nil || n == 0 {
			return err
		}
		if asked == timesAsked {
			return fmt.Errorf("state %s: processes of the project have it open, with %d connections: stop them first", s.place, n)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(askedAgain):
		}
	}
}
