package postgres

import (
	"context"
	"fmt"
	"time"

	"fondaco/store"
	"fondaco/store/crypt"
	"fondaco/store/record"
)

type collections struct{ s *Store }

// collection is a row of that table.
type collection struct{ record.Collection }

const collectionColumns = "id, route, key, count, due, token, sum, coalesce(dk, 0)"

// openFor reads the open collection of a route and key, and makes one if there is none. It is found by what stands for the key: a
// hash, or where keys are encrypted that of a data key.
func (c *collection) openFor(x *tx, route, key string, due int64) error {
	blind, err := x.blind(record.CollectionKey, key)
	if err != nil {
		return err
	}
	found, err := c.load(x, "route = ? and blind = any(?) and token = 0", route, [][]byte{blind, plain(record.CollectionKey, key)})
	if err != nil || found {
		return err
	}
	// The id is drawn by the table, and what is encrypted is bound to it.
	*c = collection{record.Collection{Route: route, Due: due}}
	if c.ID, err = x.insert("insert into collection (route, key, count, due, token, sum, blind) values (?, '', 0, ?, 0, 0, ?) returning id",
		route, c.Due, blind); err != nil {
		return err
	}
	k, err := x.key("")
	if err != nil {
		return err
	}
	return c.enclose(x, k, key)
}

// enclose takes up the key of a row that is there, as a data key encrypts it. The caller saves it.
func (c *collection) enclose(x *tx, k *crypt.DataKey, key string) error {
	c.Enclose(k, key)
	_, err := x.exec("update collection set key = ?, dk = ? where id = ?", stored(c.Key), dkOf(c.DK), c.ID)
	return err
}

const itemColumns = "collection, n, mark, body, sum, coalesce(dk, 0), marks"

// items reads the messages of a collection, in their order.
func items(x *tx, where string, args ...any) (list []record.Item, err error) {
	err = x.rows("select "+itemColumns+" from item where "+where+" order by collection, n", args, func(rows scanner) error {
		var i record.Item
		err := rows.Scan(i.Fields()...)
		list = append(list, i)
		return err
	})
	return list, err
}

func (c *collection) load(x *tx, where string, args ...any) (bool, error) {
	found, err := x.row("select "+collectionColumns+" from collection where "+where+" for no key update", args, c.Fields()...)
	if err == nil && found && c.Sum != c.Seal() {
		err = refuse(record.Damaged("collection", c.ID))
	}
	return found, err
}

func (c *collection) save(x *tx) error {
	_, err := x.exec("update collection set count = ?, due = ?, token = ?, sum = ? where id = ?", c.Count, c.Due, c.Token, c.Seal(), c.ID)
	return err
}

// Add tells who waits for collections of one that was opened.
func (k collections) Add(ctx context.Context, route, key, messageID string, of store.Marks, body []byte, now,
	due time.Time,
) (store.Collection, error) {
	var got store.Collection
	mark := hashed(route, key, messageID)
	opened := false
	err := k.s.write(ctx, len(route)+len(key)+len(body), func(x *tx) error {
		opened = false
		if err := lockCollection(x, route, key); err != nil {
			return err
		}
		at, err := x.at(now)
		if err != nil {
			return err
		}
		ahead := record.Micro(now) - at
		var c collection
		var in int64
		found, err := x.row("select collection from item where mark = ?", []any{mark}, &in)
		if err == nil && found { // delivered again
			if found, err = c.load(x, "id = ?", in); err != nil {
				return err
			}
			if found { // and not finished since
				got, err = c.Told(x.open, ahead)
				return lost(err)
			}
		}
		if err == nil {
			found, err = x.isFinished(markOf(record.Collected, string(mark)))
		}
		if err != nil {
			return err
		}
		if found {
			got = store.Collection{Route: route, Key: key}
			return nil
		}
		if err := c.openFor(x, route, key, record.Micro(due)-ahead); err != nil {
			return err
		}
		k, err := x.key(string(of))
		if err != nil {
			return err
		}
		c.Count++
		i := record.Item{Collection: c.ID, N: c.Count, Mark: mark, Marks: string(of)}
		i.Enclose(k, body)
		if _, err = x.exec("insert into item (collection, n, mark, body, sum, dk, marks) values (?, ?, ?, ?, ?, ?, ?)", i.Collection, i.N, i.Mark,
			i.Body, i.Seal(), dkOf(i.DK), i.Marks); err != nil {
			return err
		}
		got = store.Collection{ID: c.ID, Route: route, Key: key, Count: int(c.Count), Due: record.Moment(c.Due + ahead)}
		opened = c.Count == 1
		return c.save(x)
	})
	if err != nil {
		return store.Collection{}, err
	}
	if opened {
		k.s.news.tell(store.CollectionDue)
	}
	return got, nil
}

