package embedded

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/messaging"
)

// feeder gives out a queue's messages to one subscription.
type feeder struct {
	b     *Broker
	q     *queue
	slots chan struct{} // of what is given out

	running sync.WaitGroup // what is given out and not settled
	mu      sync.Mutex
	hand    map[*given]struct{} // those, where the receiver is direct
}

// given is a message in the hands of a direct receiver.
type given struct {
	f    *feeder
	e    *entry
	over atomic.Bool // it was answered, or taken away
}

// feed gives out the queue's messages until ctx ends and all that was given out is settled.
func (s *subscriber) feed(ctx context.Context, q *queue, out chan<- *messaging.Envelope) {
	wake, idle := q.attach(), false
	defer func() { q.detach(wake, idle) }()
	f := &feeder{b: s.b, q: q, slots: make(chan struct{}, s.inFlight), hand: map[*given]struct{}{}}
	defer f.running.Wait()
	defer f.takeAway()
	for {
		select {
		case <-ctx.Done():
			return
		case f.slots <- struct{}{}:
		}
		e, recall := q.next(idle)
		for idle = e == nil; idle; idle = e == nil {
			select {
			case <-ctx.Done():
				return
			case <-wake:
				e, recall = q.next(idle)
			}
		}
		f.running.Add(1)
		d := e.delivery()
		var g *given
		if s.direct {
			g = &given{f: f, e: e}
			f.mu.Lock()
			f.hand[g] = struct{}{}
			f.mu.Unlock()
			d.Ended = g.ended
		}
		m := messaging.Deliver(ctx, d)
		q.offered.Add(1)
		select {
		case <-ctx.Done():
			q.offered.Add(-1)
			if !s.direct { // else it is in hand, and taken away with the rest
				f.back(e, e.due, false)
			}
			return
		case <-recall:
			if g == nil || g.taken() {
				f.back(e, e.due, false)
			}
			q.offered.Add(-1)
			continue
		case out <- m:
			q.offered.Add(-1)
		}
		if !s.direct {
			go f.watch(ctx, e, m)
		}
	}
}

// ended is told by a direct receiver what becomes of the message.
func (g *given) ended(m *messaging.Envelope, acked bool) {
	if !g.taken() {
		return
	}
	if acked {
		g.f.finish(g.e, m)
	} else {
		g.f.again(g.e, m)
	}
}

// taken takes the message out of the receiver's hands; false if it was before.
func (g *given) taken() bool {
	if !g.over.CompareAndSwap(false, true) {
		return false
	}
	g.f.mu.Lock()
	defer g.f.mu.Unlock()
	delete(g.f.hand, g)
	return true
}

// takeAway makes what direct receivers have not answered available to others.
func (f *feeder) takeAway() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for g := range f.hand {
		if g.over.CompareAndSwap(false, true) {
			f.back(g.e, g.e.due, false)
		}
	}
}

// watch waits for what becomes of a message that was given to a receiver that is not direct.
func (f *feeder) watch(ctx context.Context, e *entry, m *messaging.Envelope) {
	select {
	case <-m.Acked():
	case <-m.Nacked():
	case <-ctx.Done():
	}
	select {
	case <-m.Acked():
		f.finish(e, m)
		return
	default:
	}
	select {
	case <-m.Nacked():
		f.again(e, m)
	default: // nobody answered: somebody else is to have it
		f.back(e, e.due, false)
	}
}

// finish makes an ack durable.
func (f *feeder) finish(e *entry, m *messaging.Envelope) {
	e.refused = messaging.Parks(m)
	if !f.b.enqueue(&finish{q: f.q, e: e, tried: f.running.Done, free: f.free}) {
		f.running.Done()
	}
}

// again gives a message back as the nack's deferral says, and makes that durable.
func (f *feeder) again(e *entry, m *messaging.Envelope) {
	until, counts := messaging.Deferral(m)
	e.since = messaging.Waiting(m)
	parking := messaging.Parks(m)
	if parking.On != "" {
		until, counts = time.Time{}, false
	} else if !counts && until.IsZero() {
		f.back(e, until, counts)
		return
	}
	f.running.Add(1) // until it is back in line, which comes after the writer has it
	defer f.running.Done()
	o := &again{q: f.q, seq: e.seq, attempt: e.attempt, due: until, since: e.since, parking: parking, tried: f.running.Done}
	if counts {
		o.attempt++
	}
	e.stored = true
	if !f.b.enqueue(o) {
		f.running.Done()
	}
	if parking.On != "" {
		f.q.aside(e, parking)
	} else {
		f.q.back(e, until, counts, messaging.Awaits(m))
	}
	f.free()
}

// back gives a message back without a word to the file.
func (f *feeder) back(e *entry, until time.Time, counts bool) {
	f.q.back(e, until, counts, messaging.Need{})
	f.free()
	f.running.Done()
}

func (f *feeder) free() { <-f.slots }
