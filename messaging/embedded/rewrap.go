package embedded

import (
	"context"
	"errors"

	"fondaco/store"
)

// rewrapBytes is how much a transaction of Rewrap encrypts, about: others write between two of them.
const (
	rewrapBytes = 4 << 20
	rewrapRows  = 500
)

// Rewrap wraps all data keys by the first of the keys that the broker was opened with, and encrypts messages that are stored as
// they were given. See store.Store.
func (b *Broker) Rewrap(ctx context.Context) (done store.Rewrapped, err error) {
	if !b.vault.On() {
		return done, errors.New("there is no key to encrypt with")
	}
	for after := int64(-1); ; {
		o := &rewrap{after: after, done: make(chan error, 1)}
		if err := b.perform(ctx, o, o.done, new(error)); err != nil {
			return done, err
		}
		done.Keys += o.did.Keys
		done.Records += o.did.Records
		done.Damaged += o.did.Damaged
		if after = o.last; o.did == (store.Rewrapped{}) {
			return done, nil
		}
	}
}

// rewrap is one transaction of it: of the messages behind the one after.
type rewrap struct {
	after, last int64
	did         store.Rewrapped
	done        chan error
}

func (o *rewrap) weight() int { return rewrapBytes }

func (o *rewrap) apply(x *transaction) (err error) {
	o.did, o.last = store.Rewrapped{}, o.after
	if o.did.Keys, err = x.b.vault.Rewrap(x.ctx, x.f.conn, rewrapRows); err != nil {
		return err
	}
	list, err := x.plain(o.after)
	if err != nil {
		return err
	}
	for bytes := 0; len(list) > 0 && bytes < rewrapBytes; list = list[1:] {
		r := record{seq: list[0]}
		var sum int64
		if err := x.f.conn.QueryRowContext(x.ctx, "select key, due, at, headers, body, sum from message where seq = ?", r.seq).
			Scan(&r.key, &r.due, &r.at, &r.headers, &r.body, &sum); err != nil {
			return err
		}
		o.last = r.seq
		hs, err := attributes(r.headers)
		if r.sum = r.summed(); err != nil || r.seal(r.sum) != uint32(sum) {
			o.did.Damaged++
			continue
		}
		r.marks = marksIn(hs)
		stored, err := x.sealed(&r)
		if err != nil {
			return err
		}
		if _, err := x.f.conn.ExecContext(x.ctx, "update message set key = ?, headers = ?, body = ?, sum = ?, dk = ? where seq = ?", stored.key,
			stored.headers, stored.body, int64(stored.seal(stored.sum)), stored.dk, stored.seq); err != nil {
			return err
		}
		o.did.Records++
		bytes += r.size()
	}
	return nil
}

// plain lists messages that are not encrypted, behind one.
func (x *transaction) plain(after int64) (list []int64, err error) {
	rows, err := x.f.conn.QueryContext(x.ctx, "select seq from message where dk = 0 and seq > ? order by seq limit ?", after, rewrapRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return nil, err
		}
		list = append(list, seq)
	}
	return list, rows.Err()
}

func (o *rewrap) settled(err error) bool {
	o.done <- err
	return false
}
