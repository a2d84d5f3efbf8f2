package kafka

import (
	"context"
	"strconv"
	"sync"

	"fondaco/messaging"
	"github.com/ThreeDotsLabs/watermill/message"
)

// subscriber gives a group's messages. It is a messaging.Subscriber.
type subscriber struct {
	b        *Broker
	group    string
	inFlight int
	direct   bool
	ctx      context.Context // ends with the subscriber
	cancel   context.CancelFunc
	running  sync.WaitGroup
	members  map[*subscription]struct{} // under the broker's lock; those that ended by themselves stay
}

// Subscribe joins the group on a topic. It does not wait for the cluster: until it answers nothing comes, and Health
// tells why. See messaging.Subscriber.
func (s *subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if err := messaging.CheckName(topic); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	if s.ctx.Err() != nil || s.b.closed {
		return nil, messaging.ErrClosed
	}
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.ctx, cancel) //nolint:contextcheck // whichever of the two lives ends first ends the subscription
	n := &subscription{
		b: s.b, o: &s.b.o, groupName: s.group, topic: topic, ctx: ctx, cancel: cancel, out: make(chan *message.Message),
		slots: make(chan struct{}, s.inFlight), memory: map[int32]*progress{}, direct: s.direct,
	}
	n.instance, n.instanceFree = s.b.instance(s.group)
	s.members[n] = struct{}{}
	s.b.know(topic, s.group)
	s.running.Go(func() {
		defer unhook()
		n.run()
		if n.health() == nil {
			s.b.mu.Lock()
			defer s.b.mu.Unlock()
			delete(s.members, n)
		}
	})
	return n.out, nil
}

// Close ends the subscriptions. See messaging.Subscriber.
func (s *subscriber) Close() error {
	s.b.mu.Lock()
	s.cancel()
	delete(s.b.subscribers, s)
	s.b.mu.Unlock()
	s.running.Wait()
	return nil
}

// instance gives a name of a member for the group, and what frees it again: that of this process and the lowest number
// not in use, so that the subscriptions of a restarted process bear the names they had. The lock is held.
func (b *Broker) instance(group string) (name string, free func()) {
	if b.o.Instance == "" {
		return "", func() {}
	}
	for n := 1; ; n++ {
		name := b.o.Instance + "-" + strconv.Itoa(n)
		if key := group + " " + name; !b.instances[key] {
			b.instances[key] = true
			return name, func() {
				b.mu.Lock()
				defer b.mu.Unlock()
				delete(b.instances, key)
			}
		}
	}
}
