package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"fondaco/store"
	"fondaco/store/sqlitefile"
)

// reader is a file that is read beside the writer: it sees every write that was told to be durable.
type reader struct {
	ctx context.Context
	f   *file

	vault *sqlitefile.Vault
}

// here returns why nothing can be read, as read would, without reading; nil if it can.
func (s *Store) here(ctx context.Context) error {
	_, err := s.readable(ctx)
	return err
}

// readable returns the file that is read, or why there is none.
func (s *Store) readable(ctx context.Context) (*file, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if current := s.file.Load(); current != nil {
		return current, nil
	}
	s.mu.Lock()
	ended := s.ended
	s.mu.Unlock()
	if ended {
		return nil, store.ErrClosed
	}
	if unwell := s.unwell.Load(); unwell != nil {
		return nil, *unwell
	}
	return nil, fmt.Errorf("state %s: %w: it is being opened again", s.path, store.ErrIO)
}

// read has f read. An error of the database sends the writer to see whether the place is well.
func (s *Store) read(ctx context.Context, f func(*reader) error) error {
	current, err := s.readable(ctx)
	if err != nil {
		return err
	}
	err = f(&reader{ctx, current, s.vault})
	var refused refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return refused.error
	}
	err = fmt.Errorf("state %s: %w", s.path, classify(err))
	if errors.Is(err, store.ErrIO) && s.file.Load() == current {
		s.suspect.Store(true)
		s.judge(err)
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
	return err
}

// row reads one row into to; false if there is none.
func (r *reader) row(text string, args []any, to ...any) (bool, error) {
	st, err := r.f.reading(r.ctx, text)
	if err != nil {
		return false, err
	}
	err = st.QueryRowContext(r.ctx, args...).Scan(to...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// rows calls each for every row.
func (r *reader) rows(text string, args []any, each func(*sql.Rows) error) error {
	st, err := r.f.reading(r.ctx, text)
	if err != nil {
		return err
	}
	return walk(r.ctx, st, args, each)
}

// once is rows for a text that is made up for one call and not prepared.
func (r *reader) once(text string, args []any, each func(*sql.Rows) error) error {
	rs, err := r.f.read.QueryContext(r.ctx, text, args...)
	if err != nil {
		return err
	}
	defer rs.Close()
	for rs.Next() {
		if err := each(rs); err != nil {
			return err
		}
	}
	return rs.Err()
}
