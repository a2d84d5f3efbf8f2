package messaging

import (
	"context"
	"sync"
	"time"
)

// Worker runs a Consumer on a broker and begins it anew, with a new subscription, when it has work and stands still. Its
// methods may be called concurrently.
type Worker struct {
	broker  Broker
	work    Work
	options Options

	mu      sync.Mutex
	current *Consumer
	renew   chan struct{} // closed: current is to be replaced
	past    Stats         // of the consumers before
	held    bool          // the subscription ended by itself
	halted  bool
}

// NewWorker prepares the work; nothing runs before Run.
func NewWorker(b Broker, w Work, o Options) (*Worker, error) {
	c, err := NewConsumer(w)
	if err != nil {
		return nil, err
	}
	return &Worker{broker: b, work: w, options: o, current: c, renew: make(chan struct{})}, nil
}

// leaving is how long a consumer that stands still may take to finish what it has in hand, and then to end once that is
// cut short. One that does not end is left to itself: what it has in hand is taken from it.
const leaving = 5 * time.Second

// Run works until ctx ends or Stop is called, watched by dog under the name; see Consumer.Run. When the subscription
// could not begin or ended by itself it calls held with the error: going on would pass over messages. The subscriber stays
// open until ctx ends then, so that the broker's health says why.
func (w *Worker) Run(ctx context.Context, dog *Watchdog, name string, held func(error)) {
	stop := dog.Watch(Guarded{Kind: "consumer", Name: name, Progress: w.progress, Work: w.waits, Restart: w.restart})
	defer stop()
	for again := true; again; {
		again = w.once(ctx, held)
	}
}

// once runs the current consumer to its end, and reports whether another follows.
func (w *Worker) once(ctx context.Context, held func(error)) (again bool) {
	w.mu.Lock()
	c, renew := w.current, w.renew
	w.mu.Unlock()
	s, err := w.broker.Subscriber(w.work.Group, w.options)
	if err != nil {
		w.hold(ctx, err, held)
		return false
	}
	running, cut := context.WithCancel(ctx)
	defer cut()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(running, s) }()
	select {
	case err := <-ended:
		if err != nil {
			w.hold(ctx, err, held)
		}
		_ = s.Close()
		return false
	case <-renew:
	}
	within(2*leaving, func() {
		stopping, over := context.WithTimeout(running, leaving)
		defer over()
		_ = c.Stop(stopping)
	})
	cut()
	within(leaving, func() { _ = s.Close() })
	return w.renewed(c) && ctx.Err() == nil
}

func (w *Worker) hold(ctx context.Context, err error, held func(error)) {
	w.mu.Lock()
	w.held = true
	w.mu.Unlock()
	held(err)
	<-ctx.Done()
}

// renewed puts a new consumer in the place of one that stood still, unless the work is to end.
func (w *Worker) renewed(old *Consumer) bool {
	next, err := NewConsumer(w.work)
	old.work.Reserved.abandon(old)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.halted || err != nil {
		return false
	}
	s := old.Stats()
	s.Taken, s.InFlight = s.Taken-s.InFlight, 0 // what it has in hand comes again
	w.past.Add(s)
	w.current, w.renew = next, make(chan struct{})
	return true
}

// restart replaces the consumer, and returns when that is done.
func (w *Worker) restart(ctx context.Context) {
	w.mu.Lock()
	c := w.current
	close(w.renew)
	w.mu.Unlock()
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		w.mu.Lock()
		done := w.current != c
		w.mu.Unlock()
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		if done {
			tick.Stop()
			return
		}
	}
}

// progress returns a number that each message taken up or ended changes.
func (w *Worker) progress() int64 {
	s := w.Stats()
	return s.Taken + s.Done + s.Repeated + s.Dead + s.Deferred
}

// waits reports whether there is work that the consumer should be at: a message that could be given out while hands are
// free, or one in hand that should long be over.
func (w *Worker) waits(ctx context.Context) (bool, error) {
	w.mu.Lock()
	c, held := w.current, w.held
	w.mu.Unlock()
	s := c.Stats()
	switch {
	case held || s.Paused:
		return false, nil
	case s.InFlight > 0 && c.account.still() > w.work.Timeout:
		return true, nil
	case s.InFlight >= int64(c.work.Workers):
		return false, nil
	}
	b, ok := w.broker.(Backlog)
	if !ok {
		return false, nil
	}
	return b.Ready(ctx, w.work.Topic, w.work.Group)
}

// Stop takes nothing more and lets the handlers finish until ctx ends; see Consumer.Stop.
func (w *Worker) Stop(ctx context.Context) error {
	w.mu.Lock()
	w.halted = true
	c := w.current
	w.mu.Unlock()
	return c.Stop(ctx)
}

// Pause takes nothing until the given time; see Consumer.Pause.
func (w *Worker) Pause(until time.Time) {
	w.mu.Lock()
	c := w.current
	w.mu.Unlock()
	c.Pause(until)
}

// Stats returns the account since the work began, over all restarts.
func (w *Worker) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.current.Stats()
	s.Add(w.past)
	return s
}

// within waits for f, but no longer than d.
func within(d time.Duration, f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
