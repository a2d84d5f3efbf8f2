package work

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/server/metrics"
	"fondaco/store"
)

// workers run a consumer for each route that works on a topic. A consumer outlives the program that it began with: each
// message is handled by the program in service when it is taken, and ends on that one.
type workers struct {
	topics   Topics
	log      *slog.Logger
	programs Programs
	service  metrics.Histograms
	answers  metrics.Counters // what accepted requests were answered, by route and status
	letters  metrics.Counters // what was kept as a letter, by route, reason and cause
	failed   metrics.Counters // accepted requests that failed, by route and kind
	cancels  cancels
	dog      *messaging.Watchdog
	reserved messaging.Reservations
	retries  messaging.Retries
	parks    bool // the broker puts aside what waits for a system

	leaving sync.WaitGroup     // consumers that the program in service no longer has, with what they have in hand
	hurry   context.Context    // ends when they are to be cut short
	cut     context.CancelFunc // ends hurry

	mu      sync.Mutex
	running map[workKey]*worker
	held    []string // routes whose messages wait for an operator
	ended   bool
}

// workKey tells consumers apart: what differs in it is another consumer.
type workKey struct {
	id, topic, group string
	also             string // other names of the group, with spaces between
	workers          int
	backoff          messaging.Backoff
	timeout          time.Duration
	accepts          bool
}

type worker struct {
	consumer *messaging.Worker
	stop     context.CancelFunc
	done     chan struct{}
	ended    atomic.Bool // by itself: its messages wait for an operator
}

// Consumer says how the work on a route's messages stands.
type Consumer struct {
	messaging.Stats
	Parked map[string]int // messages put aside, by the system or operation that they wait for; see messaging.Parker

	Retrying map[string]int // messages that wait for their next attempt, by what failed them; see messaging.Retries

	Held bool // it begins when an operator releases the state, which was restored

	Ended bool // by itself, as when its topic was cut off; its messages wait, and the log and the broker's health say why
}

func newWorkers(d Deps, dog *messaging.Watchdog) *workers {
	w := &workers{topics: d.Topics, log: d.Log, programs: d.Programs, dog: dog}
	w.hurry, w.cut = context.WithCancel(context.Background())
	_, w.parks = d.Topics.Broker.(messaging.Parker)
	w.retries.At, w.retries.Aside = failedAt, w.parks
	w.answers = d.Metrics.Counters("fondaco_operation_answers_total",
		"Accepted requests that were done, by route and the status that the route answered.", "route", "status")
	w.letters = d.Metrics.Counters("fondaco_letters_total",
		"Messages and accepted requests that were kept as letters, by route, reason and cause: of a system's fault the operation and the kind.",
		"route", "reason", "cause")
	w.failed = d.Metrics.Counters("fondaco_operations_failed_total",
		"Accepted requests that failed, by route and kind: of a system's fault its kind, else the reason of the letter; answered where the "+
			"route itself answered so.", "route", "kind")
	w.service = d.Metrics.Histograms("fondaco_message_duration_seconds",
		"Service levels of work on messages, by route: from a message's acceptance until a system first answered, and until it was done.",
		[]float64{.01, .1, 1, 10, 60, 600, 3600, 6 * 3600, 24 * 3600, 72 * 3600, 168 * 3600}, "route", "until")
	return w
}

func keyOf(c *routes.Consumer) workKey {
	return workKey{c.ID, c.Topic, c.Group, strings.Join(c.Also, " "), c.Workers, c.Backoff, c.Timeout, c.Accepts}
}

// take starts the consumers that the program in service has and did not run, and stops those that it no longer has.
// Those go on until what they have in hand is done.
func (w *workers) take(list []*routes.Consumer) {
	if w.topics.Broker == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return
	}
	wanted := map[workKey]bool{}
	w.held = nil
	holds := w.topics.restored().Held
	for _, c := range list {
		if holds && c.Once {
			w.held = append(w.held, c.ID)
			continue
		}
		k := keyOf(c)
		wanted[k] = true
		if w.running[k] == nil {
			w.start(k)
		}
	}
	for k, old := range w.running {
		if !wanted[k] {
			delete(w.running, k)
			w.leaving.Go(func() { old.end(w.hurry, w.log) })
		}
	}
}

