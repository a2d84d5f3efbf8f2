package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"fondaco/store"
)

// code returns the SQLSTATE of an error; "" if the server did not give it.
func code(err error) string {
	var told *pgconn.PgError
	if errors.As(err, &told) {
		return told.Code
	}
	return ""
}

// SQLSTATEs that are told apart.
const (
	serialization  = "40001"
	deadlock       = "40P01"
	noSuchRow      = "23503" // a foreign key: a data key is gone
	diskFull       = "53100"
	readOnly       = "25006"
	noPrivilege    = "42501"
	queryCancelled = "57014"
	lockTimeout    = "55P03"
)

// passes reports whether nothing was written, and the same again may well succeed.
func passes(err error) bool {
	switch code(err) {
	case serialization, deadlock, noSuchRow:
		return true
	case "":
		return pgconn.SafeToRetry(err)
	}
	return false
}

// isStatement reports whether the database is well and refused a statement for what it says: others are not concerned.
func isStatement(err error) bool {
	for _, class := range []string{"21", "22", "23", "42", "54", "55", "XX"} {
		if strings.HasPrefix(code(err), class) && code(err) != noPrivilege {
			return true
		}
	}
	return code(err) == queryCancelled
}

// tookTooLong reports whether the database ended a statement because it, or its wait for a lock, took too long.
func tookTooLong(err error) bool { return code(err) == queryCancelled || code(err) == lockTimeout }

// classify returns the word for a failure of the database.
func classify(err error) error {
	switch {
	case err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, store.ErrIO) || errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrClosed):
		return err
	case code(err) == diskFull:
		return fmt.Errorf("%w: %w", store.ErrFull, oneLine{err})
	case strings.HasPrefix(code(err), "XX00"):
		return fmt.Errorf("%w: %w", store.ErrDamaged, oneLine{err})
	}
	return fmt.Errorf("%w: %w", store.ErrIO, oneLine{err})
}

// oneLine is an error that is told on one line: pgx has a line for each host that it tried.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

func (e oneLine) Unwrap() error { return e.error }

// failed is what the callers of a failed transaction are told. A failure of the database, and not of a statement, is what Health
// reports until the database can be written again.
func (s *Store) failed(err error) error {
	told := fmt.Errorf("state %s: %w", s.place, classify(err))
	if errors.Is(told, store.ErrIO) && !isStatement(err) || errors.Is(told, store.ErrFull) {
		s.judge(told)
		s.stir() // the writer sees at once whether it was one connection alone
	}
	return told
}

// judge keeps what Health reports, and has the connections made anew after a failure: the server may be another.
func (s *Store) judge(err error) {
	if err == nil {
		s.unwell.Store(nil)
		return
	}
	told := fmt.Errorf("the state cannot be written; writing resumes by itself when the database can be: %w", classify(err))
	if s.unwell.Swap(&told) == nil {
		s.pool.Reset()
	}
}
