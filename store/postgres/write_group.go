package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"fondaco/store"
)

// group is the transaction of some works.
type group struct {
	s     *Store
	clock int64 // the database's time, if anything was read
	batch *pgx.Batch
	at    int     // the work whose statements are queued
	told  []error // what the works are told

	ids map[string]int64 // for the inbox, and when they were finished
}

// read queues a statement whose one row, if there is one, is read into to.
func (g *group) read(found *bool, text string, args []any, to ...any) {
	*found = false
	g.batch.Queue(numbered(text), arguments(args)...).Query(func(rs pgx.Rows) error {
		return walk(rs, func(r scanner) error {
			*found = true
			return r.Scan(to...)
		})
	})
}

// write queues a statement. judge, which may be nil, is told how many rows it changed: its error is that of the work alone.
func (g *group) write(judge func(n int64) error, text string, args ...any) {
	at := g.at
	q := g.batch.Queue(numbered(text), arguments(args)...)
	if judge == nil {
		return
	}
	q.Query(func(rs pgx.Rows) error {
		rs.Close()
		if rs.Err() == nil {
			g.told[at] = judge(rs.CommandTag().RowsAffected())
		}
		return rs.Err()
	})
}

// insert queues a statement that returns the id of the row that it made; given is called with 0 if it made none.
func (g *group) insert(given func(id int64) error, text string, args ...any) {
	at := g.at
	g.batch.Queue(numbered(text), arguments(args)...).Query(func(rs pgx.Rows) error {
		var id int64
		err := walk(rs, func(r scanner) error { return r.Scan(&id) })
		if err == nil {
			g.told[at] = given(id)
		}
		return err
	})
}

// finish takes up ids for the inbox.
func (g *group) finish(at int64, marks ...mark) {
	for _, m := range marks {
		g.ids[string(m[:])] = max(g.ids[string(m[:])], at)
	}
}

// enter queues what the group has finished, in one order, in which processes do not wait for one another in a circle.
func (g *group) enter() {
	if len(g.ids) == 0 {
		return
	}
	ids, at := make([][]byte, 0, len(g.ids)), make([]int64, 0, len(g.ids))
	for id := range g.ids {
		ids = append(ids, []byte(id))
	}
	slices.SortFunc(ids, bytes.Compare)
	for _, id := range ids {
		at = append(at, g.ids[string(id)])
	}
	g.batch.Queue(numbered(insertIDs), ids, at)
}

// run is the transaction.
func (g *group) run(ctx context.Context, conn *pgxpool.Conn, works []*work) error {
	asks := slices.ContainsFunc(works, func(w *work) bool { return w.ask != nil })
	if asks {
		g.batch.Queue("begin")
		for g.at = range works {
			if ask := works[g.at].ask; ask != nil {
				ask(g)
			}
		}
		g.batch.Queue(readClock).QueryRow(func(row pgx.Row) error { return row.Scan(&g.clock) })
		if err := conn.SendBatch(ctx, g.batch).Close(); err != nil {
			return err
		}
		g.batch = &pgx.Batch{}
	}
	for i, w := range works {
		if err := w.ctx.Err(); err != nil { // nobody waits for it any more
			g.told[i] = fmt.Errorf("nothing was written to the state: %w", err)
			continue
		}
		g.at = i
		err := w.apply(g)
		var refused refusal
		switch {
		case err == nil:
		case errors.As(err, &refused):
			g.told[i] = refused.error
		case w.ctx.Err() != nil: // it asked the database for a key, and went away: the others are not concerned
			g.told[i] = fmt.Errorf("nothing was written to the state: %w", w.ctx.Err())
		default:
			return err
		}
	}
	g.enter()
	if g.s.faults.early != nil { // the planted bug: told before it is durable
		for i, w := range works {
			w.done <- g.told[i]
		}
		g.s.faults.early()
	}
	if asks { // what is sent at once is a transaction anyway
		g.batch.Queue("commit").Exec(committed)
	}
	if g.batch.Len() == 0 {
		return nil
	}
	return conn.SendBatch(ctx, g.batch).Close()
}

// committed reports a transaction that the database has rolled back instead.
func committed(tag pgconn.CommandTag) error {
	if tag.String() != "COMMIT" {
		return fmt.Errorf("%w: the transaction ended with %s", store.ErrIO, tag)
	}
	return nil
}
