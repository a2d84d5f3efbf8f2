package nats

import (
	"context"
	"fmt"
	"sync"
	"time"

	mill "github.com/ThreeDotsLabs/watermill"
	adapter "github.com/ThreeDotsLabs/watermill-nats/v2/pkg/jetstream"
	"github.com/ThreeDotsLabs/watermill/message"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fondaco/messaging"
	"fondaco/messaging/watermill"
)

// patience is how long the servers are waited for when they are asked something.
const patience = 5 * time.Second

// Broker keeps topics on JetStream. It is a messaging.Broker, a messaging.Keeper, a messaging.Counter and a messaging.Backlog, and may
// be used concurrently.
type Broker struct {
	*watermill.Broker
	o    Options
	conn *client.Conn
	js   jetstream.JetStream

	ctx     context.Context // ends with the broker
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	topics map[string]*topic
	kick   chan struct{} // a topic is to be made ready
}

// Open makes a broker and connects in the background, for as long as it takes; Health says when it has. Whoever opened it closes it.
func Open(o Options) (*Broker, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	b := &Broker{o: o, topics: map[string]*topic{}, kick: make(chan struct{}, 1)}
	if b.conn, err = b.o.connect(); err != nil {
		return nil, fmt.Errorf("options of NATS: %w", err)
	}
	if b.js, err = jetstream.New(b.conn, jetstream.WithDefaultTimeout(patience)); err != nil {
		b.conn.Close()
		return nil, err
	}
	out, err := adapter.NewPublisher(adapter.PublisherConfig{
		Conn: b.conn, Logger: mill.NopLogger{},
		// The adapter publishes to what the stream is called, and asks for nothing else of it.
		ConfigureStream: func(topic string) jetstream.StreamConfig { return jetstream.StreamConfig{Name: b.names().Topic(topic)} },
	})
	if err != nil {
		b.conn.Close()
		return nil, err
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.Broker = watermill.Open(watermill.Adapter{
		Clock: o.Clock,
		Name:  "NATS", Publisher: &publisher{out, b}, Subscriber: b.subscriber, Ready: b.ready, Read: read, Health: b.health,
		MaxBytes: b.maxBytes, Lanes: Lanes,
	})
	b.running.Go(b.keep)
	b.running.Go(b.sweep)
	return b, nil
}

func (b *Broker) names() messaging.Names { return messaging.Names{Project: b.o.Project} }

// maxBytes is what the servers take of one message; 0 before they were reached.
func (b *Broker) maxBytes() int { return int(b.conn.MaxPayload()) }

// health returns why the servers cannot be used, and which topics cannot be made ready.
func (b *Broker) health() error { return b.o.reached(b.conn) }

// Health returns why messages can be neither accepted nor given out now. It does not wait.
func (b *Broker) Health() error {
	if err := b.Broker.Health(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.topics {
		if err := t.trouble.Load(); err != nil {
			return fmt.Errorf("the topic %s is not ready: %w", t.name, *err)
		}
	}
	return nil
}

// Close ends all subscriptions, whose messages in hand are given back, and the connections.
func (b *Broker) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.cancel()
	b.running.Wait()
	return b.Broker.Close()
}

// publisher is the adapter's, with headers as CloudEvents' binding for NATS has them.
type publisher struct {
	message.Publisher
	b *Broker
}

// Publish returns nil once the servers have confirmed each message.
func (p *publisher) Publish(topic string, messages ...*message.Message) error {
	for _, w := range messages {
		w.Metadata = outward(w.Metadata)
	}
	err := p.Publisher.Publish(topic, messages...)
	if err != nil {
		p.b.topic(topic).placed.Store(false) // the stream may be gone
	}
	return err
}

// asking bounds a question to the servers.
func asking(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, patience)
}
