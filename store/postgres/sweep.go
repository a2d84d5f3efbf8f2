package postgres

import (
	"context"
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
		count *int64
		text  string
		args  []any
	}{
		{
			&swept.Ids, "delete from inbox where id in (select id from inbox where at < ? order by at limit ? for update skip locked)",
			[]any{record.Micro(now.Add(-s.limits.Inbox)), chunk},
		},
		{&swept.Keys, "delete from idempotency where token in (select token from idempotency where until <= ? order by until limit ? for " +
			"update skip locked)", []any{keys, chunk}},
		{&swept.Draws, "delete from drawn where (name, mark) in (select name, mark from drawn where at < ? order by at limit ? for update " +
			"skip locked)", []any{forReplays, chunk}},
		{
			&swept.Intents, "delete from intent where id in (select id from intent where at < ? order by at limit ? for update skip locked)",
			[]any{forReplays, chunk},
		},
		{
			&swept.Replays, "delete from replay where id in (select id from replay where until <= ? order by until limit ? for update skip locked)",
			[]any{record.Micro(now), chunk},
		},
	} {
		if err := s.repeat(ctx, p.count, func(x *tx) (int64, error) { return x.exec(p.text, p.args...) }); err != nil {
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

// sharedTime returns the time of the database, whatever the caller's clock tells.
func (s *Store) sharedTime(ctx context.Context, told time.Time) (at int64, err error) {
	err = s.read(ctx, func(r *reader) error {
		at, err = r.at(told)
		return err
	})
	return at, err
}
