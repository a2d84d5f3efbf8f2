package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"fondaco/store"
)

type collections struct{ s *Store }

// collection is a row of that table. Token is 0 while it is open; due is the end of the lease once it is taken.
type collection struct {
	id         int64
	route, key string
	count, due int64
	token, sum int64
}

// collected is the group under which the inbox knows the messages of finished collections. No group of a topic has a
// space in its name.
const collected = "collected messages"

const collectionColumns = "id, route, key, count, due, token, sum"

func (c *collection) fields() []any {
	return []any{&c.id, &c.route, &c.key, &c.count, &c.due, &c.token, &c.sum}
}

func (c *collection) seal() int64 { return sum(c.id, c.route, c.key, c.count, c.due, c.token) }

func (c *collection) told() store.Collection {
	return store.Collection{ID: c.id, Route: c.route, Key: c.key, Count: int(c.count), Due: moment(c.due)}
}

func (c *collection) load(x *tx, where string, args ...any) (bool, error) {
	found, err := x.row("select "+collectionColumns+" from collection where "+where, args, c.fields()...)
	if err == nil && found && c.sum != c.seal() {
		err = refuse(damaged("collection", c.id))
	}
	return found, err
}

func (c *collection) save(x *tx) error {
	_, err := x.exec("update collection set count = ?, due = ?, token = ?, sum = ? where id = ?", c.count, c.due, c.token, c.seal(), c.id)
	return err
}

func (k collections) Add(ctx context.Context, route, key, messageID string, body []byte, now, due time.Time) (store.Collection, error) {
	var got store.Collection
	mark := hashed(route, key, messageID)
	err := k.s.write(ctx, len(route)+len(key)+len(body), func(x *tx) error {
		var c collection
		var in int64
		found, err := x.row("select collection from item where mark = ?", []any{mark}, &in)
		if err == nil && found { // delivered again
			_, err = c.load(x, "id = ?", in)
			got = c.told()
			return err
		}
		if err == nil {
			found, err = x.isFinished(markOf(collected, string(mark)), collected, mark)
		}
		if err != nil {
			return err
		}
		if found {
			got = store.Collection{Route: route, Key: key}
			return nil
		}
		if found, err = c.load(x, "route = ? and key = ? and token = 0", route, key); err != nil {
			return err
		}
		if !found {
			c = collection{route: route, key: key, due: micro(due)}
			if c.id, err = x.insert("insert into collection (route, key, count, due, token, sum) values (?, ?, 0, ?, 0, 0)", route, key, c.due); err != nil {
				return err
			}
		}
		c.count++
		if _, err = x.exec("insert into item (collection, n, mark, body, sum) values (?, ?, ?, ?, ?)", c.id, c.count, mark, blob(body), sum(c.id, c.count, mark, body)); err != nil {
			return err
		}
		got = c.told()
		return c.save(x)
	})
	if err != nil {
		return store.Collection{}, err
	}
	return got, nil
}

func (k collections) Take(ctx context.Context, id int64, now time.Time, lease time.Duration) (store.Taken, error) {
	var got store.Taken
	err := k.s.write(ctx, 0, func(x *tx) error {
		var c collection
		found, err := c.load(x, "id = ?", id)
		if err != nil {
			return err
		}
		if !found || c.token != 0 && micro(now) < c.due {
			return refuse(fmt.Errorf("collection %d: %w", id, store.ErrFenced))
		}
		bodies := make([][]byte, 0, c.count)
		if err := x.rows("select n, mark, body, sum from item where collection = ? order by n", []any{id}, func(rows *sql.Rows) error {
			var n, kept int64
			var mark, body []byte
			if err := rows.Scan(&n, &mark, &body, &kept); err != nil {
				return err
			}
			bodies = append(bodies, body)
			if kept != sum(id, n, mark, body) || n != int64(len(bodies)) {
				return refuse(damaged("item of collection", id))
			}
			return nil
		}); err != nil {
			return err
		}
		if int64(len(bodies)) != c.count {
			return refuse(damaged("collection", id))
		}
		if _, err := x.exec("update counter set value = value + 1 where name = 'take'"); err != nil {
			return err
		}
		if _, err := x.row("select value from counter where name = 'take'", nil, &c.token); err != nil {
			return err
		}
		got = store.Taken{Collection: c.told(), Token: c.token, Bodies: bodies}
		c.due = micro(now.Add(lease))
		return c.save(x)
	})
	if err != nil {
		return store.Taken{}, err
	}
	return got, nil
}

func (k collections) Finish(ctx context.Context, token int64, now time.Time) error {
	return k.s.write(ctx, 0, func(x *tx) error {
		var c collection
		found, err := c.load(x, "token = ? and token > 0", token)
		if err != nil {
			return err
		}
		if !found {
			return refuse(fmt.Errorf("a taken collection: %w", store.ErrFenced))
		}
		// Its messages are remembered: one delivered again later does not begin another collection.
		if err = x.rows("select mark from item where collection = ?", []any{c.id}, func(rows *sql.Rows) error {
			var id []byte
			err := rows.Scan(&id)
			x.finish(micro(now), markOf(collected, string(id)))
			return err
		}); err != nil {
			return err
		}
		if _, err = x.exec("delete from item where collection = ?", c.id); err == nil {
			_, err = x.exec("delete from collection where id = ?", c.id)
		}
		return err
	})
}

func (k collections) Due(ctx context.Context, now time.Time, limit int) (list []store.Collection, err error) {
	var bad error // of a damaged one, which is left out
	err = k.s.read(ctx, func(r *reader) error {
		return r.rows("select "+collectionColumns+" from collection where due <= ? order by due, id limit ?", []any{micro(now), limit}, func(rows *sql.Rows) error {
			var c collection
			if err := rows.Scan(c.fields()...); err != nil {
				return err
			}
			if c.sum != c.seal() {
				bad = damaged("collection", c.id)
				return nil
			}
			list = append(list, c.told())
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return list, bad
}
