package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fondaco/store"
	"fondaco/store/crypt"
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
	dk               int64 // see sealed.go
	marks            string
}

const (
	operationColumns = "seq, id, route, owner, state, created, updated, reply_to, status, body_sum, ended, sum, coalesce(dk, 0), marks"
	oneOperation     = "select " + operationColumns + ", header, body from operation where id = ?"
)

func (o *operation) fields() []any {
	return []any{&o.seq, &o.id, &o.route, &o.owner, &o.state, &o.created, &o.updated, (*raw)(&o.reply), &o.status, &o.bodySum, &o.end, &o.sum, &o.dk, &o.marks}
}

func (o *operation) whole() []any { return append(o.fields(), &o.header, &o.body) }

func (o *operation) seal() int64 {
	return sum(withKey(o.dk, o.id, o.route, o.owner, o.state, o.created, o.updated, o.reply, o.status, o.bodySum, o.end)...)
}

func (o *operation) at(column string) crypt.Place {
	return crypt.Place{Table: "operation", Column: column, Row: o.id}
}

// enclose takes up what the row holds, as a data key encrypts it.
func (o *operation) enclose(k *crypt.DataKey, reply string, header, body []byte) {
	o.dk, o.reply = k.ID(), string(k.Seal(o.at("reply_to"), []byte(reply)))
	o.header, o.body = k.Seal(o.at("header"), header), k.Seal(o.at("body"), body)
	o.bodySum = sum(o.header, o.body)
}

// told is the row for the world.
func (o *operation) told(open opener, whole bool) (store.Operation, error) {
	t := store.Operation{
		ID: o.id, Route: o.route, Owner: o.owner, State: store.OperationState(o.state),
		Created: moment(o.created), Updated: moment(o.updated),
		End: int(o.end), Answer: store.Answer{Status: int(o.status)}, Cursor: strconv.FormatInt(o.updated, 10) + "." + strconv.FormatInt(o.seq, 10),
	}
	if o.sum != o.seal() {
		return t, damaged("operation", o.seq)
	}
	var err error
	if t.ReplyTo, err = open.text(o.dk, o.at("reply_to"), o.reply); err != nil || !whole {
		return t, err
	}
	if o.bodySum != sum(o.header, o.body) {
		return t, damaged("operation", o.seq)
	}
	header, err := open(o.dk, o.at("header"), o.header)
	if err != nil {
		return t, err
	}
	if t.Answer.Body, err = open(o.dk, o.at("body"), o.body); err != nil {
		return t, err
	}
	t.Answer.Body = blob(t.Answer.Body)
	t.Answer.Header, err = unpacked(header)
	return t, err
}

