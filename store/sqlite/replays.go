package sqlite

import (
	"context"
	"fmt"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

type replays struct{ s *Store }

func (r replays) Take(ctx context.Context, scope, key string, until, now time.Time) (first bool, err error) {
	id := hashed(scope, key)
	err = r.s.write(ctx, len(id), func(x *tx) error {
		var known, seal int64
		found, err := x.row("select until, sum from replay where id = ?", []any{id}, &known, &seal)
		switch {
		case err != nil:
			return err
		case found && seal != record.Sum(id, known):
			return refuse(fmt.Errorf("%w: a key that may come once; the others are good; restore the file from a backup, or remove that row",
				store.ErrDamaged))
		case found && record.Micro(now) < known:
			return nil
		}
		first, known = true, record.Micro(until)
		_, err = x.exec("insert into replay (id, until, sum) values (?, ?, ?) on conflict do update set until = excluded.until, sum = "+
			"excluded.sum", id, known, record.Sum(id, known))
		return err
	})
	return first && err == nil, err
}
