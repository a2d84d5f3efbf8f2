package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fondaco/store"
	"fondaco/store/crypt"
)

// Options say whose state it is and how much is kept.
type Options struct {
	Project string       // the project's name; a schema of another project is refused
	Limits  store.Limits // zero fields take their defaults
	Keys    crypt.Keys   // what is written is encrypted with the first; none for as it is
	Topics  string       // where the messages of the state's operations are: see TopicsIn and TopicsShared; "" for nowhere
	Away    bool         // a database that cannot be reached is no error of Open: all is store.ErrIO until it can be

	copying bool // of OpenForCopy
}

// Store is a store.Store in a schema of PostgreSQL. Several processes may have the same open.
type Store struct {
	place     string // for messages, without a password
	owner     string // of this start of a process, among all
	limits    store.Limits
	patience  time.Duration
	faults    faults
	pool      *pgxpool.Pool
	vault     *vault
	at        address
	project   string
	topics    string
	copying   bool
	away      bool  // it was never reached, and what check refuses is not known; of Open, and then of the writer
	noted     noted // exchanges with intents
	recent    recents
	news      news
	questions questions
	seals     seals
	held      bool // works took too long one by one, and none was done since; of the writer

	unwell atomic.Pointer[error]
	using  sync.WaitGroup // callers with a transaction or a question of their own
	alone  chan struct{}  // as many transactions of their own at a time

	mu           sync.Mutex
	pending      []*work
	pendingBytes int
	ended        bool

	wake       chan struct{}
	stop, over chan struct{}
	stopOnce   sync.Once
}

// faults are planted by tests to see that they are found, and stand in for what a test cannot wait for.
type faults struct {
	early func()                     // tells a write before it is durable, then calls this
	time  func(told time.Time) int64 // the database's time, of a caller who told his own
	trace pgx.QueryTracer            // sees what is sent
	// patience with one transaction or question; the constant if 0
	patience time.Duration
}

// Open opens the state at an address like postgres://role@host:5432/database?schema=name; without schema it has the project's name.
// Several hosts may be named: the first that can be written is used. Passwords, TLS and timeouts are as libpq has them in addresses,
// files and the environment. A schema that is missing, of another format or of another project, and rights or settings with which
// the promises of store.Store do not hold, are refused with what to do; nothing is written then. So is a state that is encrypted with a
// key that Options do not have (ErrMissingKey), and one whose topics are elsewhere than Options say. The caller closes the store.
func Open(ctx context.Context, address string, o Options) (*Store, error) {
	return openWith(ctx, address, o, faults{})
}

func openWith(ctx context.Context, address string, o Options, planted faults) (*Store, error) {
	a, err := parse(address, o.Project)
	if err != nil {
		return nil, err
	}
	a.pool.AfterConnect = a.fit
	a.pool.ConnConfig.Tracer = planted.trace
	pool, err := pgxpool.NewWithConfig(context.WithoutCancel(ctx), a.pool)
	if err != nil {
		return nil, fmt.Errorf("state %s: %w", a.place, err)
	}
	s := &Store{
		at: a, project: o.Project, topics: o.Topics, place: a.place, owner: newOwner(), limits: o.Limits.Filled(),
		patience: cmp.Or(planted.patience, patience),
		faults:   planted, pool: pool, copying: o.copying,
		alone: make(chan struct{}, max(1, int(a.pool.MaxConns)/2)), wake: make(chan struct{}, 1), stop: make(chan struct{}),
		over: make(chan struct{}),
	}
	s.vault = newVault(pool, o.Keys)
	s.seals.s = s
	if err = s.ready(ctx); err != nil {
		err = classifyOpening(err)
		if s.away = o.Away && errors.Is(err, store.ErrIO) && ctx.Err() == nil; !s.away {
			pool.Close()
			return nil, fmt.Errorf("state %s: %w", a.place, err)
		}
		s.judge(fmt.Errorf("state %s: %w", a.place, err))
		s.stir()
	}
	if o.copying {
		s.patience = copyPatience
	}
	s.news.begin(context.WithoutCancel(ctx), s)
	go s.writer(context.WithoutCancel(ctx))
	return s, nil
}

// ready reports what refuses the state: its schema, its keys, the topics of another process.
func (s *Store) ready(ctx context.Context) error {
	return s.bounded(ctx, func(ctx context.Context) error {
		if err := check(ctx, s.pool, s.at, s.project); err != nil {
			return err
		}
		if err := s.vault.check(ctx); err != nil {
			return err
		}
		if !s.copying {
			if err := s.whole(ctx); err != nil {
				return err
			}
		}
		return s.claim(ctx)
	})
}

// Health reports why the state cannot be written, nil if it can.
func (s *Store) Health() error {
	if err := s.unwell.Load(); err != nil {
		return *err
	}
	return nil
}

// Close writes what waits and closes the connections. It may be called again.
func (s *Store) Close() error {
	s.stopOnce.Do(func() {
		close(s.stop)
		<-s.over
		s.using.Wait()
		s.news.stop()
		s.pool.Close()
	})
	<-s.over
	return nil
}

// Inbox returns the ids of finished messages.
func (s *Store) Inbox() store.Inbox { return inbox{s} }

// Idempotency returns the answers under idempotency keys.
func (s *Store) Idempotency() store.Idempotency { return idempotency{s} }

// Operations returns the states of accepted requests.
func (s *Store) Operations() store.Operations { return operations{s} }

// DeadLetters returns the messages that could not be handled.
func (s *Store) DeadLetters() store.DeadLetters { return letters{s} }

// Schedules returns the owners and last runs of what may run once only.
func (s *Store) Schedules() store.Schedules { return schedules{s} }

// Collections returns the messages being collected.
func (s *Store) Collections() store.Collections { return collections{s} }

// Sequences returns the durable rising numbers.
func (s *Store) Sequences() store.Sequences { return sequences{s} }

// Replays returns what may come once.
func (s *Store) Replays() store.Replays { return replays{s} }

// Intents returns the calls that were begun and may not be made again.
func (s *Store) Intents() store.Intents { return intents{s} }

var _ store.Store = (*Store)(nil)
