package messaging

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Handler does the work on a message. nil: finished. *Retry: again later. *Dead: a dead letter. Any other error: again
// by the backoff, and a dead letter when its attempts are used up; a panic likewise. It ends when ctx ends; the message
// is then given back without using up an attempt, whatever it returns.
type Handler func(ctx context.Context, m Message) error

// DeadLetters keeps what could not be handled.
type DeadLetters interface {
	// Keep stores the message as it was delivered, durably before it returns nil. It is called again for the same message
	// when it failed, or when the process ended before the ack: topic, group, identity and place tell repetitions, and for
	// the replay of a letter the letter. It may be called concurrently.
	Keep(ctx context.Context, topic, group string, m Message, reason Reason, detail, trace string) error
	// Settle notes how the replay of a letter ended, durably before it returns nil: the message, whose Replay names the
	// letter, was handled, or its group had handled a message of its identity before. It is called once the inbox knows
	// the message, and again when it failed or the process ended before the ack. It may be called concurrently.
	Settle(ctx context.Context, topic, group string, m Message, repeated bool) error
}

// Inbox knows the ids that a group has finished on a topic, so that what is delivered twice is handled once. An id is a
// message's Identity. Its methods may be called concurrently.
type Inbox interface {
	// Seen reports whether Done was called for the id. ErrCancelled if the message was taken back by its sender.
	Seen(ctx context.Context, topic, group, id string) (bool, error)
	// Done stores ids, all or none, durably before it returns nil.
	Done(ctx context.Context, topic, group string, ids ...string) error
}

// Work is what a Consumer does.
type Work struct {
	Topic, Group string
	Also         []string // other names of the group: what it has finished under them is finished, and their replays are its own
	Handle       Handler
	Dead         DeadLetters
	Buried       func(d *Dead) // learns of each letter once it is kept; nil for nobody. It may be called concurrently
	// Erased ends the work of a message that nobody can read any more, of which there are id, source and replay; it is then cancelled.
	// nil: there is nothing else to end. With an error it is called again. It may be called concurrently.
	Erased   func(ctx context.Context, m Message) error
	Inbox    Inbox         // nil: what is delivered twice is handled twice
	Reserved *Reservations // shared by all consumers of a process; nil: the consumer has its own
	Retries  *Retries      // counts what waits for its next attempt, of all consumers of a process; nil: nobody does
	Workers  int           // messages handled at the same time; 16 if 0
	Timeout  time.Duration // how long Handle may take; a Worker holds one that takes a minute more to stand still
	Backoff  Backoff
	Log      *slog.Logger // nil: silent. No value of a message is logged
}

// Consumer works on one topic for one group. Its methods may be called concurrently.
type Consumer struct {
	work    Work
	gate    *gate
	account account
	parked  told

	finished chan finished // messages that are handled, and not yet in the inbox

	mu      sync.Mutex
	halt    chan struct{} // closed: take nothing more
	ended   chan struct{} // closed: Run is over
	running bool
	halted  bool
	cut     context.CancelFunc // ends the handlers
}

// NewConsumer prepares the work; nothing runs before Run.
func NewConsumer(w Work) (*Consumer, error) {
	if w.Topic == "" || w.Group == "" || w.Handle == nil || w.Dead == nil {
		return nil, errors.New("a consumer needs a topic, a group, a handler and a place for dead letters")
	}
	if w.Workers <= 0 {
		w.Workers = 16
	}
	if w.Log == nil {
		w.Log = slog.New(slog.DiscardHandler)
	}
	if w.Reserved == nil {
		w.Reserved = &Reservations{}
	}
	w.Backoff = w.Backoff.Filled()
	return &Consumer{
		work: w, gate: newGate(), finished: make(chan finished, finishedBatch), halt: make(chan struct{}),
		ended: make(chan struct{}),
	}, nil
}

// Run takes messages until ctx ends, Stop is called or the subscription ends, and returns when no handler runs any
// more. When ctx ends handlers are cut short; Stop lets them finish. It runs once. The subscriber remains the caller's.
// It returns nil after Stop or ctx's end, and an error when the subscription could not begin or ended by itself.
func (c *Consumer) Run(ctx context.Context, s Subscriber) error {
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	c.mu.Lock()
	if c.running {
		c.mu.Unlock()
		return errors.New("the consumer has run before")
	}
	c.running, c.cut = true, cut
	c.mu.Unlock()
	defer close(c.ended)

	in, err := s.Subscribe(ctx, c.work.Topic)
	if err != nil {
		return err
	}
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-c.halt:
			stop()
		case <-waiting.Done():
		}
	}()
	var workers, finisher sync.WaitGroup
	finisher.Go(func() { c.finisher(ctx) })
	for range c.work.Workers {
		workers.Go(func() { c.worker(waiting, in) })
	}
	workers.Wait()
	close(c.finished)
	finisher.Wait()
	select {
	case <-c.halt:
		return nil
	default:
	}
	if ctx.Err() != nil {
		return nil
	}
	return errors.New("the subscription ended by itself; the broker's health reports why")
}

// Stop takes nothing more, lets the handlers finish until ctx ends, cuts the rest short (their messages are given back)
// and waits for Run to return. It returns ctx's error if handlers were cut short. Before Run it makes Run end at once.
func (c *Consumer) Stop(ctx context.Context) error {
	c.mu.Lock()
	if !c.halted {
		c.halted = true
		close(c.halt)
	}
	running, cut := c.running, c.cut
	c.mu.Unlock()
	if !running {
		return nil
	}
	select {
	case <-c.ended:
		return nil
	case <-ctx.Done():
	}
	cut()
	<-c.ended
	return ctx.Err()
}

// Pause takes nothing from now until the given time, or until Resume if the time is zero. What is in hand goes on. No
// attempt is used up. A later Pause or Resume replaces it.
func (c *Consumer) Pause(until time.Time) { c.gate.set(true, until) }

// Resume ends a pause.
func (c *Consumer) Resume() { c.gate.set(false, time.Time{}) }

// Stats returns the counts.
func (c *Consumer) Stats() Stats {
	shut, _, _ := c.gate.state()
	s := c.account.read()
	s.Paused = shut
	return s
}

// worker takes and handles one message after the other until waiting ends, which a halt does as well as a cut.
func (c *Consumer) worker(waiting context.Context, in <-chan *Envelope) {
	for c.gate.pass(waiting) == nil {
		select {
		case <-waiting.Done():
			return
		case e, open := <-in:
			if !open {
				return
			}
			if c.gate.pass(waiting) != nil { // a pause, or a stop, came between
				c.giveBack(e)
				return
			}
			c.handle(e.Context(), e) //nolint:contextcheck // a message's context is its broker's: it outlives a halt
		}
	}
}

func (c *Consumer) giveBack(e *Envelope) {
	Defer(e, time.Time{}, false)
	Nack(e)
}
