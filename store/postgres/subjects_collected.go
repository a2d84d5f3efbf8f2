package postgres

import (
	"context"
	"errors"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

// findCollected calls each with the messages of unfinished collections that bear a mark.
func (j subjects) findCollected(ctx context.Context, mark store.Marks, each func(store.SubjectRecord) error) (bad, err error) {
	type found struct {
		record.Item
		route string
	}
	var list []found
	if err := j.s.read(ctx, func(r *reader) error {
		list = nil
		return r.rows("select i.collection, i.n, i.mark, i.body, i.sum, coalesce(i.dk, 0), i.marks, c.route from item i join collection c on "+
			"c.id = i.collection where "+bears+" order by i.collection, i.n", []any{string(mark)}, func(rows scanner) error {
			var f found
			err := rows.Scan(append(f.Fields(), &f.route)...)
			list = append(list, f)
			return err
		})
	}); err != nil {
		return nil, err
	}
	for i := range list {
		f := &list[i]
		var body []byte
		if err := j.s.read(ctx, func(r *reader) (err error) {
			body, err = f.Told(r.open)
			return lost(err)
		}); errors.Is(err, store.ErrDamaged) {
			bad = err
			continue
		} else if err != nil {
			return bad, err
		}
		if err := each(store.SubjectRecord{Collected: &store.Collected{Route: f.route, Body: body}}); err != nil {
			return bad, err
		}
	}
	return bad, nil
}

// eraseCollected takes a person's messages out of open collections. One that is being worked on is always the same messages, and
// is left.
func (j subjects) eraseCollected(ctx context.Context, mark store.Marks, now time.Time) (erased int64, err error) {
	var ids []int64
	if err := j.s.read(ctx, func(r *reader) error {
		ids = nil
		return r.rows("select distinct collection from item where "+bears+" order by collection", []any{string(mark)}, func(rows scanner) error {
			var id int64
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
	}); err != nil {
		return 0, err
	}
	for _, id := range ids {
		var n int64
		err := j.s.write(ctx, 0, func(x *tx) error {
			n = 0
			var c collection
			if found, err := c.load(x, "id = ? and token = 0", id); err != nil || !found {
				return err
			}
			n, err = c.without(x, mark, now)
			return err
		})
		if err != nil && !errors.Is(err, store.ErrDamaged) {
			return erased, err
		}
		erased += n
	}
	return erased, nil
}

// without removes the messages of an open collection that bear a mark, and remembers them as if their collection had finished:
// one that is delivered again is not taken up again. A collection without messages goes.
func (c *collection) without(x *tx, mark store.Marks, now time.Time) (n int64, err error) {
	gone, err := items(x, "collection = ? and "+bears, c.ID, string(mark))
	if err != nil {
		return 0, err
	}
	for _, i := range gone {
		if err := x.finish(record.Micro(now), markOf(record.Collected, string(i.Mark))); err != nil {
			return 0, err
		}
		if _, err := x.exec("delete from item where mark = ?", i.Mark); err != nil {
			return 0, err
		}
	}
	rest, err := items(x, "collection = ?", c.ID)
	if err != nil {
		return 0, err
	}
	if c.Count = int64(len(rest)); c.Count == 0 {
		_, err := x.exec("delete from collection where id = ?", c.ID)
		return int64(len(gone)), err
	}
	record.Renumber(rest)
	for _, i := range rest {
		if _, err := x.exec("update item set n = ?, sum = ? where mark = ?", i.N, i.Sum, i.Mark); err != nil {
			return 0, err
		}
	}
	return int64(len(gone)), c.save(x)
}