func (p operations) Create(ctx context.Context, o store.Operation) error {
	r := operation{
		id: o.ID, route: o.Route, owner: o.Owner, state: string(o.State), created: micro(o.Created), updated: micro(o.Updated),
		status: int64(o.Answer.Status), marks: string(o.Marks),
	}
	header, body := packed(o.Answer.Header), blob(o.Answer.Body)
	err := p.s.join(ctx, &work{row: "operation " + o.ID, bytes: len(header) + len(body) + len(o.ReplyTo), apply: func(g *group) error {
		k, err := p.s.vault.For(ctx, r.marks)
		if err != nil {
			return err
		}
		r.enclose(k, o.ReplyTo, header, body)
		g.write(func(n int64) error {
			if n == 0 {
				return fmt.Errorf("operation %s: %w", o.ID, store.ErrExists)
			}
			return nil
		}, "insert into operation (id, route, owner, state, created, updated, reply_to, status, header, body, body_sum, sum, marks, dk) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing",
			r.id, r.route, r.owner, r.state, r.created, r.updated, stored(r.reply), r.status, r.header, r.body, r.bodySum, r.seal(), r.marks, dkOf(r.dk))
		return nil
	}})
	if err == nil {
		r.sum = r.seal()
		p.s.recent.keep(r)
	}
	return err
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
	var r operation
	wrote := false
	apply := func(g *group) error {
		wrote = false
		if ok, err := may(store.OperationState(r.state)); err != nil {
			return refuse(err)
		} else if !ok {
			return nil
		}
		old := r
		r.end = max(r.end, int64(end))
		r.state, r.updated, r.status = string(to), micro(now), int64(a.Status)
		if err := r.again(ctx, p.s, header, body); err != nil {
			return err
		}
		wrote, r.sum = true, r.seal()
		g.write(func(n int64) error {
			if n == 0 {
				return errAgain
			}
			return nil
		}, "update operation set state = ?, updated = ?, reply_to = ?, status = ?, header = ?, body = ?, body_sum = ?, ended = ?, dk = ?, sum = ? where id = ? and state = ? and updated = ? and sum = ?",
			r.state, r.updated, stored(r.reply), r.status, r.header, r.body, r.bodySum, r.end, dkOf(r.dk), r.sum, id, old.state, old.updated, old.sum)
		return nil
	}
	w := &work{row: "operation " + id, bytes: len(header) + len(body)}
	known, recent := p.s.recent.take(id)
	if recent {
		w.apply = func(g *group) error {
			r = known
			return apply(g)
		}
		w.otherwise = func() { w.ask, w.apply = p.asking(id, &r, apply) }
	} else {
		w.ask, w.apply = p.asking(id, &r, apply)
	}
	err := p.s.join(ctx, w)
	if err == nil && wrote && !to.Ended() {
		p.s.recent.keep(r)
	}
	return err
}

// asking returns how an operation is moved that has to be read before.
func (p operations) asking(id string, r *operation, apply func(*group) error) (func(*group), func(*group) error) {
	var found bool
	return func(g *group) {
			*r = operation{}
			g.read(&found, "select "+operationColumns+" from operation where id = ? for no key update", []any{id}, r.fields()...)
		}, func(g *group) error {
			switch {
			case !found:
				return refuse(fmt.Errorf("operation %s: %w", id, store.ErrAbsent))
			case r.sum != r.seal():
				return refuse(damaged("operation", r.seq))
			}
			return apply(g)
		}
}

// again encloses a row that is there anew, with what it then holds.
func (o *operation) again(ctx context.Context, s *Store, header, body []byte) error {
	reply, err := s.open(ctx).text(o.dk, o.at("reply_to"), o.reply)
	if err != nil {
		return lost(err)
	}
	k, err := s.vault.For(ctx, o.marks)
	if err == nil {
		o.enclose(k, reply, header, body)
	}
	return err
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
		o, err = row.told(r.open, true)
		return lost(err)
	})
	if err != nil {
		return store.Operation{}, err
	}
	return o, nil
}

func (p operations) State(ctx context.Context, id string) (state store.OperationState, err error) {
	err = p.s.read(ctx, func(r *reader) error {
		var row operation
		found, err := r.row("select "+operationColumns+" from operation where id = ?", []any{id}, row.fields()...)
		switch {
		case err != nil:
			return err
		case !found || row.id != id:
			return refuse(fmt.Errorf("operation %s: %w", id, store.ErrAbsent))
		case row.sum != row.seal():
			return refuse(damaged("operation", row.seq))
		}
		state = store.OperationState(row.state)
		return nil
	})
	return state, err
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
		list, bad = nil, nil
		var found []operation
		if err := r.rows("select "+operationColumns+" from operation where state = ? and (updated, seq) > (?, ?) order by updated, seq limit ?", []any{string(state), updated, seq, limit}, func(rows scanner) error {
			var row operation
			err := rows.Scan(row.fields()...)
			found = append(found, row)
			return err
		}); err != nil {
			return err
		}
		for i := range found {
			o, err := found[i].told(r.open, false)
			switch {
			case errors.Is(err, store.ErrDamaged):
				bad = err
			case err != nil:
				return err
			default:
				list = append(list, o)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, bad
}
