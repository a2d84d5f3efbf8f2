package postgres

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
)

const (
	askedTogether = 256 // questions in one round trip
	asking        = 3   // round trips at the same time, of the connections that there are
)

// question is one read by a key, of many at the same time. Those that wait for a connection are asked together, in one round trip.
type question struct {
	text  string
	args  []any
	scan  func(scanner) error
	found bool
	done  chan error
}

// questions are those that wait. Safe for concurrent use.
type questions struct {
	mu      sync.Mutex
	waiting []*question
	running int
}

// together reads, for a caller of read, the one row that a statement finds by a key; false if there is none. scan is not called after together returned nil;
// after an error it may be, so that what it writes to is not read then. The statement changes nothing.
func (r *reader) together(ctx context.Context, text string, args []any, scan func(scanner) error) (found bool, err error) {
	q := &question{text: numbered(text), args: arguments(args), scan: scan, done: make(chan error, 1)}
	s, n := r.s, &r.s.questions
	n.mu.Lock()
	n.waiting = append(n.waiting, q)
	if n.running < asking {
		n.running++
		s.using.Add(1) // the caller is one already, so that Close waits
		go s.answer(context.WithoutCancel(ctx))
	}
	n.mu.Unlock()
	select {
	case err := <-q.done:
		return q.found && err == nil, err
	case <-r.ctx.Done():
		return false, r.ctx.Err()
	}
}

// take returns the next questions; none where this round trip was the last.
func (n *questions) take() (list []*question) {
	n.mu.Lock()
	defer n.mu.Unlock()
	most := min(len(n.waiting), askedTogether)
	list, n.waiting = n.waiting[:most:most], n.waiting[most:]
	if most == 0 {
		n.waiting = nil
		n.running--
	}
	return list
}

// answer asks what waits until nothing does.
func (s *Store) answer(ctx context.Context) {
	defer s.using.Done()
	for {
		list := s.questions.take()
		if len(list) == 0 {
			return
		}
		err := s.bounded(ctx, func(ctx context.Context) error { return s.askTogether(ctx, list) })
		if err != nil && len(list) > 1 && isStatement(err) { // of one of them: the others are not to blame
			for _, q := range list {
				q.done <- s.bounded(ctx, func(ctx context.Context) error { return s.askTogether(ctx, []*question{q}) })
			}
			continue
		}
		for _, q := range list {
			q.done <- err
		}
	}
}

// askTogether asks in one round trip.
func (s *Store) askTogether(ctx context.Context, list []*question) error {
	var b pgx.Batch
	for _, q := range list {
		q.found = false
		b.Queue(q.text, q.args...).Query(func(rs pgx.Rows) error {
			return walk(rs, func(r scanner) error {
				if q.found {
					return nil
				}
				q.found = true
				return q.scan(r)
			})
		})
	}
	return s.pool.SendBatch(ctx, &b).Close()
}
