package sqlite

import (
	"context"
	"database/sql"
	"time"

	"fondaco/store"
)

// Sweep removes what the limits let go.
func (s *Store) Sweep(ctx context.Context, now time.Time) (swept store.Swept, err error) {
	if swept.Ids, err = s.forget(ctx, micro(now.Add(-s.limits.Inbox))); err != nil {
		return swept, err
	}
	for _, p := range []struct {
		count *int64
		text  string
		args  []any
	}{
		{&swept.Keys, "delete from idempotency where token in (select token from idempotency where until <= ? order by until limit ?)", []any{micro(now), chunk}},
		{&swept.Operations, "delete from operation where seq in (select seq from operation where state in ('done', 'failed') and updated < ? limit ?)", []any{micro(now.Add(-s.limits.Operations)), chunk}},
		{&swept.Draws, "delete from drawn where id in (select id from drawn where at < ? order by at limit ?)", []any{micro(now.Add(-s.limits.Letters - s.limits.Inbox)), chunk}},
		{&swept.Intents, "delete from intent where id in (select id from intent where at < ? order by at limit ?)", []any{micro(now.Add(-s.limits.Letters - s.limits.Inbox)), chunk}},
		{&swept.Replays, "delete from replay where id in (select id from replay where until <= ? order by until limit ?)", []any{micro(now), chunk}},
	} {
		if err := s.repeat(ctx, p.count, func(x *tx) (int64, error) { return x.exec(p.text, p.args...) }); err != nil {
			return swept, err
		}
	}
	before := micro(now.Add(-s.limits.Letters))
	err = s.repeat(ctx, &swept.Letters, func(x *tx) (int64, error) {
		var old [][2]int64
		if err := x.rows("select seq, weight from letter where kept < ? order by kept limit ?", []any{before, chunk}, func(rows *sql.Rows) error {
			var l [2]int64
			err := rows.Scan(&l[0], &l[1])
			old = append(old, l)
			return err
		}); err != nil {
			return 0, err
		}
		for _, l := range old {
			if err := s.dropLetter(x, l[0], l[1]); err != nil {
				return 0, err
			}
		}
		if len(old) > 0 {
			return int64(len(old)), nil
		}
		return s.dropLetters(x, chunk, 0)
	})
	return swept, err
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
