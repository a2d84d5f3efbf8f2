package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"fondaco/store"
	"fondaco/store/crypt"
)

type collections struct{ s *Store }

// collection is a row of that table. Token is 0 while it is open; due is the end of the lease once it is taken.
type collection struct {
	id         int64
	route, key string
	count, due int64
	token, sum int64
	dk         int64 // see sealed.go
}

// collected is the group under which the inbox knows the messages of finished collections. No group of a topic has a
// space in its name.
const collected = "collected messages"

const collectionColumns = "id, route, key, count, due, token, sum, coalesce(dk, 0)"

func (c *collection) fields() []any {
	return []any{&c.id, &c.route, (*raw)(&c.key), &c.count, &c.due, &c.token, &c.sum, &c.dk}
}

func (c *collection) seal() int64 {
	return sum(withKey(c.dk, c.id, c.route, c.key, c.count, c.due, c.token)...)
}

func (c *collection) in(column string) crypt.Place {
	return crypt.Place{Table: "collection", Column: column, Row: strconv.FormatInt(c.id, 10)}
}

// told is the collection for a caller whose clock is so far ahead of the database's.
func (c *collection) told(open opener, ahead int64) (store.Collection, error) {
	key, err := open.text(c.dk, c.in("key"), c.key)
	return store.Collection{ID: c.id, Route: c.route, Key: key, Count: int(c.count), Due: moment(c.due + ahead)}, err
}

