package postgres

import (
	"context"
	"math"
	"strings"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

// Sweep removes what the limits let go. Several processes may do so at the same time: rows that another holds are passed over.
func (s *Store) Sweep(ctx context.Context, now time.Time, keep ...store.Retention) (swept store.Swept, err error) {
	retentions := store.RetentionsOf(keep, s.limits)
	var keys int64 // they were reserved by the database's time
	forReplays := record.Micro(now.Add(-retentions.Letters() - s.limits.Inbox))
	if keys, err = s.sharedTime(ctx, now); err != nil {
		return swept, err
	}
	for _, p := range []struct {
		count              *int64
		table, id, by, end string
		before             int64
	}{
		{&swept.Ids, "inbox", "id", "at", "<", record.Micro(now.Add(-s.limits.Inbox))},
		{&swept.Keys, "idempotency", "token", "until", "<=", keys},
		{&swept.Draws, "drawn", "(name, mark)", "at", "<", forReplays},
		{&swept.Intents, "intent", "id", "at", "<", forReplays},
		{&swept.Replays, "replay", "id", "until", "<=", record.Micro(now)},
	} {
		if err := s.sweepUp(ctx, p.count, deleteUp(p.table, p.id, p.by, p.by+" "+p.end+" ?"), p.before); err != nil {
			return swept, err
		}
	}
	if err := s.sweepOperations(ctx, now, retentions, &swept); err != nil {
		return swept, err
	}
	if err := s.sweepLetters(ctx, now, retentions, &swept); err != nil {
		return swept, err
	}
	return swept, s.sweepKeys(ctx)
}

// sweepKeys destroys the data keys of persons of whom nothing is kept. They are looked for beside the writer.
func (s *Store) sweepKeys(ctx context.Context) error {
	for {
		var ids []int64
		if err := s.read(ctx, func(r *reader) (err error) {
			ids, err = s.vault.Unused(r.statements, chunk)
			return err
		}); err != nil || len(ids) == 0 {
			return err
		}
		if err := s.write(ctx, 0, func(x *tx) error {
			_, err := s.vault.Remove(x, ids)
			return err
		}); err != nil {
			return err
		}
	}
}

// deleteUp is the statement that removes the first rows of a table, by the time in the column by, which is indexed, from one moment on; it
// returns how many, and the last of their times. Rows that another holds are passed over.
func deleteUp(table, id, by, which string) string {
	return "with gone as (delete from " + table + " where " + id + " in (select " + strings.Trim(id, "()") + " from " + table + " where " + which +
		" and " + by + " >= ? order by " + by + " limit ? for update skip locked) returning " + by + ") select count(*), coalesce(max(" + by +
		"), 0) from gone"
}

// sweepUp removes what deleteUp finds.
func (s *Store) sweepUp(ctx context.Context, count *int64, text string, args ...any) error {
	return s.repeatFrom(ctx, count, func(x *tx, from int64) (n, last int64, err error) {
		_, err = x.row(text, append(args[:len(args):len(args)], from, chunk), &n, &last)
		return n, last, err
	})
}

// repeatFrom removes in one transaction after another, each from the time that the last came to, until one has nothing to remove: what is
// removed stays in the index until it is vacuumed, and is not gone over each time.
func (s *Store) repeatFrom(ctx context.Context, count *int64, remove func(x *tx, from int64) (n, last int64, err error)) error {
	for from := int64(math.MinInt64); ; {
		var n, last int64
		if err := s.write(ctx, 0, func(x *tx) (err error) {
			n, last, err = remove(x, from)
			return err
		}); err != nil {
			return err
		}
		if *count += n; n == 0 {
			return nil
		}
		from = last
	}
}

// repeat removes in one transaction after another until one has nothing to remove.
func (s *Store) repeat(ctx context.Context, count *int64, remove func(*tx) (int64, error)) error {
	for {
		var n int64
		if err := s.write(ctx, 0, func(x *tx) (err error) {
			n, err = remove(x)
			return err
		}); err != nil {
			return err
		}
		if *count += n; n == 0 {
			return nil
		}
	}
}

// sharedTime returns the time of the database, whatever the caller's clock says.
func (s *Store) sharedTime(ctx context.Context, told time.Time) (at int64, err error) {
	err = s.read(ctx, func(r *reader) error {
		at, err = r.at(told)
		return err
	})
	return at, err
}