func (w *workers) start(k workKey) {
	x := &worker{done: make(chan struct{})}
	var err error
	finished := w.topics.Inbox
	if k.accepts && w.topics.Operations != nil && finished != nil {
		finished = operationInbox{w.topics.Operations, finished, w.topics.Unhandled}
	}
	if w.topics.Intents != nil && finished != nil {
		finished = endingInbox{finished, w.topics.Intents, k.accepts, w.log}
	}
	x.consumer, err = messaging.NewWorker(w.topics.Broker, messaging.Work{
		Topic: k.topic, Group: k.group, Also: strings.Fields(k.also), Handle: w.traced(k, w.handler(k, x)), Dead: w.topics.Dead, Inbox: finished,
		Reserved: &w.reserved, Retries: &w.retries,
		Erased: w.erased(k),
		Buried: func(d *messaging.Dead) {
			w.letters.Of(k.id, string(d.Reason), d.Cause).Inc()
			if k.accepts {
				w.failed.Of(k.id, kindOf(d)).Inc()
			}
		},
		Workers: k.workers, Timeout: k.timeout, Backoff: k.backoff, Log: w.log.With("route", k.id),
	}, messaging.Options{Also: strings.Fields(k.also), InFlight: max(64, 4*k.workers), Serial: k.workers == 1, Direct: true})
	if err != nil {
		w.log.Error("a consumer cannot begin", "route", k.id, "topic", k.topic, "error", err)
		close(x.done)
		return
	}
	var ctx context.Context
	ctx, x.stop = context.WithCancel(context.Background())
	if w.running == nil {
		w.running = map[workKey]*worker{}
	}
	w.running[k] = x
	go w.run(ctx, k, x)
}

// run subscribes until the worker is stopped. A subscription that ends by itself, as one whose topic was cut off or made
// anew, stays ended: going on would pass over messages in silence. The log and the broker's health report it.
func (w *workers) run(ctx context.Context, k workKey, x *worker) {
	defer close(x.done)
	x.consumer.Run(ctx, w.dog, k.id, func(err error) {
		x.ended.Store(true)
		w.log.Error("a consumer has ended: its messages wait", "route", k.id, "topic", k.topic, "error", err)
	})
}

// handler returns what a consumer does with a message: the route of the program in service.
func (w *workers) handler(k workKey, x *worker) messaging.Handler {
	first, done := w.service.Of(k.id, "first"), w.service.Of(k.id, "done")
	return func(ctx context.Context, m messaging.Message) error {
		list, lease := w.programs.Take()
		if lease == nil {
			return &messaging.Retry{After: time.Second, Err: errors.New("no program is in service")}
		}
		defer lease.Release()
		ctx = w.doubted(ctx, m)
		if k.accepts {
			defer w.cancels.begin(m.ID)()
			if err := w.cancelled(ctx, k, m); err != nil {
				return err
			}
			ctx = routes.WithAnswered(ctx, func(status int, failed bool) {
				w.answers.Of(k.id, strconv.Itoa(status)).Inc()
				if failed {
					w.failed.Of(k.id, "answered").Inc()
				}
			})
		}
		for _, c := range list {
			if keyOf(c) != k {
				continue
			}
			err := c.Handle(ctx, m)
			if errors.Is(err, messaging.ErrSuperseded) {
				return w.superseded(ctx, k, m, err)
			}
			var again *messaging.Retry
			waits := errors.As(err, &again) && !again.Counts // a system is down, or something of ours
			since := max(0, w.topics.Clock.Now().Sub(m.Time).Seconds())
			if m.Attempt <= 1 && !waits {
				first.Observe(since)
			}
			if err == nil {
				done.Observe(since)
			}
			aside := waits && again.On != "" && w.parks // it alone waits
			if waits && again.After > 0 && !aside && (!again.Down || withheld(err, c)) {
				x.consumer.Pause(time.Now().Add(again.After)) // there is no use in taking up the next
			}
			return err
		}
		return &messaging.Retry{After: time.Second, Err: errors.New("the route is no longer in service")}
	}
}

