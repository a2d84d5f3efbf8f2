package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fondaco/store"
)

// Bounds of one group and of what may wait for the next.
const (
	groupWorks   = 1024
	groupBytes   = 16 << 20
	waitingWorks = 16384
	waitingBytes = 256 << 20
)

// work is one write of many callers at the same time. Those that wait are written together: a transaction of two round trips,
// or of one where nothing has to be read before.
type work struct {
	ctx   context.Context
	bytes int
	row   string // which it reads and writes: of one row there is one work in a group; "" for none
	// ask queues what has to be read, for apply: nil for nothing. apply queues what is written; where it returns an error it has
	// queued nothing.
	ask   func(*group)
	apply func(*group) error
	// otherwise, which may be nil, is called before the work is done again: what it went by is not so any more.
	otherwise func()
	state     atomic.Int32 // queued, then begun or withdrawn
	done      chan error
}

const (
	queued = iota
	begun
	withdrawn
)

const insertIDs = "insert into inbox (id, at) select * from unnest(?::bytea[], ?::bigint[]) on conflict (id) do update set at = " +
	"excluded.at where inbox.at < excluded.at"

// join has the work done with others, and waits until it is durable. Its error reports what is known; when ctx ends while the
// database works, that is nothing.
func (s *Store) join(ctx context.Context, w *work) error {
	if int64(w.bytes) > s.limits.BodyBytes {
		return fmt.Errorf("%w: %d bytes, at most %d may be kept", store.ErrTooLarge, w.bytes, s.limits.BodyBytes)
	}
	w.ctx, w.done = ctx, make(chan error, 2)
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
	if unwell := s.unwell.Load(); unwell != nil {
		return *unwell
	}
	s.pending = append(s.pending, w)
	s.pendingBytes += w.bytes
	s.stir()
	return nil
}

// stir wakes the writer.
func (s *Store) stir() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take returns the works of the next group, in their order, without those withdrawn; the second of one row waits for the next.
func (s *Store) take() []*work {
	s.mu.Lock()
	defer s.mu.Unlock()
	var works, later []*work
	rows := map[string]bool{}
	size, n := 0, 0
	for ; n < len(s.pending) && len(works) < groupWorks; n++ {
		w := s.pending[n]
		if len(works) > 0 && size+w.bytes > groupBytes {
			break
		}
		if rows[w.row] {
			later = append(later, w)
			continue
		}
		s.pendingBytes -= w.bytes
		if w.state.CompareAndSwap(queued, begun) {
			works, size = append(works, w), size+w.bytes
			if w.row != "" {
				rows[w.row] = true
			}
		}
	}
	if len(later) == 0 && n == len(s.pending) {
		s.pending = nil
	} else {
		s.pending = append(later, s.pending[n:]...)
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

// writer is the goroutine that writes groups, and sees whether the database is well again. It ends when stop is closed and nothing waits.
func (s *Store) writer(ctx context.Context) {
	defer close(s.over)
	retry := time.NewTimer(retryAfter)
	retry.Stop()
	defer retry.Stop()
	for stopping := false; ; {
		if !s.waits(stopping) {
			if stopping {
				return
			}
			select {
			case <-s.wake:
				if !s.waits(false) && s.unwell.Load() == nil {
					continue
				}
			case <-s.stop:
				stopping = true
				continue
			case <-retry.C:
			}
		}
		if s.unwell.Load() != nil {
			s.judge(s.probe(ctx))
		}
		if unwell := s.unwell.Load(); unwell != nil {
			for _, w := range s.take() {
				w.done <- *unwell
			}
			retry.Reset(retryAfter)
			continue
		}
		s.commit(ctx, s.take())
	}
}

// probe sees whether the database can be written; one that was never reached before is checked as Open does.
func (s *Store) probe(ctx context.Context) error {
	if s.away {
		if err := s.ready(ctx); err != nil {
			return err
		}
		s.away = false
	}
	return s.bounded(ctx, func(ctx context.Context) error {
		_, err := s.pool.Exec(ctx, "update meta set value = to_char(clock_timestamp(), 'YYYY-MM-DD HH24:MI:SS') where name = 'probe'")
		return err
	})
}

// endedAlone is how many works of a group may take too long, each by itself, before the others are told so without being tried.
const endedAlone = 2

// commit writes the works together and tells each how it ended. Where one of them fails in the database, each is tried alone: the
// others are not to blame. Where works take too long alone too, as tables are locked, the rest of the group does not wait for that in
// its turn; and of the next groups one work is tried, until one is done.
func (s *Store) commit(ctx context.Context, works []*work) {
	if len(works) == 0 {
		return
	}
	if !s.held {
		told, err := s.several(ctx, works)
		if err == nil || len(works) == 1 || !isStatement(err) {
			s.tell(works, told, err)
			return
		}
	}
	late := 0
	for i, w := range works {
		told, err := s.several(ctx, works[i:i+1])
		s.tell([]*work{w}, told, err)
		switch {
		case err == nil && s.held:
			s.held = false
			s.commit(ctx, works[i+1:])
			return
		case tookTooLong(err):
			late++
			s.held = s.held || late == endedAlone
		}
		if err != nil && (s.held || s.unwell.Load() != nil) {
			for _, other := range works[i+1:] {
				s.tell([]*work{other}, nil, err)
			}
			return
		}
	}
}

// tell hands each of the works that were tried together its outcome.
func (s *Store) tell(works []*work, told []error, err error) {
	if err != nil {
		err = s.failed(err)
	}
	for i, w := range works {
		switch {
		case err != nil:
			w.done <- err
		case errors.Is(told[i], errAgain):
			s.again(w)
		default:
			w.done <- told[i]
		}
	}
}

// again puts a work where it is done next.
func (s *Store) again(w *work) {
	if w.otherwise != nil {
		w.otherwise()
		w.otherwise = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.state.Store(queued)
	s.pending = append([]*work{w}, s.pending...)
	s.pendingBytes += w.bytes
	s.stir()
}

// several writes works in one transaction. told is what each of them is told if there is no error.
func (s *Store) several(ctx context.Context, works []*work) (told []error, err error) {
	// All processes take rows in one order, and do not wait for one another in a circle.
	slices.SortStableFunc(works, func(a, b *work) int { return strings.Compare(a.row, b.row) })
	err = s.persistent(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		told = make([]error, len(works))
		g := &group{s: s, told: told, ids: map[string]int64{}, batch: &pgx.Batch{}}
		return g.run(ctx, conn, works)
	})
	return told, err
}
