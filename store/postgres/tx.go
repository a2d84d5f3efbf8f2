package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// refusal is an error of one work that leaves the others of its transaction alone; nothing was written for it.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func refuse(err error) error { return refusal{err} }

// errAgain reports that another process wrote the same row at the same time: the work is done again, on what is there now.
var errAgain = errors.New("another wrote the same row at the same time")

// querier is a connection, or several.
type querier interface {
	Exec(ctx context.Context, text string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, text string, args ...any) (pgx.Rows, error)
}

// statements runs statements on a querier. Their parameters are written "?".
type statements struct {
	ctx context.Context
	q   querier
}

// row reads one row into to; false if there is none.
func (s statements) row(text string, args []any, to ...any) (found bool, err error) {
	err = s.rows(text, args, func(r scanner) error {
		if found {
			return nil
		}
		found = true
		return r.Scan(to...)
	})
	return found && err == nil, err
}

// rows calls each for every row.
func (s statements) rows(text string, args []any, each func(scanner) error) error {
	rs, err := s.q.Query(s.ctx, numbered(text), arguments(args)...)
	if err != nil {
		return err
	}
	return walk(rs, each)
}

func walk(rs pgx.Rows, each func(scanner) error) error {
	defer rs.Close()
	for rs.Next() {
		if err := each(scanner{rs}); err != nil {
			return err
		}
	}
	return rs.Err()
}

// exec runs a statement and returns the number of rows that it changed.
func (s statements) exec(text string, args ...any) (int64, error) {
	tag, err := s.q.Exec(s.ctx, numbered(text), arguments(args)...)
	return tag.RowsAffected(), err
}

// insert runs a statement that returns the id of the row that it made; 0 if it made none.
func (s statements) insert(text string, args ...any) (id int64, err error) {
	_, err = s.row(text, args, &id)
	return id, err
}

// tx is one transaction.
type tx struct {
	statements
	s *Store

	letters *int64 // what all dead letters hold, once the transaction has locked that: see lockLetters
	weighed int64  // what stands in the table
	clock   int64  // see at
}

// at returns the time of the database, which all processes share, whatever the caller's clock says. It is the same over the
// transaction from when it is first asked, after what the transaction waited for.
func (x *tx) at(told time.Time) (int64, error) {
	if x.s.faults.time != nil {
		return x.s.faults.time(told), nil
	}
	if x.clock != 0 {
		return x.clock, nil
	}
	_, err := x.row(readClock, nil, &x.clock)
	return x.clock, err
}

// readClock returns the database's time, in microseconds since 1970.
const readClock = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint"

// texts are statements by the text with which they were written.
var texts sync.Map

// numbered returns a statement with its parameters numbered, as PostgreSQL reads them.
func numbered(text string) string {
	if known, found := texts.Load(text); found {
		return known.(string)
	}
	out := number(text)
	texts.Store(text, out)
	return out
}
