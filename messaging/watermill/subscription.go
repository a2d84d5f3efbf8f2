package watermill

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"fondaco/messaging"
)

// group is a messaging.Subscriber.
type group struct {
	b      *Broker
	name   string
	o      messaging.Options
	ctx    context.Context // ends with the subscriber
	cancel context.CancelFunc
	mu     sync.Mutex
	list   []*subscription
}

// Subscriber makes a subscriber of the group. See messaging.Broker.
func (b *Broker) Subscriber(name string, o messaging.Options) (messaging.Subscriber, error) {
	if err := messaging.CheckName(name); err != nil {
		return nil, err
	}
	g := &group{b: b, name: name, o: o}
	g.ctx, g.cancel = context.WithCancel(b.ctx)
	return g, nil
}

// Subscribe begins in the background, for as long as the broker is away.
func (g *group) Subscribe(ctx context.Context, topic string) (<-chan *messaging.Envelope, error) {
	if err := messaging.CheckName(topic); err != nil {
		return nil, err
	}
	s := &subscription{b: g.b, topic: topic, group: g.name, o: g.o, out: make(chan *messaging.Envelope), ended: make(chan struct{})}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ctx.Err() != nil || !g.b.begin() {
		return nil, messaging.ErrClosed
	}
	var end context.CancelFunc
	s.ctx, end = context.WithCancel(ctx)
	stop := context.AfterFunc(g.ctx, end) //nolint:contextcheck // the subscriber's own life
	g.list = append(g.list, s)
	g.b.mu.Lock()
	g.b.subscriptions[s] = true
	g.b.mu.Unlock()
	go func() { //nolint:contextcheck // a subscription has a context of its own, made of Subscribe's
		defer g.b.running.Done()
		defer end()
		defer stop()
		s.run()
		g.b.mu.Lock()
		delete(g.b.subscriptions, s)
		g.b.mu.Unlock()
		close(s.ended)
	}()
	return s.out, nil
}

// Close ends the subscriptions and waits for them.
func (g *group) Close() error {
	g.mu.Lock()
	list := g.list
	g.list = nil
	g.cancel()
	g.mu.Unlock()
	for _, s := range list {
		<-s.ended
	}
	return nil
}

// subscription is one reading of a topic for a group.
type subscription struct {
	b            *Broker
	topic, group string
	o            messaging.Options
	ctx          context.Context // its life
	out          chan *messaging.Envelope
	ended        chan struct{} // closed: nothing of it runs any more

	busy    atomic.Int32 // lanes with a message
	trouble atomic.Pointer[error]
}

// again is how long it is waited before a subscription that failed is tried again.
const again = time.Second

// lanes returns how many messages are in hand at most.
func (s *subscription) lanes() int {
	n := s.o.InFlight
	if n <= 0 {
		n = 64
	}
	if s.o.Serial {
		n = 1
	}
	return min(n, s.b.a.Lanes)
}

// run reads until the subscription ends. One whose broker is away, or that the adapter ended, is begun anew.
func (s *subscription) run() {
	defer close(s.out)
	for s.ctx.Err() == nil {
		if err := s.read(); err != nil {
			s.trouble.Store(&err)
		}
		select {
		case <-s.ctx.Done():
		case <-time.After(again):
		}
	}
}

// read reads by one subscriber of the adapter, until the subscription ends or a lane does.
func (s *subscription) read() error {
	from, err := s.b.a.Subscriber(s.ctx, s.topic, s.group, s.o.Serial)
	if err != nil {
		return err
	}
	ending, end := context.WithCancel(s.ctx)
	defer end()
	var lanes sync.WaitGroup
	for range s.lanes() {
		// The adapter's channel outlives the subscription, whose lanes drain it: adapters that are told to end while they hand a message
		// over may lose their way.
		var in <-chan *message.Message
		if in, err = from.Subscribe(context.WithoutCancel(s.ctx), s.topic); err != nil {
			break
		}
		lanes.Go(func() {
			defer end()
			s.lane(ending, in)
		})
	}
	if err != nil {
		end()
	} else {
		s.trouble.Store(nil)
	}
	<-ending.Done()
	if closing := from.Close(); err == nil && s.ctx.Err() == nil {
		err = closing
	}
	lanes.Wait()
	return err
}

// lane works on what comes until the channel is closed; once ctx has ended everything is given back.
func (s *subscription) lane(ctx context.Context, in <-chan *message.Message) {
	for w := range in {
		s.busy.Add(1)
		s.carry(ctx, w)
		s.busy.Add(-1)
	}
}