// openFor reads the open collection of a route and key, and makes one if there is none. It is found by what stands for the key: a
// hash, or where keys are encrypted that of a data key.
func (c *collection) openFor(x *tx, route, key string, due int64) error {
	blind, err := x.blind(collectionKey, key)
	if err != nil {
		return err
	}
	found, err := c.load(x, "route = ? and blind = any(?) and token = 0", route, [][]byte{blind, plain(collectionKey, key)})
	if err != nil || found {
		return err
	}
	// The id is drawn by the table, and what is encrypted is bound to it.
	*c = collection{route: route, due: due}
	if c.id, err = x.insert("insert into collection (route, key, count, due, token, sum, blind) values (?, '', 0, ?, 0, 0, ?) returning id", route, c.due, blind); err != nil {
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
	c.dk, c.key = k.ID(), string(k.Seal(c.in("key"), []byte(key)))
	_, err := x.exec("update collection set key = ?, dk = ? where id = ?", stored(c.key), dkOf(c.dk), c.id)
	return err
}

// item is a row of that table: a message of a collection.
type item struct {
	collection, n int64
	mark, body    []byte
	sum, dk       int64
	marks         string
}

const itemColumns = "collection, n, mark, body, sum, coalesce(dk, 0), marks"

func (i *item) fields() []any {
	return []any{&i.collection, &i.n, &i.mark, &i.body, &i.sum, &i.dk, &i.marks}
}

func (i *item) seal() int64 {
	return sum(withKey(i.dk, i.collection, i.n, i.mark, i.body)...)
}

func (i *item) in(column string) crypt.Place {
	return crypt.Place{Table: "item", Column: column, Row: hex.EncodeToString(i.mark)}
}

// items reads the messages of a collection, in their order.
func items(x *tx, where string, args ...any) (list []item, err error) {
	err = x.rows("select "+itemColumns+" from item where "+where+" order by collection, n", args, func(rows scanner) error {
		var i item
		err := rows.Scan(i.fields()...)
		list = append(list, i)
		return err
	})
	return list, err
}

func (c *collection) load(x *tx, where string, args ...any) (bool, error) {
	found, err := x.row("select "+collectionColumns+" from collection where "+where+" for no key update", args, c.fields()...)
	if err == nil && found && c.sum != c.seal() {
		err = refuse(damaged("collection", c.id))
	}
	return found, err
}

func (c *collection) save(x *tx) error {
	_, err := x.exec("update collection set count = ?, due = ?, token = ?, sum = ? where id = ?", c.count, c.due, c.token, c.seal(), c.id)
	return err
}

func (k collections) Add(ctx context.Context, route, key, messageID string, of store.Marks, body []byte, now, due time.Time) (store.Collection, error) {
	var got store.Collection
	mark := hashed(route, key, messageID)
	err := k.s.write(ctx, len(route)+len(key)+len(body), func(x *tx) error {
		if err := lockCollection(x, route, key); err != nil {
			return err
		}
		at, err := x.at(now)
		if err != nil {
			return err
		}
		ahead := micro(now) - at
		var c collection
		var in int64
		found, err := x.row("select collection from item where mark = ?", []any{mark}, &in)
		if err == nil && found { // delivered again
			if found, err = c.load(x, "id = ?", in); err != nil {
				return err
			}
			if found { // and not finished since
				got, err = c.told(x.open, ahead)
				return lost(err)
			}
		}
		if err == nil {
			found, err = x.isFinished(markOf(collected, string(mark)))
		}
		if err != nil {
			return err
		}
		if found {
			got = store.Collection{Route: route, Key: key}
			return nil
		}
		if err := c.openFor(x, route, key, micro(due)-ahead); err != nil {
			return err
		}
		k, err := x.key(string(of))
		if err != nil {
			return err
		}
		c.count++
		i := item{collection: c.id, n: c.count, mark: mark, dk: k.ID(), marks: string(of)}
		i.body = k.Seal(i.in("body"), blob(body))
		if _, err = x.exec("insert into item (collection, n, mark, body, sum, dk, marks) values (?, ?, ?, ?, ?, ?, ?)", i.collection, i.n, i.mark, i.body, i.seal(), dkOf(i.dk), i.marks); err != nil {
			return err
		}
		got = store.Collection{ID: c.id, Route: route, Key: key, Count: int(c.count), Due: moment(c.due + ahead)}
		return c.save(x)
	})
	if err != nil {
		return store.Collection{}, err
	}
	return got, nil
}

func (k collections) Has(ctx context.Context, route, key, messageID string) (has bool, err error) {
	mark := hashed(route, key, messageID)
	finished := markOf(collected, string(mark))
	err = k.s.read(ctx, func(r *reader) error {
		_, err := r.row("select exists (select 1 from item where mark = ?) or exists (select 1 from inbox where id = ?)", []any{mark, finished[:]}, &has)
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
		if !found || c.token != 0 && at < c.due {
			return refuse(fmt.Errorf("collection %d: %w", id, store.ErrFenced))
		}
		bodies, marks := make([][]byte, 0, c.count), make([]store.Marks, 0, c.count)
		list, err := items(x, "collection = ?", id)
		if err != nil {
			return err
		}
		for _, i := range list {
			if i.sum != i.seal() || i.n != int64(len(bodies)+1) {
				return refuse(damaged("item of collection", id))
			}
			body, err := x.open(i.dk, i.in("body"), i.body)
			if err != nil {
				return lost(err)
			}
			bodies, marks = append(bodies, blob(body)), append(marks, store.Marks(i.marks))
		}
		if int64(len(bodies)) != c.count {
			return refuse(damaged("collection", id))
		}
		if _, err := x.row("select nextval('take')", nil, &c.token); err != nil {
			return err
		}
		got = store.Taken{Token: c.token, Bodies: bodies, Marks: marks}
		if got.Collection, err = c.told(x.open, micro(now)-at); err != nil {
			return lost(err)
		}
		c.due = at + lease.Microseconds()
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
		var marks []mark
		if err = x.rows("select mark from item where collection = ? order by n", []any{c.id}, func(rows scanner) error {
			var id []byte
			err := rows.Scan(&id)
			marks = append(marks, markOf(collected, string(id)))
			return err
		}); err != nil {
			return err
		}
		if err = x.finish(micro(now), marks...); err != nil {
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
		list, bad = nil, nil
		at, err := r.at(now)
		if err != nil {
			return err
		}
		var found []collection
		if err := r.rows("select "+collectionColumns+" from collection where due <= ? order by due, id limit ?", []any{at, limit}, func(rows scanner) error {
			var c collection
			err := rows.Scan(c.fields()...)
			found = append(found, c)
			return err
		}); err != nil {
			return err
		}
		for i := range found {
			c := &found[i]
			if c.sum != c.seal() {
				bad = damaged("collection", c.id)
				continue
			}
			t, err := c.told(r.open, micro(now)-at)
			switch {
			case errors.Is(err, store.ErrDamaged):
				bad = err
			case err != nil:
				return err
			default:
				list = append(list, t)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, bad
}

// lockCollection has this transaction alone, of all processes, add to the collections of a route and key.
func lockCollection(x *tx, route, key string) error {
	_, err := x.exec("select pg_advisory_xact_lock(hashtextextended(current_schema()||' collection '||encode(?::bytea, 'hex'), 0))", hashed(route, key))
	return err
}
