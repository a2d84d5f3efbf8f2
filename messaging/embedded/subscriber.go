package embedded

import (
	"context"
	"sync"

	"fondaco/messaging"
	"github.com/ThreeDotsLabs/watermill/message"
)

// subscriber gives a group's messages. It is a messaging.Subscriber.
type subscriber struct {
	b        *Broker
	group    string
	inFlight int
	ctx      context.Context // ends with the subscriber
	cancel   context.CancelFunc
	feeders  sync.WaitGroup
}

// Subscribe joins the group on a topic. See messaging.Subscriber.
func (s *subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if err := messaging.CheckName(topic); err != nil {
		return nil, err
	}
	o := &join{topic: topic, group: s.group, done: make(chan error, 1)}
	if s.ctx.Err() != nil || !s.b.enqueue(o) {
		return nil, messaging.ErrClosed
	}
	select {
	case err := <-o.done:
		if err != nil {
			return nil, err
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.ctx.Done():
		return nil, messaging.ErrClosed
	}
	s.b.mu.Lock() // so that Close either sees this feeder or comes first
	defer s.b.mu.Unlock()
	if s.ctx.Err() != nil || s.b.closed {
		return nil, messaging.ErrClosed
	}
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.ctx, cancel) //nolint:contextcheck // whichever of the two lives ends first ends the feeding
	out := make(chan *message.Message)
	s.feeders.Go(func() {
		defer close(out)
		defer cancel()
		defer unhook()
		s.feed(ctx, o.q, out)
	})
	return out, nil
}

// feed gives out the queue's messages until ctx ends and all that was given out is settled.
func (s *subscriber) feed(ctx context.Context, q *queue, out chan<- *message.Message) {
	wake, idle := q.attach(), false
	defer func() { q.detach(wake, idle) }()
	var inHand sync.WaitGroup
	defer inHand.Wait()
	slots := make(chan struct{}, s.inFlight)
	for {
		select {
		case <-ctx.Done():
			return
		case slots <- struct{}{}:
		}
		e := q.next(idle)
		for idle = e == nil; idle; idle = e == nil {
			select {
			case <-ctx.Done():
				return
			case <-wake:
				e = q.next(idle)
			}
		}
		m := messaging.Deliver(ctx, e.delivery())
		select {
		case <-ctx.Done():
			q.back(e, e.due, false)
			return
		case out <- m:
		}
		inHand.Go(func() { s.settle(ctx, q, e, m, func() { <-slots }) })
	}
}

// settle waits for what becomes of a message that was given out.
func (s *subscriber) settle(ctx context.Context, q *queue, e *entry, m *message.Message, free func()) {
	select {
	case <-m.Acked():
	case <-m.Nacked():
	case <-ctx.Done():
	}
	select {
	case <-m.Acked():
		o := &finish{q: q, e: e, tried: make(chan struct{}), free: free}
		if s.b.enqueue(o) {
			<-o.tried
		}
		return
	default:
	}
	select {
	case <-m.Nacked():
	default: // nobody answered: somebody else is to have it
		q.back(e, e.due, false)
		free()
		return
	}
	until, counts := messaging.Deferral(m)
	if counts || !until.IsZero() {
		o := &again{q: q, seq: e.seq, attempt: e.attempt, due: until, tried: make(chan struct{})}
		if counts {
			o.attempt++
		}
		e.stored = true
		defer func() { <-o.tried }()
		if !s.b.enqueue(o) {
			close(o.tried)
		}
	}
	q.back(e, until, counts)
	free()
}

// Close ends the subscriptions. See messaging.Subscriber.
func (s *subscriber) Close() error {
	s.b.mu.Lock()
	s.cancel()
	delete(s.b.subscribers, s)
	s.b.mu.Unlock()
	s.feeders.Wait()
	return nil
}
