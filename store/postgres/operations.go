package postgres

import (
	"context"
	"fmt"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

type operations struct{ s *Store }

const (
	operationColumns = "seq, id, route, owner, state, created, updated, reply_to, status, body_sum, ended, sum, coalesce(dk, 0), marks"
	oneOperation     = "select " + operationColumns + ", header, body from operation where id = ?"
	standing         = "select " + operationColumns + ", exists (" + oneID + ") from operation where id = ?"
)

func (p operations) Create(ctx context.Context, o store.Operation) error {
	r := record.NewOperation(o)
	header, body := record.Packed(o.Answer.Header), record.Blob(o.Answer.Body)
	err := p.s.join(ctx, &work{row: "operation " + o.ID, bytes: len(header) + len(body) + len(o.ReplyTo), apply: func(g *group) error {
		k, err := p.s.vault.For(ctx, r.Marks)
		if err != nil {
			return err
		}
		r.Enclose(k, o.ReplyTo, header, body)
		g.write(func(n int64) error {
			if n == 0 {
				return fmt.Errorf("operation %s: %w", o.ID, store.ErrExists)
			}
			return nil
		}, "insert into operation (id, route, owner, state, created, updated, reply_to, status, header, body, body_sum, sum, marks, dk) "+
			"values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing",
			r.ID, r.Route, r.Owner, r.State, r.Created, r.Updated, stored(r.Reply), r.Status, r.Header, r.Body, r.BodySum, r.Seal(), r.Marks,
			dkOf(r.DK))
		return nil
	}})
	if err == nil {
		r.Sum = r.Seal()
		p.s.recent.keep(r)
	}
	return err
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
	var r record.Operation
	wrote := false
	apply := func(g *group) error {
		wrote = false
		if ok, err := may(store.OperationState(r.State)); err != nil {
			return refuse(err)
		} else if !ok {
			return nil
		}
		old := r
		r.Move(to, end, a.Status, record.Micro(now))
		if err := lost(r.Again(p.s.open(ctx), p.s.key(ctx), header, body)); err != nil {
			return err
		}
		wrote, r.Sum = true, r.Seal()
		g.write(func(n int64) error {
			if n == 0 {
				return errAgain
			}
			return nil
		}, "update operation set state = ?, updated = ?, reply_to = ?, status = ?, header = ?, body = ?, body_sum = ?, ended = ?, dk = ?, sum "+
			"= ? where id = ? and state = ? and updated = ? and sum = ?",
			r.State, r.Updated, stored(r.Reply), r.Status, r.Header, r.Body, r.BodySum, r.End, dkOf(r.DK), r.Sum, id, old.State, old.Updated,
			old.Sum)
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
	switch {
	case err != nil || !wrote:
	case !to.Ended():
		p.s.recent.keep(r)
	default:
		if to == store.Done {
			p.s.recent.finish(id)
		}
		if len(r.Reply) > 0 {
			p.s.news.tell(store.OperationEnded)
		}
	}
	return err
}

// TakeDone is store.Handled's.
func (p operations) TakeDone(id string) bool { return p.s.recent.finished(id) }

// Standing is store.Handled's.
func (p operations) Standing(ctx context.Context, operation, topic, group, id string) (state store.OperationState, seen bool, err error) {
	m := markOf(topic, group, id)
	err = p.s.read(ctx, func(r *reader) error {
		var row record.Operation
		found, err := r.together(ctx, standing, []any{m[:], operation}, func(to scanner) error {
			return to.Scan(append(row.Fields(), &seen)...)
		})
		switch {
		case err != nil:
			return err
		case !found || row.ID != operation:
			state = ""
			seen, err = r.together(ctx, oneID, []any{m[:]}, there)
			return err
		case row.Sum != row.Seal():
			return refuse(record.Damaged("operation", row.Seq))
		}
		state = store.OperationState(row.State)
		return nil
	})
	return state, seen && err == nil, err
}

// asking returns how an operation is moved that has to be read before.
func (p operations) asking(id string, r *record.Operation, apply func(*group) error) (func(*group), func(*group) error) {
	var found bool
	return func(g *group) {
			*r = record.Operation{}
			g.read(&found, "select "+operationColumns+" from operation where id = ? for no key update", []any{id}, r.Fields()...)
		}, func(g *group) error {
			switch {
			case !found:
				return refuse(fmt.Errorf("operation %s: %w", id, store.ErrAbsent))
			case r.Sum != r.Seal():
				return refuse(record.Damaged("operation", r.Seq))
			}
			return apply(g)
		}
}

func (p operations) Get(ctx context.Context, id string) (o store.Operation, err error) {
	err = p.s.read(ctx, func(r *reader) error {
		var row record.Operation
		found, err := r.together(ctx, oneOperation, []any{id}, func(to scanner) error { return to.Scan(row.Whole()...) })
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
	err = p.s.read(ctx, func(r *reader) error {
		var row record.Operation
		found, err := r.together(ctx, "select "+operationColumns+" from operation where id = ?", []any{id}, func(to scanner) error {
			return to.Scan(row.Fields()...)
		})
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
		list, bad = nil, nil
		var found []record.Operation
		if err := r.rows("select "+operationColumns+" from operation where state = ? and (updated, seq) > (?, ?) order by updated, seq limit ?",
			[]any{string(state), updated, seq, limit}, func(rows scanner) error {
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
		return r.rows(text, args, func(rows scanner) error {
			c, err := record.OperationCount(rows)
			list = append(list, c)
			return err
		})
	})
	return list, err
}
