package postgres

import (
	"context"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

// ended are the states of an operation in which it has a result, as the index operation_ended knows them.
const ended = "state in ('done', 'failed', 'cancelled')"

// routesIn lists the routes that have rows in a table, by steps through an index on the route: few, whatever the rows.
func (s *Store) routesIn(ctx context.Context, table, which string) (list []string, err error) {
	err = s.read(ctx, func(r *reader) error {
		list = nil
		from := table + " where " + which
		return r.rows("with recursive found (route) as (select min(route) from "+from+" union all select (select min(route) from "+from+
			" and route > found.route) from found where found.route is not null) select route from found where route is not null",
			nil, func(rows scanner) error {
				var route string
				err := rows.Scan(&route)
				list = append(list, route)
				return err
			})
	})
	return list, err
}

// sweepOperations removes the operations of each route that have ended long enough ago, and before that their results.
func (s *Store) sweepOperations(ctx context.Context, now time.Time, keep store.Retentions, swept *store.Swept) error {
	list, err := s.routesIn(ctx, "operation", ended)
	if err != nil {
		return err
	}
	for _, route := range list {
		r := keep.Of(route)
		gone, dry := record.Micro(now.Add(-r.Operations)), record.Micro(now.Add(-r.Results))
		if err := s.sweepUp(ctx, &swept.Operations, deleteUp("operation", "seq", "updated", ended+" and route = ? and updated < ?"), route,
			gone); err != nil {
			return err
		}
		if err := s.repeatFrom(ctx, &swept.Results, func(x *tx, from int64) (n, last int64, err error) {
			return dropResults(x, route, from, dry)
		}); err != nil {
			return err
		}
	}
	return nil
}

// dropResults removes what some operations of a route answered that ended from a time on and before another, and returns how many, and
// when the last of them ended.
func dropResults(x *tx, route string, from, before int64) (n, last int64, err error) {
	var list []record.Operation
	if err := x.rows("select "+operationColumns+" from operation where "+ended+
		" and route = ? and status > 0 and updated < ? and updated >= ? order by updated limit ? for no key update skip locked",
		[]any{route, before, from, chunk},
		func(rows scanner) error {
			var o record.Operation
			err := rows.Scan(o.Fields()...)
			list = append(list, o)
			return err
		}); err != nil {
		return 0, from, err
	}
	if len(list) == 0 {
		return 0, from, nil
	}
	seqs, sums := make([]int64, len(list)), make([]int64, len(list))
	nothing := record.Sum([]byte{}, []byte{})
	for i, o := range list {
		sound := o.Sum == o.Seal()
		o.Status, o.BodySum = 0, nothing
		if sound { // one that is damaged stays so, without what it held
			o.Sum = o.Seal()
		}
		seqs[i], sums[i] = o.Seq, o.Sum
	}
	n, err = x.exec("update operation set status = 0, header = '', body = '', body_sum = ?, sum = v.sum from unnest(?::bigint[], ?::bigint[]) as "+
		"v (seq, sum) where operation.seq = v.seq", nothing, seqs, sums)
	return n, list[len(list)-1].Updated, err
}

// sweepLetters removes the dead letters of each route that died long enough ago, and then those that are too many.
func (s *Store) sweepLetters(ctx context.Context, now time.Time, keep store.Retentions, swept *store.Swept) error {
	list, err := s.routesIn(ctx, "letter", "true")
	if err != nil {
		return err
	}
	for _, route := range list {
		before := record.Micro(now.Add(-keep.Of(route).Letters))
		if err := s.repeat(ctx, &swept.Letters, func(x *tx) (int64, error) { return s.dropOld(x, route, before) }); err != nil {
			return err
		}
	}
	return s.repeat(ctx, &swept.Letters, func(x *tx) (int64, error) {
		if err := x.lockLetters(); err != nil {
			return 0, err
		}
		return s.dropLetters(x, chunk, 0)
	})
}

// dropOld removes some letters of a route that died before a time.
func (s *Store) dropOld(x *tx, route string, before int64) (int64, error) {
	if err := x.lockLetters(); err != nil {
		return 0, err
	}
	var old [][2]int64
	if err := x.rows("select seq, weight from letter where route = ? and kept < ? order by kept limit ?", []any{route, before, chunk},
		func(rows scanner) error {
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
	return int64(len(old)), nil
}
