package amqp

import (
	"context"
	"errors"
	"time"

	"fondaco/connectors/queue/driver"

	wire "github.com/rabbitmq/amqp091-go"
)

// consumer is a driver.Consumer.
type consumer struct {
	options    driver.Options
	of         driver.Subscription
	session    *session // nil while there is none
	deliveries <-chan wire.Delivery
	pause      driver.Pause
	here       []delivery // not settled, the oldest first
}

// delivery is a message that has come.
type delivery struct {
	message *driver.Message
	from    wire.Delivery
}

func subscribe(o driver.Options, s driver.Subscription) driver.Consumer {
	return &consumer{options: o, of: s}
}

// Receive returns what has come.
func (c *consumer) Receive(ctx context.Context, most int) ([]*driver.Message, bool, error) {
	if ctx.Err() != nil {
		return nil, false, driver.Broken(ctx, ctx.Err(), false)
	}
	if err := c.connected(ctx); err != nil {
		return nil, false, err
	}
	for c.take(nil) {
	}
	var messages []*driver.Message
	for _, d := range c.here[:min(most, len(c.here))] {
		messages = append(messages, d.message)
	}
	return messages, len(c.here) > most, nil
}

// take takes one message that has come, waiting for it for as long as until says; nil for not at all. It reports whether there was one.
func (c *consumer) take(until <-chan struct{}) bool {
	var d wire.Delivery
	var ok bool
	if until == nil {
		select {
		case d, ok = <-c.deliveries:
		default:
		}
	} else {
		select {
		case d, ok = <-c.deliveries:
		case <-until:
		}
	}
	if !ok {
		return false
	}
	m := message(&d)
	if len(m.Body) > c.options.MostBytes {
		m.Body = nil // it cannot be as its schema says
	}
	c.here = append(c.here, delivery{m, d})
	return true
}

// connected connects and subscribes, unless that is done. The broker sends again what was not settled in the last session.
func (c *consumer) connected(ctx context.Context) error {
	if c.session != nil {
		if c.session.dead() == nil {
			return nil
		}
		c.session, c.here = nil, nil
	}
	if err := c.pause.Held(time.Now()); err != nil {
		return err
	}
	err := c.begin(ctx)
	switch {
	case err == nil:
		c.pause.Succeeded()
	case ctx.Err() == nil:
		c.pause.Failed(time.Now(), err)
	}
	return err
}

func (c *consumer) begin(ctx context.Context) error {
	s, err := connect(ctx, c.options)
	if err != nil {
		return err
	}
	err = s.within(ctx, func() (err error) {
		if err := s.channel.Qos(c.of.Prefetch, 0, false); err != nil {
			return err
		}
		c.deliveries, err = s.channel.Consume(c.of.Source, c.options.Client, false, false, false, false, nil)
		return err
	})
	if err != nil {
		s.close()
		return reason(ctx, err, false)
	}
	c.session = s
	return nil
}

var errNoSession = errors.New("the connection was lost")

// Settle acknowledges messages, those that are refused with basic.reject: a queue with a dead-letter exchange hands them there.
func (c *consumer) Settle(ctx context.Context, n int, refused func(int) bool) error {
	if c.session == nil || c.session.dead() != nil {
		return driver.Broken(ctx, errNoSession, false)
	}
	n = min(n, len(c.here))
	err := c.session.within(ctx, func() error {
		for i := 0; i < n; i++ {
			d := c.here[i].from
			if refused(i) {
				if err := d.Reject(false); err != nil {
					return err
				}
				continue
			}
			last := i
			for last+1 < n && !refused(last+1) {
				last++
			}
			// One acknowledgement for all up to it: what was refused before is settled already.
			if err := c.here[last].from.Ack(true); err != nil {
				return err
			}
			i = last
		}
		return nil
	})
	if err != nil {
		return reason(ctx, err, true)
	}
	c.here = c.here[n:]
	return nil
}

// Wait waits for messages.
func (c *consumer) Wait(ctx context.Context, d time.Duration) {
	if len(c.here) > 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	if c.session == nil || c.session.dead() != nil {
		<-ctx.Done()
		return
	}
	c.take(ctx.Done())
}

// Close ends the connection.
func (c *consumer) Close() error {
	if c.session != nil {
		c.session.close()
	}
	return nil
}
