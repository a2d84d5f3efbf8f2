package watermilltest

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"

	"fondaco/messaging"
)

// subscriber shows a group of a broker as a Watermill subscriber.
type subscriber struct {
	from    messaging.Subscriber
	ctx     context.Context // ends with the subscriber
	cancel  context.CancelFunc
	running sync.WaitGroup
	once    sync.Once
	err     error
}

// Subscriber returns a Watermill subscriber of a broker for a group. A Nack delivers the message again at once. A message's context ends
// when it is acked or nacked, with the context of Subscribe, and with Close, which the caller owes and which leaves the broker open. It may
// be used concurrently.
func Subscriber(b messaging.Broker, group string, o Options) (message.Subscriber, error) {
	s, err := b.Subscriber(group, o.Subscriber)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &subscriber{from: s, ctx: ctx, cancel: cancel}, nil
}

// Subscribe returns the messages of a topic. The channel is closed when ctx ends or the subscriber is closed.
func (s *subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if s.ctx.Err() != nil {
		return nil, messaging.ErrClosed
	}
	ctx, end := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, end)
	in, err := s.from.Subscribe(ctx, topic)
	if err != nil {
		stop()
		end()
		return nil, err
	}
	out := make(chan *message.Message)
	s.running.Go(func() {
		defer end()
		defer stop()
		var watched sync.WaitGroup
		for e := range in {
			w, forget := envelope(e)
			select {
			case out <- w:
				watched.Go(func() {
					defer forget()
					watch(e, w)
				})
			case <-ctx.Done():
				forget()
			}
		}
		watched.Wait()
		close(out)
	})
	return out, nil
}

// watch hands on how a message ended, or that it was taken away.
func watch(e *messaging.Envelope, w *message.Message) {
	select {
	case <-w.Acked():
		messaging.Ack(e)
	case <-w.Nacked():
		messaging.Nack(e)
	case <-e.Context().Done():
	}
}

// Close ends all subscriptions and waits for them.
func (s *subscriber) Close() error {
	s.once.Do(func() {
		s.cancel()
		s.err = s.from.Close()
		s.running.Wait()
	})
	return s.err
}

// envelope makes a message of Watermill of what a broker gave: of one that Publisher published the very same, of any other event its
// headers are the metadata.
func envelope(e *messaging.Envelope) (w *message.Message, forget context.CancelFunc) {
	m, _ := messaging.Received(e)
	w = message.NewMessage(m.ID, m.Body)
	text := m.Extension(metadataExtension)
	switch {
	case m.Type != eventType || m.Source != eventSource:
		for _, h := range m.Headers() {
			w.Metadata[h.Name] = h.Value
		}
	case text != "":
		if err := json.Unmarshal([]byte(text), &w.Metadata); err != nil {
			w.Metadata = message.Metadata{metadataExtension: text}
		}
	}
	ctx, forget := context.WithCancel(e.Context())
	w.SetContext(ctx)
	return w, forget
}
