package record

import (
	"encoding/hex"
	"strconv"

	"fondaco/store"
	"fondaco/store/crypt"
)

// Collected is the group under which the inbox knows the messages of finished collections. No group of a topic has a space in its
// name.
const Collected = "collected messages"

// Collection is a row of that table. Token is 0 while it is open; Due is the end of the lease once it is taken.
type Collection struct {
	ID         int64
	Route      string
	Key        Sealed
	Count, Due int64
	Token, Sum int64
	DK         int64 // see Tables
}

// Fields are id, route, key, count, due, token, sum, dk.
func (c *Collection) Fields() []any {
	return []any{&c.ID, &c.Route, &c.Key, &c.Count, &c.Due, &c.Token, &c.Sum, &c.DK}
}

// Seal is the row's sum.
func (c *Collection) Seal() int64 {
	return Sum(withKey(c.DK, c.ID, c.Route, c.Key, c.Count, c.Due, c.Token)...)
}

func (c *Collection) in(column string) crypt.Place {
	return crypt.Place{Table: "collection", Column: column, Row: strconv.FormatInt(c.ID, 10)}
}

// Enclose takes up the key of a row that has its id, as a data key encrypts it.
func (c *Collection) Enclose(k *crypt.DataKey, key string) {
	c.DK, c.Key = k.ID(), sealed(k, c.in("key"), key)
}

// Told is the collection for a caller whose clock is so many microseconds ahead of that of the times in the row.
func (c *Collection) Told(open Opener, ahead int64) (store.Collection, error) {
	if c.Sum != c.Seal() {
		return store.Collection{}, Damaged("collection", c.ID)
	}
	key, err := open.Text(c.DK, c.in("key"), c.Key)
	return store.Collection{ID: c.ID, Route: c.Route, Key: key, Count: int(c.Count), Due: Moment(c.Due + ahead)}, err
}

// Taken returns the messages of a collection, of which items are the rows, in their order. One that is missing or damaged is
// store.ErrDamaged.
func (c *Collection) Taken(open Opener, items []Item) (t store.Taken, err error) {
	t.Bodies, t.Marks = make([][]byte, 0, c.Count), make([]store.Marks, 0, c.Count)
	for n := range items {
		i := &items[n]
		if i.N != int64(n+1) {
			return t, Damaged("item of collection", c.ID)
		}
		body, err := i.Told(open)
		if err != nil {
			return t, err
		}
		t.Bodies, t.Marks = append(t.Bodies, body), append(t.Marks, store.Marks(i.Marks))
	}
	if int64(len(items)) != c.Count {
		return t, Damaged("collection", c.ID)
	}
	return t, nil
}

// Item is a row of that table: a message of a collection.
type Item struct {
	Collection, N int64
	Mark, Body    []byte
	Sum, DK       int64
	Marks         string
}

// Fields are collection, n, mark, body, sum, dk, marks.
func (i *Item) Fields() []any {
	return []any{&i.Collection, &i.N, &i.Mark, &i.Body, &i.Sum, &i.DK, &i.Marks}
}

// Seal is the row's sum.
func (i *Item) Seal() int64 {
	return Sum(withKey(i.DK, i.Collection, i.N, i.Mark, i.Body)...)
}

// Enclose takes up a message, as a data key encrypts it.
func (i *Item) Enclose(k *crypt.DataKey, body []byte) {
	i.DK = k.ID()
	i.Body = k.Seal(crypt.Place{Table: "item", Column: "body", Row: hex.EncodeToString(i.Mark)}, Blob(body))
}

// Told is the message for the world. A row that is not as it was written is store.ErrDamaged.
func (i *Item) Told(open Opener) ([]byte, error) {
	if i.Sum != i.Seal() {
		return nil, Damaged("item of collection", i.Collection)
	}
	body, err := open(i.DK, crypt.Place{Table: "item", Column: "body", Row: hex.EncodeToString(i.Mark)}, i.Body)
	return Blob(body), err
}

// Renumber numbers the messages that are left of a collection without a gap, which Taken would miss. One that is damaged stays
// so.
func Renumber(items []Item) {
	for at := range items {
		i := &items[at]
		sound := i.Sum == i.Seal()
		if i.N = int64(at + 1); sound {
			i.Sum = i.Seal()
		}
	}
}
