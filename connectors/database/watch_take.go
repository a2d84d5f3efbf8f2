package database

import (
	"context"
	"slices"

	"fondaco/connectors"
	"fondaco/connectors/database/driver"
)

// outbox is rows that were taken and are kept locked until it is known what became of them.
type outbox struct {
	tx   driver.Tx // nil where nothing is locked
	rows []row
}

// abandon leaves the rows of a poll to the next.
func (x *watching) abandon() {
	if x.open != nil && x.open.tx != nil {
		x.open.tx.Rollback()
	}
	x.open = nil
}

// take takes rows of an outbox.
func (x *watching) take(ctx context.Context, at string) (*connectors.Finds, error) {
	if x.driver.Queue.Skip == "" {
		rows, err := x.rows(ctx, x.pool, x.waiting(x.driver, x.watch, false), nil)
		return x.took(&outbox{rows: rows}, at, len(rows) == x.batch), err
	}
	tx, err := x.pool.Begin(ctx)
	if err != nil {
		return nil, err
	}
	x.open = &outbox{tx: tx}
	there, err := x.rows(ctx, tx, x.waiting(x.driver, x.watch, false), nil)
	if err != nil {
		return nil, err
	}
	if len(there) == 0 {
		x.abandon()
		return &connectors.Finds{Place: at}, nil
	}
	locked, err := x.rows(ctx, tx, x.waiting(x.driver, x.watch, true), nil)
	if err != nil {
		return nil, err
	}
	x.open.rows = inOrder(there, locked)
	return x.took(x.open, at, len(x.open.rows) == x.batch), nil
}

// inOrder returns the locked rows but for those that would overtake an earlier one of their key, which somebody else holds.
func inOrder(there, locked []row) []row {
	held := map[string]bool{}
	for _, r := range locked {
		held[r.find.ID] = true
	}
	waits := map[string]bool{}
	early := map[string]bool{}
	for _, r := range there {
		if !held[r.find.ID] && r.find.Key != "" {
			waits[r.find.Key] = true
		}
		if held[r.find.ID] && !waits[r.find.Key] {
			early[r.find.ID] = true
		}
	}
	known := map[string]bool{}
	for _, r := range there {
		known[r.find.ID] = true
	}
	return slices.DeleteFunc(locked, func(r row) bool { return !early[r.find.ID] && (known[r.find.ID] || waits[r.find.Key]) })
}

// took returns what was taken.
func (x *watching) took(o *outbox, at string, more bool) *connectors.Finds {
	x.open = o
	return &connectors.Finds{Items: finds(o.rows), Place: at, More: more, Done: func(ctx context.Context, kept bool) error {
		if x.open != o {
			return nil // it was given up
		}
		if !kept {
			x.abandon()
			return nil
		}
		err := x.settle(ctx, o)
		if err != nil {
			x.abandon()
			return x.failed(err)
		}
		x.open = nil
		return nil
	}}
}

// settle removes what was taken and is kept.
func (x *watching) settle(ctx context.Context, o *outbox) (err error) {
	if o.tx == nil {
		if o.tx, err = x.pool.Begin(ctx); err != nil {
			return err
		}
	}
	q := x.taken(x.driver, x.watch)
	for _, r := range o.rows {
		args := make([]driver.Arg, len(q.args))
		for i, name := range q.args {
			v := r.find.Body.Get(name)
			args[i] = argument(v, q.types[i])
			if text, named := r.texts[name]; named {
				args[i] = driver.Arg{Type: q.types[i], Text: text}
			}
		}
		if _, err := o.tx.Run(ctx, q.Statement, args, nil); err != nil {
			return err
		}
	}
	tx := o.tx
	o.tx = nil // ended, however Commit ends
	return tx.Commit(ctx)
}
