package watermilltest

import (
	"encoding/json"
	"sync/atomic"

	"github.com/ThreeDotsLabs/watermill/message"

	"fondaco/messaging"
)

// What a message of Watermill becomes that is not a CloudEvent: an event of this type and source, whose extension keeps its metadata.
const (
	eventType         = "watermill.message"
	eventSource       = "/watermill"
	metadataExtension = "watermillmetadata"
)

// Options are those of a broker that is shown as Watermill's.
type Options struct {
	// Key returns the key under which a message keeps its order, "" for none; nil: no message has a key.
	Key func(*message.Message) string
	// Subscriber are the options of each subscriber.
	Subscriber messaging.Options
}

// publisher shows a broker as a Watermill publisher.
type publisher struct {
	to     messaging.Publisher
	o      Options
	closed atomic.Bool
}

// Publisher returns a Watermill publisher of a broker: Publish returns nil once all messages are durable. It may be used concurrently.
// Closing it leaves the broker open.
func Publisher(b messaging.Publisher, o Options) message.Publisher {
	return &publisher{to: b, o: o}
}

// Publish publishes the messages in their order, waiting no longer than the context of the first.
func (p *publisher) Publish(topic string, messages ...*message.Message) error {
	if p.closed.Load() {
		return messaging.ErrClosed
	}
	if len(messages) == 0 {
		return nil
	}
	events := make([]messaging.Message, len(messages))
	for i, w := range messages {
		m, err := p.event(w)
		if err != nil {
			return err
		}
		events[i] = m
	}
	return messaging.Publish(messages[0].Context(), p.to, topic, events...)
}

func (p *publisher) Close() error {
	p.closed.Store(true)
	return nil
}

// event makes an event of a message: the payload is its body.
func (p *publisher) event(w *message.Message) (messaging.Message, error) {
	m := messaging.Message{ID: w.UUID, Type: eventType, Source: eventSource, Body: w.Payload}
	if p.o.Key != nil {
		m.Key = p.o.Key(w)
	}
	if len(w.Metadata) > 0 {
		text, err := json.Marshal(w.Metadata)
		if err != nil {
			return m, err
		}
		m.Extensions = []messaging.Attribute{{Name: metadataExtension, Value: string(text)}}
	}
	return m, nil
}
