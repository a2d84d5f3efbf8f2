package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

type sequences struct{ s *Store }

// Draw writes the number before it returns it. Those of one sequence are drawn one after another, by all processes.
func (q sequences) Draw(ctx context.Context, d store.Draw, now time.Time) (number int64, err error) {
	var mark []byte
	if d.For != "" {
		hash := sha256.Sum256([]byte(d.For))
		mark = hash[:16]
	}
	err = q.s.write(ctx, len(d.Name)+len(mark), func(x *tx) error {
		if _, err := x.exec("select pg_advisory_xact_lock(hashtextextended(current_schema()||' sequence '||?::text, 0))", d.Name); err != nil {
			return err
		}
		if mark != nil {
			var kept int64
			found, err := x.row("select number, sum from drawn where name = ? and mark = ?", []any{d.Name, mark}, &number, &kept)
			if err == nil && found && kept != record.Sum(d.Name, mark, number) {
				err = refuse(fmt.Errorf("%w: a number drawn from the sequence %q; restore the database from a backup", store.ErrDamaged, d.Name))
			}
			if err != nil || found {
				return err
			}
		}
		if number, err = next(x, d); err != nil || mark == nil {
			return err
		}
		_, err := x.exec("insert into drawn (name, mark, number, at, sum) values (?, ?, ?, ?, ?)", d.Name, mark, number, record.Micro(now),
			record.Sum(d.Name, mark, number))
		return err
	})
	if err != nil {
		return 0, err
	}
	return number, nil
}

// next moves the sequence on and returns its number.
func next(x *tx, d store.Draw) (int64, error) {
	var last, kept int64
	found, err := x.row("select last, sum from sequence where name = ?", []any{d.Name}, &last, &kept)
	number := d.Start
	switch {
	case err != nil:
		return 0, err
	case found && kept != record.Sum(d.Name, last):
		return 0, refuse(fmt.Errorf("%w: the sequence %q; restore the database from a backup", store.ErrDamaged, d.Name))
	case found && last == math.MaxInt64:
		return 0, refuse(fmt.Errorf("sequence %q: %w", d.Name, store.ErrExhausted))
	case found:
		number = max(d.Start, last+1)
	}
	_, err = x.exec("insert into sequence (name, last, sum) values (?, ?, ?) on conflict (name) do update set last = excluded.last, sum = "+
		"excluded.sum", d.Name, number, record.Sum(d.Name, number))
	return number, err
}