// doubted returns the context of work on a message: in doubt if it was there before the state was restored, or follows from
// what was.
func (w *workers) doubted(ctx context.Context, m messaging.Message) context.Context {
	r := w.topics.restored()
	if !r.Doubtful {
		return ctx
	}
	return store.WithCause(store.WithBegun(store.WithRestored(ctx, r), m.Time), m.Extension(routes.DoubtExtension))
}

// superseded counts a run that gave way to the next, durably, and returns what its handler said.
func (w *workers) superseded(ctx context.Context, k workKey, m messaging.Message, said error) error {
	if w.topics.Unhandled == nil {
		return said
	}
	if err := w.topics.Unhandled(ctx, k.topic, k.group, m.Identity(), store.EndSuperseded); err != nil {
		return &messaging.Retry{After: time.Second, Err: err}
	}
	return said
}

// withheld reports whether a message waits for what the others of its consumer need too: the whole system is left alone,
// or the one operation that the route calls.
func withheld(err error, c *routes.Consumer) bool {
	f := connectors.AsFault(err)
	return f != nil && f.Withheld && (f.Whole || c.Single)
}

// cancelled returns ErrCancelled for an accepted request whose work is about to begin, and which was cancelled after the
// inbox was asked.
func (w *workers) cancelled(ctx context.Context, k workKey, m messaging.Message) error {
	if !w.cancels.any.Load() || w.topics.Operations == nil {
		return nil
	}
	i := operationInbox{operations: w.topics.Operations, unhandled: w.topics.Unhandled}
	state, err := i.state(ctx, m.Identity())
	if err == nil && state == store.Cancelled {
		if err = i.cancel(ctx, k.topic, k.group, m.Identity()); errors.Is(err, messaging.ErrCancelled) {
			return err
		}
	}
	if err != nil {
		return &messaging.Retry{After: time.Second, Err: err}
	}
	return nil
}

// end lets a worker finish what it has in hand until ctx ends.
func (x *worker) end(ctx context.Context, log *slog.Logger) {
	if err := x.consumer.Stop(ctx); err != nil {
		log.Warn("work on messages was cut short: they come again", "error", err)
	}
	x.stop()
	<-x.done
}

// stop ends all workers: what they have in hand is finished until ctx ends, the rest comes again at the next start.
func (w *workers) stop(ctx context.Context) {
	w.mu.Lock()
	w.ended = true
	all := maps.Clone(w.running)
	w.mu.Unlock()
	defer w.cut()
	defer context.AfterFunc(ctx, w.cut)()
	defer w.leaving.Wait()
	var wait sync.WaitGroup
	for _, x := range all {
		wait.Go(func() { x.end(ctx, w.log) })
	}
	wait.Wait()
}

// waiting counts messages by topic and group, and by the system or operation that they wait for.
type waiting map[[2]string]map[string]int

func (w waiting) add(topic, group, on string, n int) {
	at := [2]string{topic, group}
	if w[at] == nil {
		w[at] = map[string]int{}
	}
	w[at][on] += n
}

// of returns sum with what waits for a consumer; nil while nothing does.
func (w waiting) of(k workKey, sum map[string]int) map[string]int {
	for on, n := range w[[2]string{k.topic, k.group}] {
		if sum == nil {
			sum = map[string]int{}
		}
		sum[on] += n
	}
	return sum
}

// stats returns the account of each consumer, by route.
func (w *workers) stats() map[string]Consumer {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]Consumer{}
	aside, again := waiting{}, waiting{}
	if p, ok := w.topics.Broker.(messaging.Parker); ok {
		for _, x := range p.Parked() {
			aside.add(x.Topic, x.Group, x.On, x.Messages)
		}
	}
	for _, x := range w.retries.List() {
		again.add(x.Topic, x.Group, x.On, x.Messages)
	}
	for k, x := range w.running {
		at := out[k.id] // a route that gathers its messages works on two topics
		at.Add(x.consumer.Stats())
		at.Ended = at.Ended || x.ended.Load()
		at.Parked = aside.of(k, at.Parked)
		at.Retrying = again.of(k, at.Retrying)
		out[k.id] = at
	}
	for _, id := range w.held {
		at := out[id]
		at.Held = true
		out[id] = at
	}
	return out
}
