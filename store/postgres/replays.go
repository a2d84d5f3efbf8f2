package postgres

import (
	"context"
	"time"

	"fondaco/store/record"
)

type replays struct{ s *Store }

func (r replays) Take(ctx context.Context, scope, key string, until, now time.Time) (first bool, err error) {
	id := hashed(scope, key)
	took := false
	err = r.s.join(ctx, &work{row: "replay " + string(id), bytes: len(id), apply: func(g *group) error {
		g.write(func(n int64) error {
			took = n > 0
			return nil
		}, "insert into replay (id, until) values (?, ?) on conflict (id) do update set until = excluded.until where replay.until <= ?", id,
			record.Micro(until), record.Micro(now))
		return nil
	}})
	return err == nil && took, err
}
