package kafka

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"fondaco/messaging"
)

// subscriber receives a group's messages. It is a messaging.Subscriber.
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
// reports why. See messaging.Subscriber.
func (s *subscriber) Subscribe(ctx context.Context, topic string) (<-chan *messaging.Envelope, error) {
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
		b: s.b, o: &s.b.o, reads: topic, reader: s.group, groupName: s.b.names().Group(topic, s.group), topic: s.b.names().Topic(topic), ctx: ctx,
		cancel: cancel, out: make(chan *messaging.Envelope),
		slots: make(chan struct{}, s.inFlight), memory: map[int32]*progress{}, direct: s.direct,
	}
	n.instance, n.instanceFree = s.b.instance(n.groupName, n.topic)
	n.placed = s.b.placed(topic, s.group)
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

// instance returns a name for a member of the group that reads the topic, and what frees it again; "" without
// Options.Instance. The lock is held.
func (b *Broker) instance(group, topic string) (name string, free func()) {
	if b.o.Instance == "" {
		return "", func() {}
	}
	for n := 1; ; n++ {
		name := memberName(b.o.Instance, topic, n)
		if b.faults.mixed {
			name = fmt.Sprint(b.o.Instance, "-", n)
		}
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

// nameBytes is how long the name of a static member may be (KIP-345: as that of a topic).
const nameBytes = 249

// memberName names the nth member of a process that reads a topic. The cluster assigns to a static member that comes back
// what the member of its name had, without asking what it reads now (KIP-345): so a name belongs to one topic, in
// whatever order the subscriptions of a restarted process begin. The digest keeps names apart that would look the same.
func memberName(instance, topic string, n int) string {
	sum := sha256.Sum256([]byte(instance + "\x00" + topic))
	tail := fmt.Sprintf(".%x.%d", sum[:4], n)
	name := instance + "." + topic
	return name[:min(len(name), nameBytes-len(tail))] + tail
}