func (k collections) Has(ctx context.Context, route, key, messageID string) (has bool, err error) {
	mark := hashed(route, key, messageID)
	finished := markOf(record.Collected, string(mark))
	err = k.s.read(ctx, func(r *reader) error {
		_, err := r.row("select exists (select 1 from item where mark = ?) or exists (select 1 from inbox where id = ?)",
			[]any{mark, finished[:]}, &has)
		return err
	})
	return has, err
}

func (k collections) Take(ctx context.Context, id int64, now time.Time, lease time.Duration) (store.Taken, error) {
	var got store.Taken
	err := k.s.write(ctx, 0, func(x *tx) error {
		var c collection
		found, err := c.load(x, "id = ?", id)
		if err != nil {
			return err
		}
		at, err := x.at(now)
		if err != nil {
			return err
		}
		if !found || c.Token != 0 && at < c.Due {
			return refuse(fmt.Errorf("collection %d: %w", id, store.ErrFenced))
		}
		list, err := items(x, "collection = ?", id)
		if err != nil {
			return err
		}
		if got, err = c.Taken(x.open, list); err != nil {
			return lost(err)
		}
		if got.Collection, err = c.Told(x.open, record.Micro(now)-at); err != nil {
			return lost(err)
		}
		if _, err := x.row("select nextval('take')", nil, &c.Token); err != nil {
			return err
		}
		got.Token = c.Token
		c.Due = at + lease.Microseconds()
		return c.save(x)
	})
	if err != nil {
		return store.Taken{}, err
	}
	k.s.news.tell(store.CollectionDue)
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
		var marks []mark
		if err = x.rows("select mark from item where collection = ? order by n", []any{c.ID}, func(rows scanner) error {
			var id []byte
			err := rows.Scan(&id)
			marks = append(marks, markOf(record.Collected, string(id)))
			return err
		}); err != nil {
			return err
		}
		if err = x.finish(record.Micro(now), marks...); err != nil {
			return err
		}
		if _, err = x.exec("delete from item where collection = ?", c.ID); err == nil {
			_, err = x.exec("delete from collection where id = ?", c.ID)
		}
		return err
	})
}

func (k collections) Holder(ctx context.Context, id int64) (token int64, err error) {
	err = k.s.read(ctx, func(r *reader) error {
		token = 0
		_, err := r.row("select token from collection where id = ?", []any{id}, &token)
		return err
	})
	return token, err
}

func (k collections) Due(ctx context.Context, now time.Time, limit int) (list []store.Collection, err error) {
	var bad error // of a damaged one, which is left out
	err = k.s.read(ctx, func(r *reader) error {
		list, bad = nil, nil
		at, err := r.at(now)
		if err != nil {
			return err
		}
		var found []collection
		if err := r.rows("select "+collectionColumns+" from collection where due <= ? order by due, id limit ?", []any{at, limit},
			func(rows scanner) error {
				var c collection
				err := rows.Scan(c.Fields()...)
				found = append(found, c)
				return err
			}); err != nil {
			return err
		}
		list, bad, err = record.Each(found, func(c *collection) (store.Collection, error) { return c.Told(r.open, record.Micro(now)-at) })
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, bad
}

func (k collections) Next(ctx context.Context, now time.Time) (next time.Time, some bool, err error) {
	err = k.s.read(ctx, func(r *reader) error {
		at, err := r.at(now)
		if err != nil {
			return err
		}
		var due int64
		if some, err = r.row("select due from collection order by due, id limit 1", nil, &due); err == nil && some {
			next = record.Moment(due + record.Micro(now) - at)
		}
		return err
	})
	return next, some && err == nil, err
}

// lockCollection has this transaction alone, of all processes, add to the collections of a route and key.
func lockCollection(x *tx, route, key string) error {
	_, err := x.exec("select pg_advisory_xact_lock(hashtextextended(current_schema()||' collection '||encode(?::bytea, 'hex'), 0))",
		hashed(route, key))
	return err
}
