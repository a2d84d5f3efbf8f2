package traces

import (
	"context"
	"database/sql"
	"time"
)

// Bounds of the writer.
const (
	batch    = 512                    // exchanges of one transaction
	gather   = 200 * time.Millisecond // how long the first of a batch waits for more
	sweeping = time.Minute            // how often what is too old goes, at least
	several  = 1000                   // exchanges that go at a time
)

const (
	insertExchange = "insert into exchange (kind, route, topic, grp, request, operation, message, trace, span, parent, release, began, " +
		"took, status, outcome, attempt, fault) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
	stepsBefore     = "delete from step where exchange in (select id from exchange where began < ? order by id limit ?)"
	exchangesBefore = "delete from exchange where id in (select id from exchange where began < ? order by id limit ?)"
	oldestSteps     = "delete from step where exchange in (select id from exchange order by id limit ?)"
	oldestExchanges = "delete from exchange where id in (select id from exchange order by id limit ?)"
	insertStep      = "insert into step values (?,?,?,?,?,?,?,?,?,?,?)"
)

// write writes what comes until ctx ends, and then what waits.
func (s *Store) write(ctx context.Context) {
	defer close(s.done)
	sweep := time.NewTicker(sweeping)
	defer sweep.Stop()
	alive := context.WithoutCancel(ctx)
	s.sweep(alive)
	var list []*Exchange
	for {
		list = list[:0]
		select {
		case x := <-s.in:
			list = s.more(ctx, append(list, x))
			s.keep(alive, list)
		case told := <-s.ask:
			if list = s.waiting(list); len(list) > 0 {
				s.keep(alive, list)
			}
			close(told)
		case <-sweep.C:
			s.sweep(alive)
		case <-ctx.Done():
			for list = s.waiting(list); len(list) > 0; list = s.waiting(list[:0]) {
				s.keep(alive, list)
			}
			return
		}
	}
}

// more gathers a batch for a moment.
func (s *Store) more(ctx context.Context, list []*Exchange) []*Exchange {
	up := time.NewTimer(gather)
	defer up.Stop()
	for len(list) < batch {
		select {
		case x := <-s.in:
			list = append(list, x)
		case told := <-s.ask: // somebody looks
			list = s.waiting(list)
			s.keep(context.WithoutCancel(ctx), list)
			close(told)
			return list[:0]
		case <-up.C:
			return list
		case <-ctx.Done():
			return list
		}
	}
	return list
}

// waiting takes what is there, up to a batch.
func (s *Store) waiting(list []*Exchange) []*Exchange {
	for len(list) < batch {
		select {
		case x := <-s.in:
			list = append(list, x)
		default:
			return list
		}
	}
	return list
}

// flush returns when what was kept before can be read.
func (s *Store) flush(ctx context.Context) {
	told := make(chan struct{})
	select {
	case s.ask <- told:
	case <-s.done:
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-told:
	case <-ctx.Done():
	}
}

// keep writes a batch. What cannot be written is counted: a trace is worth no retry.
func (s *Store) keep(ctx context.Context, list []*Exchange) {
	if len(list) == 0 {
		return
	}
	if err := s.insert(ctx, list); err != nil {
		s.failed.Add(int64(len(list)))
		return
	}
	s.kept.Add(int64(len(list)))
	s.bound(ctx)
}

func (s *Store) insert(ctx context.Context, list []*Exchange) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing, before it the error is told already
	exchange, err := tx.PrepareContext(ctx, insertExchange)
	if err != nil {
		return err
	}
	defer func() { _ = exchange.Close() }()
	step, err := tx.PrepareContext(ctx, insertStep)
	if err != nil {
		return err
	}
	defer func() { _ = step.Close() }()
	for _, x := range list {
		x.Request, x.Message = s.named(x.Request), s.named(x.Message)
		for i := range x.Steps {
			x.Steps[i].Message = s.named(x.Steps[i].Message)
		}
		if err := x.insert(ctx, exchange, step); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (x *Exchange) insert(ctx context.Context, exchange, step *sql.Stmt) error {
	made, err := exchange.ExecContext(ctx, x.Kind, x.Route, x.Topic, x.Group, x.Request, x.Operation, x.Message, x.Trace[:], x.Span[:],
		x.Parent[:], x.Release, x.Began.UnixMicro(), x.Took.Microseconds(), x.Status, x.Outcome, x.Attempt, x.Fault)
	if err != nil {
		return err
	}
	id, err := made.LastInsertId()
	for n := 0; n < len(x.Steps) && err == nil; n++ {
		t := &x.Steps[n]
		_, err = step.ExecContext(ctx, id, n, t.Place, t.System, t.Operation, t.Effect, t.Message, t.Attempt, t.After.Microseconds(),
			t.Took.Microseconds(), t.Fault)
	}
	return err
}

// sweep lets go what is too old.
func (s *Store) sweep(ctx context.Context) {
	before := s.options.Now().Add(-s.options.Keep).UnixMicro()
	for {
		n, err := s.letGo(ctx, stepsBefore, exchangesBefore, before, several)
		if err != nil || n < several {
			return
		}
	}
}

// bound lets the oldest go while the file is larger than it may be.
func (s *Store) bound(ctx context.Context) {
	for {
		var size int64
		if err := s.writer.QueryRowContext(ctx, "select ((select page_count from pragma_page_count) - (select freelist_count from "+
			"pragma_freelist_count)) * (select page_size from pragma_page_size)").Scan(&size); err != nil || size <= s.options.Size {
			return
		}
		if n, err := s.letGo(ctx, oldestSteps, oldestExchanges, several); err != nil || n == 0 {
			return
		}
	}
}

// letGo removes exchanges with their steps by one statement each, and returns how many those are.
func (s *Store) letGo(ctx context.Context, steps, exchanges string, args ...any) (int64, error) {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing, before it the error is told already
	if _, err := tx.ExecContext(ctx, steps, args...); err != nil {
		return 0, err
	}
	gone, err := tx.ExecContext(ctx, exchanges, args...)
	if err != nil {
		return 0, err
	}
	n, err := gone.RowsAffected()
	if err != nil {
		return 0, err
	}
	return n, tx.Commit()
}
