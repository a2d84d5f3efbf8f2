package watermill

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"fondaco/config"
	"fondaco/messaging"
)

// Adapter is a broker as an adapter for Watermill reaches it. Its functions may be called concurrently.
type Adapter struct {
	// Name is what the broker is called in errors, as "NATS".
	Name string
	// Publisher publishes; its Publish returns once the broker has confirmed. The broker closes it.
	Publisher message.Publisher
	// Subscriber makes a subscriber of a group, of its own for each subscription: each channel that it then returns carries one message at
	// a time. One message of the group at a time is in hand, in the order of publishing, if serial is set. It fails while the broker is
	// away and is called again then. Whoever called it closes the subscriber; a channel that is closed before is asked for again.
	Subscriber func(ctx context.Context, topic, group string, serial bool) (message.Subscriber, error)
	// Ready returns nil once messages can be published to a topic and all its readers have their places. With an error nothing is published.
	Ready func(ctx context.Context, topic string) error
	// Read returns what the broker says of a message beside its headers; nil if it says nothing.
	Read func(w *message.Message) (place messaging.Place, arrived time.Time)
	// Health returns why the broker cannot be used, nil if it can. It does not wait.
	Health func() error
	// MaxBytes returns how many bytes headers and body may have together; nil: the broker has no limit of its own.
	MaxBytes func() int
	// Lanes is how many messages a group has in hand at most, those included that wait for their time.
	Lanes int
	// Hold is how long a message may be in hand; it is given back then and taken up where it was when it comes again. 0: as long as it takes.
	Hold time.Duration
	// Clock shows when a message came of which Read does not say it; nil for the machine's.
	Clock config.Clock
}

// Broker is a messaging.Broker made of an adapter for Watermill. What waits for another attempt is held by this process, in one of the
// lanes of its group; attempts are counted by this process too and begin anew with the next one. It may be used concurrently.
type Broker struct {
	a      Adapter
	ctx    context.Context // ends with the broker
	cancel context.CancelFunc
	memory memory

	mu            sync.Mutex
	closed        bool
	subscriptions map[*subscription]bool
	running       sync.WaitGroup
	once          sync.Once
	closing       error
}

// Open makes a broker of an adapter. Nothing is connected. Whoever opened it closes it.
func Open(a Adapter) *Broker {
	b := &Broker{a: a, subscriptions: map[*subscription]bool{}}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

// Publish stores messages on a topic, in their order. See messaging.Publisher.
func (b *Broker) Publish(topic string, messages ...*messaging.Envelope) error {
	return messaging.PublishEnvelopes(b, topic, messages...)
}

// PublishMessages is Publish of messages without envelopes. See messaging.MessagePublisher.
func (b *Broker) PublishMessages(ctx context.Context, topic string, messages ...messaging.Message) error {
	if len(messages) == 0 {
		return nil
	}
	list, err := b.written(topic, messages)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !b.begin() {
		return messaging.ErrClosed
	}
	done := make(chan error, 1)
	go func() {
		defer b.running.Done()
		done <- b.publish(ctx, topic, list)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", messaging.ErrUnknown, ctx.Err())
	}
}

// written makes of messages what the adapter takes.
func (b *Broker) written(topic string, messages []messaging.Message) ([]*message.Message, error) {
	if err := messaging.CheckName(topic); err != nil {
		return nil, err
	}
	list := make([]*message.Message, len(messages))
	for i, m := range messages {
		if err := m.Check(messaging.MaxBody); err != nil {
			return nil, err
		}
		if !m.Due.IsZero() {
			return nil, fmt.Errorf("%w: it has a due time, which topics on %s do not keep", messaging.ErrInvalid, b.a.Name)
		}
		w := message.NewMessage(m.ID, m.Body)
		size := len(m.Body)
		for _, h := range m.Headers() {
			w.Metadata[h.Name] = h.Value
			size += len(h.Name) + len(h.Value) + len(": \r\n")
		}
		if b.a.MaxBytes != nil {
			if most := b.a.MaxBytes(); most > 0 && size > most {
				return nil, fmt.Errorf("%w: headers and body of %d bytes, where %s takes %d", messaging.ErrTooLarge, size, b.a.Name, most)
			}
		}
		list[i] = w
	}
	return list, nil
}

// publish hands messages to the adapter. What is not ready, or away, gets nothing; after any later error it is open what was stored.
func (b *Broker) publish(ctx context.Context, topic string, list []*message.Message) error {
	if err := b.a.Health(); err != nil {
		return err
	}
	if err := b.a.Ready(ctx, topic); err != nil {
		return fmt.Errorf("the topic %s is not ready: %w", topic, err)
	}
	if err := b.a.Publisher.Publish(topic, list...); err != nil {
		return fmt.Errorf("%w: %w", messaging.ErrUnknown, err)
	}
	return nil
}

// begin counts what Close waits for; false once the broker is closed.
func (b *Broker) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.running.Add(1)
	return true
}

// Health returns why messages can be neither accepted nor given out now, with those subscriptions that have not begun.
func (b *Broker) Health() error {
	if err := b.a.Health(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []error
	for s := range b.subscriptions {
		if err := s.trouble.Load(); err != nil {
			all = append(all, fmt.Errorf("messages of the topic %s wait for the group %s: %w", s.topic, s.group, *err))
		}
	}
	return errors.Join(all...)
}

// Idle returns how many more messages of a topic this process could take in hand for a group.
func (b *Broker) Idle(topic, group string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	idle := 0
	for s := range b.subscriptions {
		if s.topic == topic && s.group == group {
			idle += s.lanes() - int(s.busy.Load())
		}
	}
	return idle
}

// Close ends all subscriptions, whose messages in hand are given back, and waits for what is being published. It closes the publisher.
func (b *Broker) Close() error {
	b.once.Do(func() {
		b.mu.Lock()
		b.closed = true
		b.mu.Unlock()
		b.cancel()
		b.running.Wait()
		b.closing = b.a.Publisher.Close()
	})
	return b.closing
}
