package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/config"
	"fondaco/messaging"
	"fondaco/store/crypt"
	"fondaco/store/sqlitefile"
)

// Options are those of a broker.
type Options struct {
	Project string       // whose topics they are; another project's file is refused
	MaxBody int          // largest body in bytes; messaging.MaxBody if 0
	Keys    crypt.Keys   // what is written is encrypted with the first; none for as it is
	Clock   config.Clock // of when messages came; nil for the machine's
}

// Broker keeps topics in one file. It is a messaging.Broker, a messaging.MessagePublisher and a messaging.Counter.
type Broker struct {
	path, project string
	maxBody       int
	clock         config.Clock
	lock          *sqlitefile.Lock
	file          atomic.Pointer[file]  // nil after a failure, until the next commit opens it
	unwell        atomic.Pointer[error] // what Health reports
	damaged       atomic.Pointer[error] // likewise, for good
	commits       atomic.Int64
	topics        map[string]*topic // the writer's
	faults        faults
	vault         *sqlitefile.Vault // the writer's, but for Open
	keysSwept     time.Time         // the writer's

	ctx     context.Context // the broker's life
	cancel  context.CancelFunc
	stop    chan struct{} // closed: the writer is to end
	wake    chan struct{}
	loaders sync.WaitGroup
	written sync.WaitGroup // the writer

	mu          sync.Mutex
	pending     []task
	ended       bool // the writer takes nothing more
	closed      bool
	gone        chan struct{} // closed: Close is over
	subscribers map[*subscriber]struct{}
}

// faults are bugs and failures that tests plant.
type faults struct {
	early  func()       // publishes are accepted before the commit, and this is called between the two
	commit func() error // fail in place of a commit
}

// Open opens the topics in the file at path, and creates it if there is none; its folder must exist. Files of the same
// name with -wal, -shm and -lock lie beside it. It refuses a file that is open elsewhere, damaged, none of ours, of
// another project or of a newer version, or encrypted with a key that
// Options do not have (sqlitefile.ErrMissingKey), and writes nothing then. ctx bounds the opening alone. Close it.
func Open(ctx context.Context, path string, o Options) (*Broker, error) {
	return openWith(ctx, path, o, faults{})
}

func openWith(ctx context.Context, path string, o Options, bugs faults) (*Broker, error) {
	if o.MaxBody <= 0 {
		o.MaxBody = messaging.MaxBody
	}
	if err := kind.Inspect(ctx, path, o.Project); err != nil {
		return nil, err
	}
	l, err := kind.Acquire(ctx, path)
	if err != nil {
		return nil, err
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b := &Broker{
		path: path, project: o.Project, maxBody: o.MaxBody, clock: o.Clock, lock: l,
		vault: sqlitefile.NewVault(o.Keys, "message"), topics: map[string]*topic{}, faults: bugs, ctx: life, cancel: cancel,
		stop: make(chan struct{}), wake: make(chan struct{}, 1), gone: make(chan struct{}), subscribers: map[*subscriber]struct{}{},
	}
	f, err := open(ctx, path, o.Project, b.vault)
	later := false
	if err == nil {
		if later, err = kind.SoundAtOnce(ctx, f.conn, path); err == nil {
			err = errors.Join(sqlitefile.Scrub(ctx, f.conn), b.refresh(ctx, f))
		}
		if err != nil {
			f.close()
		}
	}
	if err != nil {
		cancel()
		l.Release()
		return nil, err
	}
	b.file.Store(f)
	for _, t := range b.topics {
		for _, q := range t.queues {
			q.extend(t.from() + t.last)
		}
	}
	b.written.Go(func() { b.writer(context.WithoutCancel(ctx), b.stop) }) // a context that can end costs a goroutine a statement
	if later {
		b.loaders.Go(func() { b.examine(life, f) })
	}
	return b, nil
}

// examine reads the whole structure of a large file beside the work, and keeps what Health reports if it is damaged. What is
// damaged of messages themselves is found when they are read.
func (b *Broker) examine(ctx context.Context, f *file) {
	if err := kind.Sound(ctx, f.read, b.path); errors.Is(err, sqlitefile.ErrDamaged) {
		b.damaged.Store(&err)
	}
}

// Publish stores messages at the end of a topic, all of them in one transaction. See messaging.Publisher.
func (b *Broker) Publish(topic string, messages ...*messaging.Envelope) error {
	return messaging.PublishEnvelopes(b, topic, messages...)
}

// PublishMessages is Publish of messages without envelopes. See messaging.MessagePublisher.
func (b *Broker) PublishMessages(ctx context.Context, topic string, messages ...messaging.Message) error {
	if len(messages) == 0 {
		return nil
	}
	if err := messaging.CheckName(topic); err != nil {
		return err
	}
	now := b.clock.Now()
	p := &publish{topic: topic, records: make([]record, len(messages)), done: make(chan error, 2)}
	for i, m := range messages {
		if err := m.Check(b.maxBody); err != nil {
			return err
		}
		p.records[i] = newRecord(m, now)
		p.bytes += p.records[i].size()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !b.accepts() || !b.enqueue(p) {
		return messaging.ErrClosed
	}
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
	}
	if p.stage.CompareAndSwap(waiting, withdrawn) {
		return ctx.Err()
	}
	select {
	case err := <-p.done:
		return err
	default:
		return fmt.Errorf("%w: %w", messaging.ErrUnknown, ctx.Err())
	}
}

func (b *Broker) accepts() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.closed
}

// Subscriber makes a subscriber of a group. See messaging.Subscriber.
func (b *Broker) Subscriber(group string, o messaging.Options) (messaging.Subscriber, error) {
	if err := messaging.CheckName(group); err != nil {
		return nil, err
	}
	if o.InFlight <= 0 {
		o.InFlight = 64
	}
	ctx, cancel := context.WithCancel(b.ctx)
	s := &subscriber{b: b, group: group, also: o.Also, inFlight: o.InFlight, direct: o.Direct, ctx: ctx, cancel: cancel}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		cancel()
		return nil, messaging.ErrClosed
	}
	b.subscribers[s] = struct{}{}
	return s, nil
}

// Health reports whether the broker can write: nil, or what is wrong and what to do.
func (b *Broker) Health() error {
	if !b.accepts() {
		return messaging.ErrClosed
	}
	for _, told := range []*atomic.Pointer[error]{&b.damaged, &b.unwell} {
		if err := told.Load(); err != nil {
			return *err
		}
	}
	return nil
}

// Close ends all subscriptions, makes what was accepted and acked durable, and releases the file. Called again it
// waits for the first.
func (b *Broker) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		<-b.gone
		return nil
	}
	b.closed = true
	all := b.subscribers
	b.subscribers = nil
	b.mu.Unlock()
	defer close(b.gone)
	for s := range all {
		s.cancel()
	}
	for s := range all {
		s.feeders.Wait()
	}
	close(b.stop)
	b.written.Wait()
	b.cancel()
	b.loaders.Wait()
	err := b.unwell.Load()
	if f := b.file.Load(); f != nil {
		f.close()
	}
	b.lock.Release()
	if err != nil {
		return *err
	}
	return nil
}
