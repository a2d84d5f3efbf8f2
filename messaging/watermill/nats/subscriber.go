package nats

import (
	"context"
	"strconv"
	"sync"
	"time"

	mill "github.com/ThreeDotsLabs/watermill"
	adapter "github.com/ThreeDotsLabs/watermill-nats/v2/pkg/jetstream"
	"github.com/ThreeDotsLabs/watermill/message"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fondaco/messaging"
)

// What the broker says of a message stands in its metadata beside the headers, under names that no header has.
const (
	sequenceMark = "\x00sequence"
	storedMark   = "\x00stored"
	logMark      = "\x00log"
)

const (
	forever   = 100 * 365 * 24 * time.Hour
	givenBack = 300 * time.Millisecond // what is given back comes after this, when whoever gave it back has left
)

// reading is a subscriber of the adapter with its own connection, as closing it closes that. It is a message.Subscriber.
//
// The adapter closes its channel while it may be handing a message over. So that none ever is, reading holds what comes at the adapter's
// first step once it is to end, and waits for what passed it before.
type reading struct {
	in     *adapter.Subscriber
	conn   *client.Conn
	closed chan struct{} // the connection is
	every  time.Duration // how often it is said that a message is still in hand
	log    string

	raw       sync.Map // *message.Message → jetstream.Msg
	forwarded sync.WaitGroup

	mu               sync.Mutex
	changed          *sync.Cond
	ending, over     bool
	entered, settled int
}

// subscriber makes the subscriber of a group on a topic.
func (b *Broker) subscriber(ctx context.Context, name, group string, serial bool) (message.Subscriber, error) {
	if err := b.health(); err != nil {
		return nil, err
	}
	t := b.topic(name)
	s, err := b.stream(ctx, t)
	if err != nil {
		return nil, err
	}
	if err := b.ready(ctx, name); err != nil {
		return nil, err
	}
	most := unbounded
	if serial {
		most = oneByOne
	}
	if _, err := b.place(ctx, s, t, messaging.Reader{Group: group}, most); err != nil {
		return nil, err
	}
	r := &reading{closed: make(chan struct{}), every: b.o.AckWait / 3, log: strconv.FormatInt(s.CachedInfo().Created.Unix(), 36)}
	r.changed = sync.NewCond(&r.mu)
	if r.conn, err = b.o.connect(client.ClosedHandler(func(*client.Conn) { close(r.closed) })); err != nil {
		return nil, err
	}
	stream, durable := s.CachedInfo().Config.Name, b.consumerName(name, group)
	r.in, err = adapter.NewSubscriber(adapter.SubscriberConfig{
		Conn: r.conn, Logger: mill.NopLogger{}, Unmarshaler: r, AckWaitTimeout: forever,
		AckAsync: true, NakDelay: adapter.NewStaticDelay(givenBack),
		ConsumeOptions: []jetstream.PullConsumeOpt{jetstream.PullMaxMessages(1)},
		ResourceInitializer: func(ctx context.Context, js jetstream.JetStream, _ string) (
			jetstream.Consumer, func(context.Context, mill.LoggerAdapter), error,
		) {
			ctx, cancel := asking(ctx)
			defer cancel()
			c, err := js.Consumer(ctx, stream, durable)
			return c, nil, err
		},
	})
	if err != nil {
		r.conn.Close()
		return nil, err
	}
	return r, nil
}

// Unmarshal is the adapter's first step with a message. It never fails.
func (r *reading) Unmarshal(m jetstream.Msg) (*message.Message, error) {
	r.mu.Lock()
	late := r.ending
	for r.ending && !r.over {
		r.changed.Wait()
	}
	if !late {
		r.entered++
	}
	r.mu.Unlock()
	w := message.NewMessage("", m.Data())
	if late { // the adapter is closed by now, and lets go of it
		_ = m.NakWithDelay(givenBack)
		return w, nil
	}
	w.Metadata = inward(m.Headers())
	if at, err := m.Metadata(); err == nil {
		w.Metadata[sequenceMark] = strconv.FormatUint(at.Sequence.Stream, 10)
		w.Metadata[storedMark] = at.Timestamp.Format(time.RFC3339Nano)
		w.Metadata[logMark] = r.log
	}
	r.raw.Store(w, m)
	return w, nil
}

// Subscribe returns one lane: a channel that carries one message at a time. While a message is in hand the servers are told so.
func (r *reading) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	in, err := r.in.Subscribe(ctx, topic)
	if err != nil {
		return nil, err
	}
	out := make(chan *message.Message)
	r.forwarded.Go(func() {
		defer close(out)
		for w := range in {
			m, _ := r.raw.LoadAndDelete(w)
			out <- w
			r.hold(w, m.(jetstream.Msg))
			r.mu.Lock()
			r.settled++
			r.changed.Broadcast()
			r.mu.Unlock()
		}
	})
	return out, nil
}

// hold says that a message is in hand until it is not.
func (r *reading) hold(w *message.Message, m jetstream.Msg) {
	tick := time.NewTicker(r.every)
	defer tick.Stop()
	for {
		select {
		case <-w.Context().Done():
			return
		case <-tick.C:
			_ = m.InProgress() // while the servers are away the message goes to others
		}
	}
}

// Close waits until all that came is acked or nacked, which its receivers owe, and ends the connection once the servers have it.
func (r *reading) Close() error {
	r.mu.Lock()
	r.ending = true
	for r.settled < r.entered {
		r.changed.Wait()
	}
	r.mu.Unlock()
	_ = r.conn.FlushTimeout(patience) // what was acked
	err := r.in.Close()
	r.mu.Lock()
	r.over = true
	r.changed.Broadcast()
	r.mu.Unlock()
	r.forwarded.Wait()
	if r.conn.Status() != client.CLOSED && !r.conn.IsDraining() {
		r.conn.Close()
	}
	<-r.closed
	if r.conn.LastError() != nil { // it went away: nothing of that is lost
		return nil
	}
	return err
}

// read takes what the broker says of a message out of its metadata.
func read(w *message.Message) (place messaging.Place, arrived time.Time) {
	if n, err := strconv.ParseInt(w.Metadata[sequenceMark], 10, 64); err == nil {
		place = messaging.Place{Log: w.Metadata[logMark], Offset: n}
		arrived, _ = time.Parse(time.RFC3339Nano, w.Metadata[storedMark])
	}
	for _, name := range []string{sequenceMark, storedMark, logMark} {
		delete(w.Metadata, name)
	}
	return place, arrived
}
