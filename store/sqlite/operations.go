package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

type operations struct{ s *Store }

const (
	operationColumns = "seq, id, route, owner, state, created, updated, reply_to, status, body_sum, ended, sum, dk, marks"
	oneOperation     = "select " + operationColumns + ", header, body from operation where id = ?"
)

func (p operations) Create(ctx context.Context, o store.Operation) error {
	r := record.NewOperation(o)
	header, body := record.Packed(o.Answer.Header), record.Blob(o.Answer.Body)
	return p.s.write(ctx, len(header)+len(body)+len(o.ReplyTo), func(x *tx) error {
		k, err := x.key(r.Marks)
		if err != nil {
			return err
		}
		r.Enclose(k, o.ReplyTo, header, body)
		made, err := x.result("insert into operation (id, route, owner, state, created, updated, reply_to, status, header, body, body_sum, "+
			"sum, marks, dk) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing",
			[]any{
				r.ID, r.Route, r.Owner, r.State, r.Created, r.Updated, stored(r.DK, r.Reply), r.Status, r.Header, r.Body, r.BodySum, r.Seal(),
				r.Marks, r.DK,
			})
		if err != nil {
			return err
		}
		if n, err := made.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, refuse(fmt.Errorf("operation %s: %w", o.ID, store.ErrExists)))
		}
		if r.Seq, err = made.LastInsertId(); err == nil {
			x.wrote(r)
		}
		return err
	})
}

func (p operations) Set(ctx context.Context, id string, state store.OperationState, end int, a store.Answer, now time.Time) error {
	return p.move(ctx, id, state, end, a, now, record.MaySet)
}

func (p operations) Cancel(ctx context.Context, id string, a store.Answer, now time.Time) error {
	return p.move(ctx, id, store.Cancelled, 1, a, now, record.MayCancel(id))
}

// move sets an operation's state, the number of its end and an answer if may, which is given the present state, returns
// true.
func (p operations) move(ctx context.Context, id string, to store.OperationState, end int, a store.Answer, now time.Time,
	may func(store.OperationState) (bool, error),
) error {
	header, body := record.Packed(a.Header), record.Blob(a.Body)
	return p.s.write(ctx, len(header)+len(body), func(x *tx) error {
		r, found, err := x.operation(id)
		switch {
		case err != nil:
			return err
		case !found:
			return refuse(fmt.Errorf("operation %s: %w", id, store.ErrAbsent))
		}
		if ok, err := may(store.OperationState(r.State)); err != nil {
			return refuse(err)
		} else if !ok {
			return nil
		}
		r.Move(to, end, a.Status, record.Micro(now))
		if err := lost(r.Again(x.open, x.key, header, body)); err != nil {
			return err
		}
		n, err := x.exec("update operation set state = ?, updated = ?, reply_to = ?, status = ?, header = ?, body = ?, body_sum = ?, ended = "+
			"?, dk = ?, sum = ? where seq = ?",
			r.State, r.Updated, stored(r.DK, r.Reply), r.Status, r.Header, r.Body, r.BodySum, r.End, r.DK, r.Seal(), r.Seq)
		if err == nil && n == 0 { // its row was removed by hand
			x.forgetOperations()
			return refuse(fmt.Errorf("operation %s: %w", id, store.ErrAbsent))
		}
		if err == nil {
			x.wrote(r)
		}
		return err
	})
}

func (p operations) Get(ctx context.Context, id string) (o store.Operation, err error) {
	err = p.s.read(ctx, func(r *reader) error {
		var row record.Operation
		found, err := r.row(oneOperation, []any{id}, row.Whole()...)
		switch {
		case err != nil:
			return err
		case !found || row.ID != id:
			return refuse(fmt.Errorf("operation %s: %w", id, store.ErrAbsent))
		}
		o, err = row.Told(r.open, true)
		return lost(err)
	})
	if err != nil {
		return store.Operation{}, err
	}
	return o, nil
}

func (p operations) State(ctx context.Context, id string) (state store.OperationState, err error) {
	if row, known := p.s.known.row(id); known {
		return store.OperationState(row.State), p.s.here(ctx)
	}
	err = p.s.read(ctx, func(r *reader) error {
		var row record.Operation
		found, err := r.row("select "+operationColumns+" from operation where id = ?", []any{id}, row.Fields()...)
		switch {
		case err != nil:
			return err
		case !found || row.ID != id:
			return refuse(fmt.Errorf("operation %s: %w", id, store.ErrAbsent))
		case row.Sum != row.Seal():
			return refuse(record.Damaged("operation", row.Seq))
		}
		state = store.OperationState(row.State)
		return nil
	})
	return state, err
}

func (p operations) List(ctx context.Context, state store.OperationState, limit int, after string) (list []store.Operation, err error) {
	var bad error // of a damaged one, which is left out
	updated, seq, err := record.OperationsAfter(after)
	if err != nil {
		return nil, err
	}
	err = p.s.read(ctx, func(r *reader) error {
		var found []record.Operation
		if err := r.rows("select "+operationColumns+" from operation where state = ? and (updated, seq) > (?, ?) order by updated, seq limit ?",
			[]any{string(state), updated, seq, limit}, func(rows *sql.Rows) error {
				var row record.Operation
				err := rows.Scan(row.Fields()...)
				found = append(found, row)
				return err
			}); err != nil {
			return err
		}
		list, bad, err = record.Each(found, func(o *record.Operation) (store.Operation, error) { return o.Told(r.open, false) })
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, bad
}

func (p operations) Counts(ctx context.Context, states ...store.OperationState) (list []store.OperationCount, err error) {
	if len(states) == 0 {
		return nil, nil
	}
	text, args := record.OperationCounts(states)
	err = p.s.read(ctx, func(r *reader) error {
		list = nil
		return r.once(text, args, func(rows *sql.Rows) error {
			c, err := record.OperationCount(rows)
			list = append(list, c)
			return err
		})
	})
	return list, err
}
