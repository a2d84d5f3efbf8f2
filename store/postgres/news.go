package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"fondaco/store"
)

const (
	// newsEvery is the time between two NOTIFY of a process: each of them holds a lock of the database while it commits.
	newsEvery = 50 * time.Millisecond
	// listenCheck is how long a silent connection is believed to be one: a host that is gone sends nothing.
	listenCheck = 30 * time.Second
)

// news tells other processes what this one changed, and hears what they did: NOTIFY and LISTEN
// (https://www.postgresql.org/docs/current/sql-notify.html). It holds one connection beside those of the pool.
type news struct {
	watchers store.Watchers
	pending  atomic.Uint32 // of store.News, which others have not been told
	kick     chan struct{}
	end      context.CancelFunc
	running  sync.WaitGroup
}

// channel is the name under which the processes with a schema tell one another news.
func channel(schema string) string { return "fondaco_" + hex.EncodeToString(hashed(schema)[:16]) }

// begin starts to tell and to hear.
func (n *news) begin(ctx context.Context, s *Store) {
	n.kick = make(chan struct{}, 1)
	if s.at.pooled {
		return
	}
	ctx, n.end = context.WithCancel(ctx)
	n.running.Go(func() { n.notify(ctx, s) })
	n.running.Go(func() { n.listen(ctx, s) })
}

// stop sends the news that is left, and ends. It is called once, before the pool is closed.
func (n *news) stop() {
	if n.end == nil {
		return
	}
	n.end()
	n.running.Wait()
}

// Wake is as store.Waker says. Behind a pooler in transaction mode nobody is woken.
func (s *Store) Wake(kinds store.News) (woken <-chan struct{}, stop func()) {
	if s.at.pooled {
		return nil, func() {}
	}
	return s.news.watchers.Wake(kinds)
}

var _ store.Waker = (*Store)(nil)

// tell wakes who waits in this process at once, and has other processes notified soon. What changed is durable by then.
func (n *news) tell(kinds store.News) {
	n.watchers.Tell(kinds)
	n.pending.Or(uint32(kinds))
	select {
	case n.kick <- struct{}{}:
	default:
	}
}

// notify tells other processes until ctx ends, and then what is left.
func (n *news) notify(ctx context.Context, s *Store) {
	for {
		select {
		case <-n.kick:
		case <-ctx.Done():
			if s.unwell.Load() == nil {
				_ = n.send(context.WithoutCancel(ctx), s) // what is not told others find by themselves
			}
			return
		}
		rest := newsEvery
		if err := n.send(context.WithoutCancel(ctx), s); err != nil {
			rest = retryAfter
		}
		select {
		case <-time.After(rest):
		case <-ctx.Done():
		}
	}
}

// send notifies others of what they have not been told. What could not be sent is sent later, with what comes meanwhile.
func (n *news) send(ctx context.Context, s *Store) error {
	kinds := n.pending.Swap(0)
	if kinds == 0 {
		return nil
	}
	err := s.bounded(ctx, func(ctx context.Context) error {
		_, err := s.pool.Exec(ctx, "select pg_notify($1, $2)", channel(s.at.schema), s.owner+" "+strconv.FormatUint(uint64(kinds), 10))
		return err
	})
	if err != nil {
		n.pending.Or(kinds)
		select {
		case n.kick <- struct{}{}:
		default:
		}
	}
	return err
}

// listen hears what other processes tell until ctx ends, and connects again where the connection is cut.
func (n *news) listen(ctx context.Context, s *Store) {
	for ctx.Err() == nil {
		_ = n.hear(ctx, s) // the health of the state reports what is wrong with the database
		select {
		case <-time.After(retryAfter):
		case <-ctx.Done():
		}
	}
}

// hear connects, and hears until something fails or ctx ends.
func (n *news) hear(ctx context.Context, s *Store) error {
	var conn *pgx.Conn
	if err := s.bounded(ctx, func(ctx context.Context) (err error) {
		if conn, err = pgx.ConnectConfig(ctx, s.at.pool.ConnConfig.Copy()); err == nil {
			_, err = conn.Exec(ctx, "listen "+channel(s.at.schema))
		}
		return err
	}); err != nil {
		n.leave(ctx, conn)
		return err
	}
	defer n.leave(ctx, conn)
	n.watchers.Tell(store.AllNews) // what was told before was not heard
	for {
		within, end := context.WithTimeout(ctx, listenCheck)
		told, err := conn.WaitForNotification(within)
		silent := within.Err() != nil && ctx.Err() == nil
		end()
		switch {
		case err == nil:
			n.heard(s, told.Payload)
		case !silent:
			return err
		default:
			if err := s.bounded(ctx, func(ctx context.Context) error { return stillPrimary(ctx, conn) }); err != nil {
				return err
			}
		}
	}
}

// leave closes a connection, which may be nil, without waiting long for the database.
func (n *news) leave(ctx context.Context, conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), retryAfter)
	defer end()
	_ = conn.Close(ctx)
}

// stillPrimary refuses a connection to a server that is gone, or is one no more that others write to.
func stillPrimary(ctx context.Context, conn *pgx.Conn) error {
	var standby bool
	err := conn.QueryRow(ctx, "select pg_is_in_recovery()").Scan(&standby)
	if err == nil && standby {
		return fmt.Errorf("%w: the server is a standby", store.ErrIO)
	}
	return err
}

// heard takes up what a process has told. What it told itself, and what is no news, is passed over.
func (n *news) heard(s *Store, payload string) {
	owner, text, _ := strings.Cut(payload, " ")
	if kinds, err := strconv.ParseUint(text, 10, 8); err == nil && owner != s.owner {
		n.watchers.Tell(store.News(kinds))
	}
}
