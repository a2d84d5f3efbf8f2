package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fondaco/store"
)

type operations struct{ s *Store }

// operation is a row of that table.
type operation struct {
	seq              int64
	id, route, owner string
	state            string
	created, updated int64
	reply            string
	status           int64
	header, body     []byte
	bodySum          int64 // the sum of header and body, so that a List need not read them
	end              int64
	sum              int64
}

const (
	operationColumns = "seq, id, route, owner, state, created, updated, reply_to, status, body_sum, ended, sum"
	oneOperation     = "select " + operationColumns + ", header, body from operation where id = ?"
)

func (o *operation) fields() []any {
	return []any{&o.seq, &o.id, &o.route, &o.owner, &o.state, &o.created, &o.updated, &o.reply, &o.status, &o.bodySum, &o.end, &o.sum}
}

func (o *operation) whole() []any { return append(o.fields(), &o.header, &o.body) }

func (o *operation) seal() int64 {
	if o.end == 0 { // as formats before 4 had it
		return sum(o.id, o.route, o.owner, o.state, o.created, o.updated, o.reply, o.status, o.bodySum)
	}
	return sum(o.id, o.route, o.owner, o.state, o.created, o.updated, o.reply, o.status, o.bodySum, o.end)
}

// told is the row for the world.
func (o *operation) told(whole bool) (store.Operation, error) {
	t := store.Operation{
		ID: o.id, Route: o.route, Owner: o.owner, State: store.OperationState(o.state),
		Created: moment(o.created), Updated: moment(o.updated), ReplyTo: o.reply,
		End: int(o.end), Answer: store.Answer{Status: int(o.status)}, Cursor: strconv.FormatInt(o.updated, 10) + "." + strconv.FormatInt(o.seq, 10),
	}
	if o.end == 0 && t.State.Ended() {
		t.End = 1 // it ended before ends had numbers
	}
	if o.sum != o.seal() {
		return t, damaged("operation", o.seq)
	}
	if !whole {
		return t, nil
	}
	if o.bodySum != sum(o.header, o.body) {
		return t, damaged("operation", o.seq)
	}
	var err error
	t.Answer.Header, err = unpacked(o.header)
	t.Answer.Body = o.body
	return t, err
}

func (p operations) Create(ctx context.Context, o store.Operation) error {
	r := operation{
		id: o.ID, route: o.Route, owner: o.Owner, state: string(o.State), created: micro(o.Created), updated: micro(o.Updated),
		reply: o.ReplyTo, status: int64(o.Answer.Status), header: packed(o.Answer.Header), body: blob(o.Answer.Body),
	}
	r.bodySum = sum(r.header, r.body)
	return p.s.write(ctx, len(r.header)+len(r.body)+len(r.reply), func(x *tx) error {
		n, err := x.exec("insert into operation (id, route, owner, state, created, updated, reply_to, status, header, body, body_sum, sum, marks) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing",
			r.id, r.route, r.owner, r.state, r.created, r.updated, r.reply, r.status, r.header, r.body, r.bodySum, r.seal(), string(o.Marks))
		if err == nil && n == 0 {
			return refuse(fmt.Errorf("operation %s: %w", o.ID, store.ErrExists))
		}
		return err
	})
}

func (p operations) Set(ctx context.Context, id string, state store.OperationState, end int, a store.Answer, now time.Time) error {
	return p.move(ctx, id, state, end, a, now, func(now store.OperationState) (bool, error) {
		return now != store.Done && now != store.Cancelled, nil
	})
}

func (p operations) Cancel(ctx context.Context, id string, a store.Answer, now time.Time) error {
	return p.move(ctx, id, store.Cancelled, 1, a, now, func(now store.OperationState) (bool, error) {
		switch now {
		case store.Accepted:
			return true, nil
		case store.Cancelled:
			return false, nil
		}
		return false, fmt.Errorf("operation %s: %w", id, store.ErrBegun)
	})
}

// move gives an operation a state, the number of its end and an answer if may, which is given the present state, returns
// true.
func (p operations) move(ctx context.Context, id string, to store.OperationState, end int, a store.Answer, now time.Time, may func(store.OperationState) (bool, error)) error {
	header, body := packed(a.Header), blob(a.Body)
	return p.s.write(ctx, len(header)+len(body), func(x *tx) error {
		var r operation
		found, err := x.row("select "+operationColumns+" from operation where id = ?", []any{id}, r.fields()...)
		switch {
		case err != nil:
			return err
		case !found:
			return refuse(fmt.Errorf("operation %s: %w", id, store.ErrAbsent))
		case r.sum != r.seal():
			return refuse(damaged("operation", r.seq))
		}
		if ok, err := may(store.OperationState(r.state)); err != nil {
			return refuse(err)
		} else if !ok {
			return nil
		}
		if r.end == 0 && store.OperationState(r.state).Ended() {
			r.end = 1
		}
		r.end = max(r.end, int64(end))
		r.state, r.updated, r.status, r.bodySum = string(to), micro(now), int64(a.Status), sum(header, body)
		_, err = x.exec("update operation set state = ?, updated = ?, status = ?, header = ?, body = ?, body_sum = ?, ended = ?, sum = ? where seq = ?",
			r.state, r.updated, r.status, header, body, r.bodySum, r.end, r.seal(), r.seq)
		return err
	})
}

func (p operations) Get(ctx context.Context, id string) (o store.Operation, err error) {
	err = p.s.read(ctx, func(r *reader) error {
		var row operation
		found, err := r.row(oneOperation, []any{id}, row.whole()...)
		switch {
		case err != nil:
			return err
		case !found || row.id != id:
			return refuse(fmt.Errorf("operation %s: %w", id, store.ErrAbsent))
		}
		if o, err = row.told(true); err != nil {
			return refuse(err)
		}
		return nil
	})
	if err != nil {
		return store.Operation{}, err
	}
	return o, nil
}

func (p operations) List(ctx context.Context, state store.OperationState, limit int, after string) (list []store.Operation, err error) {
	var updated, seq int64
	var bad error // of a damaged one, which is left out
	if after != "" {
		left, right, _ := strings.Cut(after, ".")
		if updated, err = strconv.ParseInt(left, 10, 64); err == nil {
			seq, err = strconv.ParseInt(right, 10, 64)
		}
		if err != nil {
			return nil, fmt.Errorf("%q is no place in a list of operations", after)
		}
	} else {
		updated = -1 << 63
	}
	err = p.s.read(ctx, func(r *reader) error {
		return r.rows("select "+operationColumns+" from operation where state = ? and (updated, seq) > (?, ?) order by updated, seq limit ?", []any{string(state), updated, seq, limit}, func(rows *sql.Rows) error {
			var row operation
			if err := rows.Scan(row.fields()...); err != nil {
				return err
			}
			o, err := row.told(false)
			if err != nil {
				bad = err
				return nil
			}
			list = append(list, o)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return list, bad
}
