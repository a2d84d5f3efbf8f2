package traces

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/store/sqlitefile"
)

// kind is that of the file.
var kind = sqlitefile.Kind{Mark: 0x46545243, Formats: 1, Name: "traces", Several: "traces", Plural: true}

const schema = `
create table meta (name text primary key, value text not null) without rowid;
create table exchange (
	id integer primary key, kind text not null, route text not null, topic text not null, grp text not null, request text not null,
	operation text not null, message text not null, trace blob not null, span blob not null, parent blob not null, release text not null,
	began integer not null, took integer not null, status integer not null, outcome text not null, attempt integer not null,
	fault text not null
);
create index exchange_trace on exchange (trace);
create index exchange_request on exchange (request) where request <> '';
create index exchange_operation on exchange (operation) where operation <> '';
create index exchange_message on exchange (message) where message <> '';
create table step (
	exchange integer not null, n integer not null, place text not null, system text not null, operation text not null, effect text not null,
	message text not null, attempt integer not null, after integer not null, took integer not null, fault text not null,
	primary key (exchange, n)
) without rowid;
create index step_message on step (message) where message <> '';
`

// Options say what is kept and for how long.
type Options struct {
	Project string
	Sample  float64       // the share of exchanges that are kept although nothing was wrong, 0 to 1
	Keep    time.Duration // how long; 0 for 30 days
	Size    int64         // of the file in bytes at most; 0 for 1 GiB
	Queue   int           // exchanges that may wait for the writer; 0 for 4096

	// Key returns the key of the hashes of ids, empty while it is not known. It is called concurrently, and by no exchange.
	Key func() []byte
	Now func() time.Time
}

// The defaults of Options.
const (
	DefaultKeep = 30 * 24 * time.Hour
	DefaultSize = 1 << 30
	queue       = 4096
)

// Store keeps exchanges. A nil Store keeps nothing. Its methods are safe for concurrent use.
type Store struct {
	options   Options
	threshold uint64 // a span's number below it is of the share
	lock      *sqlitefile.Lock
	writer    *sql.DB
	readers   *sql.DB
	in        chan *Exchange
	ask       chan chan struct{}
	done      chan struct{}
	end       context.CancelFunc
	closing   sync.Once
	release   atomic.Pointer[string]

	kept, dropped, failed atomic.Int64
}

// Open opens the file at path, makes it if there is none, in a folder that is there, and begins to write. The caller closes the store. An
// error is that the file is another's, damaged, open elsewhere or cannot be made.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.Keep <= 0 {
		o.Keep = DefaultKeep
	}
	if o.Size <= 0 {
		o.Size = DefaultSize
	}
	if o.Queue <= 0 {
		o.Queue = queue
	}
	if err := kind.Inspect(ctx, path, o.Project); err != nil {
		return nil, err
	}
	lock, err := kind.Acquire(ctx, path)
	if err != nil {
		return nil, err
	}
	s := &Store{options: o, lock: lock, in: make(chan *Exchange, o.Queue), ask: make(chan chan struct{}), done: make(chan struct{})}
	if err := s.open(ctx, path); err != nil {
		return nil, errors.Join(err, s.shut())
	}
	switch {
	case o.Sample >= 1:
		s.threshold = ^uint64(0)
	case o.Sample > 0:
		s.threshold = uint64(o.Sample * (1 << 63) * 2)
	}
	ctx, s.end = context.WithCancel(context.WithoutCancel(ctx))
	go s.write(ctx)
	return s, nil
}

// open opens the connections, and makes the tables in a new file.
func (s *Store) open(ctx context.Context, path string) (err error) {
	if s.writer, err = sqlitefile.OpenWriter(path); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	format, err := kind.Judge(ctx, s.writer, path, s.options.Project)
	if err != nil {
		return err
	}
	// A trace may be lost with the machine's power: nothing waits for the disk.
	if _, err := s.writer.ExecContext(ctx, "pragma synchronous = normal; pragma cache_size = -2048"); err != nil {
		return err
	}
	if format == 0 {
		tx, err := s.writer.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // after Commit it does nothing, before it the error is told already
		if _, err := tx.ExecContext(ctx, schema); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "insert into meta values ('project', ?)", s.options.Project); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "pragma application_id = 0x46545243; pragma user_version = 1"); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	s.readers, err = sqlitefile.OpenReaders(path)
	return err
}

// End ends the recording of an exchange, and keeps it if it is to be kept: in any case, or as a call of it failed, or as one of the share.
// It does not wait: where the writer is behind the exchange is dropped, and counted.
func (s *Store) End(r *Recording, always bool, span [8]byte, make func() Exchange) {
	if s == nil {
		return
	}
	steps, kept := r.end(func(faulted bool) bool {
		return always || faulted || s.threshold > 0 && binary.LittleEndian.Uint64(span[:]) < s.threshold
	})
	if !kept {
		return
	}
	x := make()
	x.Span, x.Steps, x.Release = span, steps, r.release
	select {
	case s.in <- &x:
	default:
		s.dropped.Add(1)
	}
}

// Counts returns how many exchanges were kept since the start, how many were dropped as the writer was behind, and how many could not be
// written.
func (s *Store) Counts() (kept, dropped, failed int64) {
	if s == nil {
		return 0, 0, 0
	}
	return s.kept.Load(), s.dropped.Load(), s.failed.Load()
}

// Close writes what waits and closes the file.
func (s *Store) Close() error {
	if s == nil {
		return nil
	}
	var err error
	s.closing.Do(func() {
		s.end()
		<-s.done
		err = s.shut()
	})
	return err
}

func (s *Store) shut() error {
	var errs []error
	for _, db := range []*sql.DB{s.readers, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	s.lock.Release()
	return errors.Join(errs...)
}
