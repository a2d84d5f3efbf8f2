package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"fondaco/store"
	"fondaco/store/record"
	"fondaco/store/sqlitefile"
)

// Bounds of one transaction and of what may wait for the next.
const (
	batchWorks   = 4096
	batchBytes   = 16 << 20
	waitingWorks = 16384
	waitingBytes = 256 << 20
)

// retryAfter is the pause after which a failed writer tries by itself.
const retryAfter = time.Second

// work is one write. It is applied as a whole or not at all: apply refuses before it writes.
type work struct {
	ctx   context.Context
	bytes int
	apply func(*tx) error
	state atomic.Int32 // queued, then begun or withdrawn
	done  chan error
}

const (
	queued = iota
	begun
	withdrawn
)

// refusal is an error of one work that leaves the others of its transaction alone; nothing was written for it.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func refuse(err error) error { return refusal{err} }

// tx is the transaction of the writer's goroutine.
type tx struct {
	ctx context.Context
	f   *file
	s   *Store

	fresh  []entered // ids for the inbox
	newest int64     // when the youngest of them was finished
	run    *run      // that was made of them and those before

	operations map[string]record.Operation // the rows that it wrote, by id; see operations_known.go
	unknown    bool                        // it wrote rows of operations that are not among those
}

// exec runs a statement and returns the rows it changed.
func (x *tx) exec(text string, args ...any) (int64, error) {
	r, err := x.result(text, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// insert runs a statement and returns the id of the row it made.
func (x *tx) insert(text string, args ...any) (int64, error) {
	r, err := x.result(text, args)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

func (x *tx) result(text string, args []any) (sql.Result, error) {
	st, err := x.f.writing(x.ctx, text)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(x.ctx, args...)
}

// row reads one row into to; false if there is none.
func (x *tx) row(text string, args []any, to ...any) (bool, error) {
	st, err := x.f.writing(x.ctx, text)
	if err != nil {
		return false, err
	}
	err = st.QueryRowContext(x.ctx, args...).Scan(to...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// rows calls each for every row.
func (x *tx) rows(text string, args []any, each func(*sql.Rows) error) error {
	st, err := x.f.writing(x.ctx, text)
	if err != nil {
		return err
	}
	return walk(x.ctx, st, args, each)
}

func walk(ctx context.Context, st *sql.Stmt, args []any, each func(*sql.Rows) error) error {
	rs, err := st.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rs.Close()
	for rs.Next() {
		if err := each(rs); err != nil {
			return err
		}
	}
	return rs.Err()
}

// write has the work done by the writer and waits until it is durable. Its error reports what is known; when ctx ends
// while the disk works, that is nothing.
func (s *Store) write(ctx context.Context, bytes int, apply func(*tx) error) error {
	if int64(bytes) > s.limits.BodyBytes {
		return fmt.Errorf("%w: %d bytes, at most %d may be kept", store.ErrTooLarge, bytes, s.limits.BodyBytes)
	}
	w := &work{ctx: ctx, bytes: bytes, apply: apply, done: make(chan error, 2)}
	if err := s.enqueue(w); err != nil {
		return err
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		if w.state.CompareAndSwap(queued, withdrawn) {
			return fmt.Errorf("nothing was written to the state: %w", context.Cause(ctx))
		}
		return fmt.Errorf("the state was being written, and whether it was is not known: %w", context.Cause(ctx))
	}
}

func (s *Store) enqueue(w *work) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended:
		return store.ErrClosed
	case len(s.pending) >= waitingWorks || s.pendingBytes > 0 && s.pendingBytes+w.bytes > waitingBytes:
		return fmt.Errorf("%w: %d writes, %d bytes", store.ErrBusy, len(s.pending), s.pendingBytes)
	}
	s.pending = append(s.pending, w)
	s.pendingBytes += w.bytes
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// take returns the works for the next transaction, in their order, without those withdrawn.
func (s *Store) take() []*work {
	s.mu.Lock()
	defer s.mu.Unlock()
	var works []*work
	n, bytes := 0, 0
	for ; n < len(s.pending) && len(works) < batchWorks; n++ {
		w := s.pending[n]
		if len(works) > 0 && bytes+w.bytes > batchBytes {
			break
		}
		s.pendingBytes -= w.bytes
		if w.state.CompareAndSwap(queued, begun) {
			works, bytes = append(works, w), bytes+w.bytes
		}
	}
	if s.pending = s.pending[n:]; len(s.pending) == 0 {
		s.pending = nil
	}
	return works
}

// waits reports whether works wait; if none do and the store is being closed, none are let in any more.
func (s *Store) waits(stopping bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 && stopping {
		s.ended = true
	}
	return len(s.pending) > 0
}

// writer is the goroutine that writes. It ends when stop is closed and nothing waits any more.
func (s *Store) writer(ctx context.Context) {
	defer close(s.over)
	retry := time.NewTimer(retryAfter)
	retry.Stop()
	defer retry.Stop()
	tidy := sqlitefile.NewTidier()
	defer tidy.Stop()
	for stopping := false; ; {
		if !s.waits(stopping) {
			if stopping {
				return
			}
			select {
			case <-s.wake:
				if s.waits(false) {
					break
				}
				if s.unwell.Load() != nil { // a reader met a fault: see whether writing works
					retry.Reset(retryAfter)
				}
				continue
			case <-s.stop:
				stopping = true
				continue
			case <-tidy.Due():
				tidy.Tidy(ctx, s.connection())
				continue
			case <-retry.C:
			}
		}
		runtime.Gosched() // those who were just told, and may write again, come into this transaction
		if s.commit(ctx, s.take()); s.unwell.Load() != nil {
			retry.Reset(retryAfter)
		} else {
			tidy.Wrote(ctx, s.connection())
		}
	}
}

// commit brings the works into one transaction and tells each how it ended. Without works it probes whether writing
// works again.
func (s *Store) commit(ctx context.Context, works []*work) {
	if len(works) == 0 && s.unwell.Load() == nil {
		return // all were withdrawn
	}
	results := make([]error, len(works))
	err := s.run(ctx, works, results)
	if err != nil {
		err = fmt.Errorf("state %s: %w", s.path, classify(err))
		s.discard()
	}
	s.judge(err)
	for i, w := range works {
		if err != nil {
			w.done <- err
		} else {
			w.done <- results[i]
		}
	}
}

func (s *Store) run(ctx context.Context, works []*work, results []error) error {
	f, err := s.current(ctx)
	if err != nil {
		return err
	}
	x := &tx{ctx: ctx, f: f, s: s}
	if _, err := x.exec("begin immediate"); err != nil {
		return err
	}
	for i, w := range works {
		if err = w.ctx.Err(); err != nil { // nobody waits for it any more
			results[i] = fmt.Errorf("nothing was written to the state: %w", err)
			err = nil
			continue
		}
		err = w.apply(x)
		var refused refusal
		if errors.As(err, &refused) {
			results[i], err = refused.error, nil
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		err = x.enter()
	}
	if err == nil && len(works) == 0 {
		_, err = x.exec("update meta set value = ? where name = 'probe'", fmt.Sprint(s.commits.Load()))
	}
	if err == nil && s.faults.early != nil { // the planted bug: told before it is durable
		for i, w := range works {
			w.done <- results[i]
		}
		s.faults.early()
	}
	if err == nil && s.faults.commit != nil {
		err = s.faults.commit()
	}
	if err == nil {
		_, err = x.exec("commit")
	}
	if err != nil {
		_, _ = x.exec("rollback")
		s.vault.Forget()
		return err
	}
	s.finished.entered(x)
	s.known.entered(x)
	s.commits.Add(1)
	return nil
}

// current returns the open file, after a failure by opening it anew: what a failed fsync left behind is not trusted.
func (s *Store) current(ctx context.Context) (*file, error) {
	if s.suspect.Swap(false) {
		s.discard()
	}
	if f := s.file.Load(); f != nil {
		return f, nil
	}
	f, err := open(ctx, s.path, s.project, s.steps, s.vault)
	if err != nil {
		return nil, err
	}
	x := &tx{ctx: ctx, f: f, s: s}
	if _, err := x.row("select coalesce(sum(weight), 0) from letter", nil, &s.letterBytes); err != nil {
		f.close()
		return nil, err
	}
	s.file.Store(f)
	return f, nil
}

// connection returns the connection that writes, nil while the file is closed.
func (s *Store) connection() *sql.Conn {
	if f := s.file.Load(); f != nil {
		return f.conn
	}
	return nil
}

// discard closes a file that failed.
func (s *Store) discard() {
	s.known.forget()
	if f := s.file.Swap(nil); f != nil {
		f.close()
	}
}

// judge keeps what Health reports.
func (s *Store) judge(err error) {
	if err == nil {
		s.unwell.Store(nil)
		return
	}
	told := fmt.Errorf("the state cannot be written; free space or repair the disk, writing resumes by itself: %w", err)
	s.unwell.Store(&told)
}
