package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// onceLegs are the effects of an order whose own call has one each time that it is made: that of accepted orders, that of
// orders that are done at once under their Idempotency-Key, and that of the route on the topic.
var onceLegs = []leg{
	{name: "entry", of: func(r *request) bool { return !r.Direct }},
	{name: "direct", of: func(r *request) bool { return r.Direct }, alone: true},
	{name: "follow", of: func(r *request) bool { return !r.Direct }},
}

// onceInHand is what a kill may double: of the calls that are made once nothing.
var onceInHand = map[string]int{"follow": 64}

// once has the engine killed, and stopped with less patience than its system needs, amid calls that have an effect each
// time that they are made; some of their answers are cut off too. None is made twice. Of what nobody knows there is a
// letter, or an answer, that says so, and a person who has looked into the system can decide on each.
func once(ctx context.Context, r *round, times int) error {
	e := r.engines[0]
	return r.inDoubt(ctx, func() error {
		for n := range times {
			if err := r.lives(ctx, e); err != nil {
				return err
			}
			if err := r.flows(ctx, 50+r.random.IntN(200)); err != nil {
				return err
			}
			if n%3 == 2 { // calls outlast the time that a stop has
				r.stub.slow.Store(int64(2 * time.Second))
				wait(ctx, 100*time.Millisecond)
				r.ledger.disturb(disturbance{What: "the stop of " + e.run(), Run: e.run(), Bound: r.bound})
				e.end(syscall.SIGTERM)
				r.stub.slow.Store(0)
			} else {
				r.killed(e)
			}
			if err := e.start(); err != nil {
				return err
			}
		}
		return r.lives(ctx, e)
	})
}

// inDoubt has orders whose own call has an effect each time that it is made, breaks things meanwhile, and then settles
// what nobody knows of.
func (r *round) inDoubt(ctx context.Context, breaks func() error) error {
	e := r.engines[0]
	r.clients.direct = func(k int) bool { return k%3 == 2 }
	r.stub.unheard.Store(5)
	if err := r.begin(ctx); err != nil {
		return err
	}
	d := newDoubts(ctx, r, e)
	defer d.end()
	if err := breaks(); err != nil {
		return err
	}
	r.stub.unheard.Store(0)
	r.clients.finish()
	if err := r.eventually(ctx, r.w.patience, func() string {
		if n := r.ledger.missing(); n > 0 {
			return fmt.Sprintf("%d effects are missing, and no letter says that nobody knows of them: %s; the letters were asked for last with: %s",
				n, strings.Join(r.ledger.lacking(5), ", "), d.said())
		}
		return ""
	}); err != nil {
		return fmt.Errorf("lost: %w", err)
	}
	d.end()
	return r.decide(ctx, d)
}

// doubts writes down for which accepted orders a letter says that nobody knows whether they took effect.
type doubts struct {
	*operator
	orders map[string]string // by letter
}

// newDoubts begins to look for letters. The caller ends it.
func newDoubts(ctx context.Context, r *round, e *engine) *doubts {
	ctx, cancel := context.WithCancel(ctx)
	d := &doubts{operator: &operator{r: r, e: e, halt: sync.OnceFunc(cancel)}, orders: map[string]string{}}
	d.done.Go(func() {
		for ctx.Err() == nil {
			if err := d.look(ctx); err != nil {
				d.mu.Lock()
				d.last = err.Error()
				d.mu.Unlock()
			}
			wait(ctx, 200*time.Millisecond)
		}
	})
	return d
}

// look goes once through the letters that wait. One whose order's client was not told 202 yet is looked at again.
func (d *doubts) look(ctx context.Context) error {
	waiting, err := d.list(ctx, "waiting")
	if err != nil {
		return err
	}
	orders := map[string]string{} // by operation
	for id, place := range d.r.ledger.places() {
		orders[place[strings.LastIndexByte(place, '/')+1:]] = id
	}
	for _, l := range waiting.Letters {
		if l.Reason != "outcome-unknown" {
			return fmt.Errorf("a letter of %s has the reason %s, expected outcome-unknown: %s", l.Message, l.Reason, l.Detail)
		}
		of := l.Message[strings.LastIndexAny(l.Message, " /")+1:]
		if id, found := orders[of]; found {
			d.r.ledger.doubt(id)
			d.orders[l.ID] = id
		}
	}
	return nil
}

// decide does what a person does who has looked into the system: what took effect is closed, and the rest is given back.
// What is in doubt once more is decided once more.
func (r *round) decide(ctx context.Context, d *doubts) error {
	closed, back := map[string]bool{}, map[string]bool{}
	r.rows = func(_ int, rows []account) error {
		var wrong []error
		for _, a := range rows {
			if a.Route != "" && (a.Accepted != a.Done+a.undone()+a.InFlight || a.InFlight != 0 || a.undone() > int64(len(closed)) ||
				a.State != "working") {
				wrong = append(wrong, fmt.Errorf("fondaco topics says %+v, and %d letters were closed as done", a, len(closed)))
			}
		}
		return errors.Join(wrong...)
	}
	defer func() { fmt.Printf("   in doubt: %d that had taken effect, %d that had not\n", len(closed), len(back)) }()
	return r.eventually(ctx, r.w.patience, func() string {
		waiting, err := d.list(ctx, "waiting")
		if err != nil {
			return err.Error()
		}
		acts := map[string][]string{}
		for _, l := range waiting.Letters {
			switch id, found := d.orders[l.ID]; {
			case !found:
				return fmt.Sprintf("there is a letter of %s %s, which nobody sent: %s %s", l.Topic, l.Message, l.Reason, l.Detail)
			case r.ledger.has("entry", id):
				acts["--done"] = append(acts["--done"], l.ID)
				closed[l.ID] = true
				r.ledger.doubt(id)
			default:
				if back[l.ID] {
					fmt.Printf("   %s was given back, and is in doubt again: %s %s\n", id, l.Reason, l.Detail)
				}
				acts["--not-done"] = append(acts["--not-done"], l.ID)
				back[l.ID] = true
				r.ledger.decided(id)
			}
		}
		for flag, list := range acts {
			for some := range slices.Chunk(list, 100) {
				if _, err := d.command(ctx, append([]string{"replay", "--yes", flag, "--why", "the system was asked"}, some...)...); err != nil {
					return err.Error()
				}
			}
		}
		if len(waiting.Letters) > 0 {
			return fmt.Sprintf("%d letters wait, after a person has decided on all; the first: %+v", len(waiting.Letters), waiting.Letters[0])
		}
		if n := r.ledger.missing(); n > 0 {
			return fmt.Sprintf("%d effects are missing of what a person gave back: %s", n, strings.Join(r.ledger.lacking(5), ", "))
		}
		return ""
	})
}
