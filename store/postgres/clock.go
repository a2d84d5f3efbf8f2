package postgres

import (
	"context"
	"time"
)

// Ahead returns how far the clock of this process is ahead of the database's, to the half of what it took to ask.
func (s *Store) Ahead(ctx context.Context) (time.Duration, error) {
	var clock int64
	asked := time.Now()
	err := s.read(ctx, func(r *reader) error {
		asked = time.Now()
		_, err := r.row(readClock, nil, &clock)
		return err
	})
	took := time.Since(asked)
	return asked.Add(took / 2).Sub(time.UnixMicro(clock)), err
}
