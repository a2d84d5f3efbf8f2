package amqp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"fondaco/connectors/queue/driver"

	wire "github.com/rabbitmq/amqp091-go"
)

// Driver is AMQP 0.9.1.
var Driver = &driver.Driver{
	Name: "AMQP", Schemes: []string{"amqp", "amqps"}, Ports: []string{"5672", "5671"}, Exchanges: true, Open: open, Subscribe: subscribe,
}

// replyQueue is the queue by which RabbitMQ hands replies straight to who asked.
const replyQueue = "amq.rabbitmq.reply-to"

// broker is a driver.Broker. Messages are published with confirms, and one that comes back as it could not be routed is an error.
type broker struct {
	options driver.Options
	turn    chan struct{} // whose turn it is to look for the session, or to connect

	session   *session
	exchanges map[string]bool // that are there, in this session
	pause     driver.Pause

	running  sync.WaitGroup
	mu       sync.Mutex
	returned map[string]bool                 // of messages that wait for their confirm, by their correlation: that they came back
	replies  map[string]chan<- wire.Delivery // by what correlates them
}

func open(o driver.Options) driver.Broker {
	return &broker{
		options: o, turn: make(chan struct{}, 1), returned: map[string]bool{}, replies: map[string]chan<- wire.Delivery{},
	}
}

// connected returns the session, a new one if there is none or it has ended, in which an exchange is there.
func (b *broker) connected(ctx context.Context, exchange string) (*session, error) {
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, driver.Broken(ctx, ctx.Err(), false)
	}
	defer func() { <-b.turn }()
	if b.session != nil && b.session.dead() != nil {
		b.session, b.exchanges = nil, nil
	}
	if b.session == nil {
		if err := b.pause.Held(time.Now()); err != nil {
			return nil, err
		}
		err := b.begin(ctx)
		if err != nil {
			if ctx.Err() == nil {
				b.pause.Failed(time.Now(), err)
			}
			return nil, err
		}
		b.pause.Succeeded()
	}
	if exchange == "" || b.exchanges[exchange] {
		return b.session, nil
	}
	if err := b.present(ctx, exchange); err != nil {
		return nil, err
	}
	b.exchanges[exchange] = true
	return b.session, nil
}

// begin connects, with confirms and returns.
func (b *broker) begin(ctx context.Context) error {
	s, err := connect(ctx, b.options)
	if err != nil {
		return err
	}
	var replies <-chan wire.Delivery
	err = s.within(ctx, func() error {
		if err := s.channel.Confirm(false); err != nil {
			return err
		}
		replies, err = s.channel.Consume(replyQueue, "", true, false, false, false, nil)
		return err
	})
	if err != nil {
		s.close()
		return reason(ctx, err, false)
	}
	returns := s.channel.NotifyReturn(make(chan wire.Return, 1000))
	b.running.Go(func() { b.watch(s, returns) })
	b.running.Go(func() {
		for d := range replies {
			b.mu.Lock()
			reply := b.replies[d.CorrelationId]
			delete(b.replies, d.CorrelationId)
			b.mu.Unlock()
			if reply != nil {
				reply <- d
			}
		}
	})
	b.session, b.exchanges = s, map[string]bool{}
	return nil
}

// watch notes what comes back, until the session ends.
func (b *broker) watch(s *session, returns <-chan wire.Return) {
	note := func(r wire.Return) {
		b.mu.Lock()
		if _, waits := b.returned[key(r.Headers)]; waits {
			b.returned[key(r.Headers)] = true
		}
		b.mu.Unlock()
	}
	for {
		select {
		case r, open := <-returns:
			if !open {
				return
			}
			note(r)
		case looked := <-s.look:
			for more := true; more; {
				select {
				case r, open := <-returns:
					if more = open; open {
						note(r)
					}
				default:
					more = false
				}
			}
			close(looked)
		}
	}
}

// publishHeader tells apart the attempts to publish a message: its own id is the same in each.
const publishHeader = "fondaco-attempt"

func key(h wire.Table) string {
	text, _ := h[publishHeader].(string)
	return text
}

// present looks for an exchange on a channel of its own: where there is none, the broker closes that.
func (b *broker) present(ctx context.Context, exchange string) error {
	err := b.session.within(ctx, func() error {
		ch, err := b.session.connection.Channel()
		if err != nil {
			return err
		}
		if err := ch.ExchangeDeclarePassive(exchange, wire.ExchangeTopic, true, false, false, false, nil); err != nil {
			return err
		}
		return ch.Close()
	})
	if err != nil {
		return reason(ctx, err, false)
	}
	return nil
}

