package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"fondaco/store"
	"fondaco/store/crypt"
	"fondaco/store/record"
	"fondaco/store/sqlitefile"
)

// Options say whose state it is and how much is kept.
type Options struct {
	Project string       // the project's name; a file of another project is refused
	Limits  store.Limits // zero fields take their defaults
	Keys    crypt.Keys   // what is written is encrypted with the first; none for as it is

	copying bool // of OpenForCopy
}

// Store is a store.Store in a file.
type Store struct {
	path, project string
	steps         []string
	limits        store.Limits
	faults        faults
	lock          *sqlitefile.Lock
	finished      finished
	known         known     // of operations
	exchanges     exchanges // those with intents
	vault         *sqlitefile.Vault

	file    atomic.Pointer[file] // nil while the place cannot be opened
	unwell  atomic.Pointer[error]
	damaged atomic.Pointer[error] // what Health reports for good
	end     context.CancelFunc    // of what goes on beside
	beside  sync.WaitGroup
	suspect atomic.Bool // a reader met a fault: open the file anew
	commits atomic.Int64

	mu           sync.Mutex
	pending      []*work
	pendingBytes int
	ended        bool

	wake        chan struct{}
	stop, over  chan struct{}
	stopOnce    sync.Once
	letterBytes int64 // what all dead letters hold; of the writer's goroutine alone
}

// faults are planted by tests to see that they are found.
type faults struct {
	early  func()       // tells a write before it is durable, then calls this
	commit func() error // is called before each commit
}

// Open opens the state in the file at path, and makes it if there is none; its folder must exist. Two files beside it
// belong to it, and an empty lock file: one process at a time has it open. What is not this project's state, or of a
// newer version, is refused and left as it is; so is a damaged file, and one that is encrypted with a key that Options do not
// have (sqlitefile.ErrMissingKey). The caller closes the store.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	return openWith(ctx, path, o, migrations, faults{})
}

func openWith(ctx context.Context, path string, o Options, steps []string, planted faults) (*Store, error) {
	if err := kind(steps).Inspect(ctx, path, o.Project); err != nil {
		return nil, err
	}
	l, err := kind(steps).Acquire(ctx, path)
	if err != nil {
		return nil, err
	}
	s := &Store{
		path: path, project: o.Project, steps: steps, limits: o.Limits.Filled(), faults: planted, lock: l,
		vault: sqlitefile.NewVault(o.Keys, record.Tables...),
		wake:  make(chan struct{}, 1), stop: make(chan struct{}), over: make(chan struct{}),
	}
	f, err := s.current(ctx)
	later := false
	if err == nil && !o.copying {
		if err = f.whole(ctx); err != nil {
			err = fmt.Errorf("state %s: %w", path, err)
		}
	}
	if err == nil {
		later, err = kind(steps).SoundAtOnce(ctx, f.conn, path)
	}
	if err == nil {
		err = sqlitefile.Scrub(ctx, f.conn)
	}
	if err == nil {
		err = s.finished.load(ctx, f)
	}
	if err == nil {
		err = s.exchanges.load(ctx, f)
	}
	if err != nil {
		s.discard()
		l.Release()
		if word := classify(err); errors.Is(word, store.ErrFull) {
			return nil, fmt.Errorf("%w: %w", store.ErrFull, err)
		}
		return nil, err
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	s.end = end
	go s.writer(context.WithoutCancel(ctx))
	if later {
		s.beside.Go(func() { s.examine(life, f) })
	}
	return s, nil
}

// examine reads the whole structure of a large file beside the work, and keeps what Health reports if it is damaged.
func (s *Store) examine(ctx context.Context, f *file) {
	if err := kind(s.steps).Sound(ctx, f.read, s.path); errors.Is(err, sqlitefile.ErrDamaged) {
		s.damaged.Store(&err)
	}
}

// Health reports why the state cannot be written, nil if it can.
func (s *Store) Health() error {
	for _, told := range []*atomic.Pointer[error]{&s.damaged, &s.unwell} {
		if err := told.Load(); err != nil {
			return *err
		}
	}
	return nil
}

// Close writes what waits and closes the file. It may be called again.
func (s *Store) Close() error {
	s.stopOnce.Do(func() {
		close(s.stop)
		<-s.over
		s.end()
		s.beside.Wait()
		s.discard()
		s.lock.Release()
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
