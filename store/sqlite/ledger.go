package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"fondaco/store"
)

type ledger struct{ s *Store }

func (l ledger) Add(ctx context.Context, route string, c store.Counts) error {
	return l.s.write(ctx, len(route), func(x *tx) error {
		var now store.Counts
		var kept int64
		found, err := x.row("select accepted, done, dead, sum from ledger where route = ?", []any{route}, &now.Accepted, &now.Done, &now.Dead, &kept)
		if err != nil {
			return err
		}
		if found && kept != sealed(route, now) {
			return refuse(damagedCounts(route))
		}
		now = store.Counts{Accepted: now.Accepted + c.Accepted, Done: now.Done + c.Done, Dead: now.Dead + c.Dead}
		_, err = x.exec("insert into ledger (route, accepted, done, dead, sum) values (?, ?, ?, ?, ?) on conflict do update set accepted = excluded.accepted, done = excluded.done, dead = excluded.dead, sum = excluded.sum",
			route, now.Accepted, now.Done, now.Dead, sealed(route, now))
		return err
	})
}

func (l ledger) Routes(ctx context.Context) (all []store.RouteCounts, err error) {
	var bad error // of a damaged one, which is left out
	err = l.s.read(ctx, func(r *reader) error {
		return r.rows("select route, accepted, done, dead, sum from ledger order by route", nil, func(rows *sql.Rows) error {
			var c store.RouteCounts
			var kept int64
			if err := rows.Scan(&c.Route, &c.Accepted, &c.Done, &c.Dead, &kept); err != nil {
				return err
			}
			if kept != sealed(c.Route, c.Counts) {
				bad = damagedCounts(c.Route)
				return nil
			}
			all = append(all, c)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return all, bad
}

func sealed(route string, c store.Counts) int64 { return sum(route, c.Accepted, c.Done, c.Dead) }

func damagedCounts(route string) error {
	return fmt.Errorf("%w: the counts of route %q; restore the file from a backup, or remove that row", store.ErrDamaged, route)
}
