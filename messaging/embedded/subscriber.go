package embedded

import (
	"context"
	"sync"
	"time"

	"fondaco/messaging"
)

// subscriber receives a group's messages. It is a messaging.Subscriber.
type subscriber struct {
	b        *Broker
	group    string
	also     []string // names of the group that are joined to it
	inFlight int
	direct   bool
	ctx      context.Context // ends with the subscriber
	cancel   context.CancelFunc
	feeders  sync.WaitGroup
	queues   map[*queue]struct{} // that are fed; under the broker's lock
}

// stillRead is the pause until it is looked again whether anybody is subscribed under another name of the group.
const stillRead = 50 * time.Millisecond

// Subscribe joins the group on a topic. See messaging.Subscriber.
func (s *subscriber) Subscribe(ctx context.Context, topic string) (<-chan *messaging.Envelope, error) {
	if err := messaging.CheckName(topic); err != nil {
		return nil, err
	}
	var o *join
	for again := true; again; {
		o = &join{topic: topic, group: s.group, also: s.also, done: make(chan error, 1)}
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
		if again = o.q == nil; again { // somebody is still subscribed under another name of the group
			wait(ctx, stillRead)
		}
	}
	s.b.mu.Lock() // so that Close either sees this feeder or comes first
	defer s.b.mu.Unlock()
	if s.ctx.Err() != nil || s.b.closed {
		return nil, messaging.ErrClosed
	}
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.ctx, cancel) //nolint:contextcheck // whichever of the two lives ends first ends the feeding
	if s.queues == nil {
		s.queues = map[*queue]struct{}{}
	}
	s.queues[o.q] = struct{}{}
	out := make(chan *messaging.Envelope)
	s.feeders.Go(func() {
		defer close(out)
		defer cancel()
		defer unhook()
		s.feed(ctx, o.q, out)
	})
	return out, nil
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