// Close ends the connection.
func (b *broker) Close() error {
	if b.session != nil {
		b.session.close()
	}
	b.running.Wait()
	return nil
}

// Publish publishes, and waits for the confirm.
func (b *broker) Publish(ctx context.Context, m *driver.Message) (string, error) {
	s, err := b.connected(ctx, m.Exchange)
	if err != nil {
		return "", err
	}
	return m.ID, b.publish(ctx, s, m, "", "")
}

func (b *broker) publish(ctx context.Context, s *session, m *driver.Message, replyTo, correlation string) error {
	attempt := rand.Text()
	p := wire.Publishing{
		Headers: wire.Table{publishHeader: attempt}, ContentType: m.ContentType, DeliveryMode: wire.Persistent, MessageId: m.ID, Body: m.Body,
		ReplyTo: replyTo, CorrelationId: correlation,
	}
	if m.Expires > 0 {
		p.Expiration = strconv.FormatInt(m.Expires.Milliseconds(), 10)
	}
	for _, h := range m.Headers {
		p.Headers[h[0]] = h[1]
	}
	b.mu.Lock()
	b.returned[attempt] = false
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.returned, attempt)
		b.mu.Unlock()
	}()
	confirm, err := b.write(ctx, s, m, p)
	if err != nil {
		return reason(ctx, err, true)
	}
	select {
	case <-confirm.Done():
	case <-ctx.Done():
		return driver.Broken(ctx, ctx.Err(), true)
	case <-s.ended:
		return reason(ctx, s.why, true)
	}
	select {
	case <-s.ended:
		if !confirm.Acked() { // the library settles what is open as it closes
			return reason(ctx, s.why, true)
		}
	default:
	}
	if m.Mandatory { // what came back came before the confirm
		looked := make(chan struct{})
		select {
		case s.look <- looked:
			<-looked
		case <-s.ended:
			return reason(ctx, s.why, true)
		}
	}
	b.mu.Lock()
	back := b.returned[attempt]
	b.mu.Unlock()
	switch {
	case back:
		return &driver.Error{Kind: driver.Unroutable}
	case !confirm.Acked():
		return b.refused(ctx, s)
	}
	return nil
}

// write hands a message to the library, which may block where the broker reads nothing, and knows no context then.
func (b *broker) write(ctx context.Context, s *session, m *driver.Message, p wire.Publishing) (*wire.DeferredConfirmation, error) {
	type written struct {
		confirm *wire.DeferredConfirmation
		err     error
	}
	done := make(chan written, 1)
	go func() {
		c, err := s.channel.PublishWithDeferredConfirmWithContext(ctx, m.Exchange, m.Topic, m.Mandatory, false, p)
		done <- written{c, err}
	}()
	select {
	case w := <-done:
		return w.confirm, w.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// refused returns the error of a message that was not confirmed: the queue is full, or the channel ends.
func (b *broker) refused(ctx context.Context, s *session) error {
	if why := s.dead(); why != nil || s.channel.IsClosed() {
		return reason(ctx, ending(why), true)
	}
	return &driver.Error{Kind: driver.Full, Err: errors.New("the broker does not confirm the message")}
}

func ending(err error) error {
	if err == nil {
		return errors.New("the channel ends")
	}
	return err
}

// Request publishes with the queue for the reply, and waits for that.
func (b *broker) Request(ctx context.Context, m *driver.Message) (*driver.Message, error) {
	s, err := b.connected(ctx, m.Exchange)
	if err != nil {
		return nil, err
	}
	about := rand.Text()
	reply := make(chan wire.Delivery, 1)
	b.mu.Lock()
	b.replies[about] = reply
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.replies, about)
		b.mu.Unlock()
	}()
	if err := b.publish(ctx, s, m, replyQueue, about); err != nil {
		return nil, err
	}
	select {
	case d := <-reply:
		return message(&d), nil
	case <-ctx.Done():
		return nil, driver.Broken(ctx, ctx.Err(), true)
	case <-s.ended:
		return nil, reason(ctx, s.why, true)
	}
}

// message returns what a delivery says.
func message(d *wire.Delivery) *driver.Message {
	m := &driver.Message{Exchange: d.Exchange, Topic: d.RoutingKey, ID: d.MessageId, ContentType: d.ContentType, Body: d.Body}
	for name, v := range d.Headers {
		switch v := v.(type) {
		case string:
			m.Headers = append(m.Headers, [2]string{name, v})
		case int64, int32, int16, int8, byte, bool:
			m.Headers = append(m.Headers, [2]string{name, fmt.Sprint(v)})
		}
	}
	return m
}
