package work

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/schedule"
	"fondaco/server/metrics"
	"fondaco/store"
	"fondaco/store/traces"
)

// Deps are what work is done with.
type Deps struct {
	Topics   Topics
	Programs Programs
	Metrics  *metrics.Registry
	Log      *slog.Logger  // it must not block
	Stall    time.Duration // what stands still for this long is started again; a minute if 0
}

// Programs are the programs in service, one after the other.
type Programs interface {
	// Take returns the consumers of the program in service, and the lease that ends their use; nil and nil if nothing is in service. It
	// is called concurrently.
	Take() ([]*routes.Consumer, Lease)
}

// Lease is the use of a program, which does not end before Release, called once.
type Lease interface{ Release() }

// Topics are what messages are kept in, and what is known of those that were worked on. The zero value has no work.
type Topics struct {
	Broker messaging.Broker      // nil: messages are not worked on
	Dead   messaging.DeadLetters // where what cannot be handled is kept
	Inbox  messaging.Inbox       // nil: what is delivered twice is handled twice

	Operations  store.Operations  // the states of accepted requests; nil: none is accepted
	Schedules   store.Schedules   // who runs what is due; nil: nothing comes due
	Collections store.Collections // what is gathered; nil: nothing is
	Intents     store.Intents     // the calls that were begun and may not be made again; nil: none is noted
	Wake        store.Wake        // notifies of what other processes changed; nil: who waits polls

	Clock config.Clock // of what is kept

	Traces *traces.Store // of what exchanges did; nil: nothing is recorded

	// Unhandled counts a message that is finished and was not handled, as store.Inbox says; nil: none is counted.
	Unhandled func(ctx context.Context, topic, group, id string, end store.End) error

	// Restored returns the latest restore of the state, the zero value if there was none; nil: there was none. It answers at
	// once and is called concurrently.
	Restored func() store.Restored

	// Pseudonyms returns the key of the pseudonyms of persons, empty while it is not known; nil: it never is. It is called concurrently.
	Pseudonyms func() []byte
}

// pseudonyms returns the key of the pseudonyms of persons.
func (t *Topics) pseudonyms() []byte {
	if t.Pseudonyms == nil {
		return nil
	}
	return t.Pseudonyms()
}

// restored returns the latest restore of the state.
func (t *Topics) restored() store.Restored {
	if t.Restored == nil {
		return store.Restored{}
	}
	return t.Restored()
}

// Program is what a program in service has for work.
type Program struct {
	Consumers  []*routes.Consumer  // routes that work on topics
	Collectors []*routes.Collector // of routes that gather messages first
	Schedules  []*routes.Schedule  // routes that start by themselves; their consumers are among Consumers
	Watches    []*routes.Watched   // routes that something new in a system starts, likewise
}

// Work runs the consumers, schedules, watches and collectors of the program in service. Its methods are safe for concurrent use.
type Work struct {
	workers     *workers
	schedules   *schedules
	watches     *watches
	collections *collections
	dog         *messaging.Watchdog // nil without topics

	mu      sync.Mutex
	program Program // that was taken last

	stopping sync.Once
}

// New returns work without a program. Whoever asked for it calls Stop, before what Topics holds is closed.
func New(d Deps) *Work {
	w := &Work{}
	if d.Topics.Broker != nil {
		w.dog = messaging.NewWatchdog(cmp.Or(d.Stall, time.Minute), d.Log, d.Topics.Clock)
		registerStalls(d.Metrics, w.dog)
	}
	w.workers = newWorkers(d, w.dog)
	w.watches = newWatches(d.Topics, d.Log, w.dog)
	w.schedules = newSchedules(d.Topics, d.Log, w.dog)
	w.collections = newCollections(d.Topics.Collections, d.Topics.Wake, d.Topics.Clock, d.Log, w.dog)
	d.Metrics.Read(w.workers.tell, messagesTotal, messagesInHand, consumerPaused, messagesParked, messagesRetrying, consumerEnded)
	d.Metrics.Read(w.schedules.tell, scheduleLast, scheduleNext, scheduleMissed)
	d.Metrics.Read(func(tell metrics.Tell) {
		w.schedules.fenced(tell)
		w.collections.fenced(tell)
		w.watches.fenced(tell)
	}, fencedTotal)
	d.Metrics.Read(func(tell metrics.Tell) {
		w.schedules.doubled(tell)
		w.collections.doubled(tell)
		w.watches.doubled(tell)
	}, duplicateOwner)
	d.Metrics.Read(w.watches.tell, watchFound, watchPolled, watchFailing)
	return w
}

// Take starts what a program that is in service has and did not run, and stops what it no longer has. What did not change goes on.
// After Stop it does nothing.
func (w *Work) Take(p Program) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.program = p
	w.workers.take(p.Consumers)
	w.schedules.take(p.Schedules)
	w.watches.take(p.Watches)
	w.collections.take(p.Collectors)
}

// Resume starts what was held, once Topics.Restored says that nothing is held any more.
func (w *Work) Resume() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.workers.take(w.program.Consumers)
	w.schedules.take(w.program.Schedules)
	w.watches.take(w.program.Watches)
}

// Consumers returns how the work on the messages of each route stands, by the route's name.
func (w *Work) Consumers() map[string]Consumer { return w.workers.stats() }

// Schedules returns how each route stands that starts by itself, by its name.
func (w *Work) Schedules() map[string]schedule.State {
	at := map[string]schedule.State{}
	for k, x := range w.schedules.each() {
		at[k.name] = x.runner.State()
	}
	return at
}

// Watches returns how each route stands that something new in a system starts, by the route's name.
func (w *Work) Watches() []Watch { return w.watches.list() }

// Withdraw runs do, which makes the cancellation of an accepted request durable, while no work on it can begin. It returns
// store.ErrBegun if the request is being worked on, and do's error. A request that is cancelled is not worked on.
func (w *Work) Withdraw(id string, do func() error) error { return w.workers.cancels.cancel(id, do) }

// Health returns what stands still although it has work, nil if nothing does. It answers at once.
func (w *Work) Health() error {
	if w.dog == nil {
		return nil
	}
	return w.dog.Health()
}

// Stop ends all of it and waits until it has: nothing comes due any more, and what consumers have in hand is finished until ctx ends; the
// rest comes again at the next start. Called again, it waits for the first.
func (w *Work) Stop(ctx context.Context) {
	w.stopping.Do(func() {
		w.schedules.stop()
		w.watches.stop()
		w.collections.end()
		w.workers.stop(ctx)
		w.dog.Close()
	})
}
