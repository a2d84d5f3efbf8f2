package mqtt

import (
	"context"
	"net"
	"sync"
	"time"

	"fondaco/connectors/queue/driver"

	"github.com/eclipse/paho.golang/packets"
)

// consumer is a driver.Consumer. PUBACKs are sent in the order of the messages, as MQTT wants them.
type consumer struct {
	options driver.Options
	of      driver.Subscription
	session *session // nil while there is none
	pause   driver.Pause

	mu      sync.Mutex
	here    []delivery    // not settled, the oldest first
	arrived chan struct{} // something was added to here
	room    chan struct{} // something was taken from it
	begun   bool          // the subscription is granted: until then nothing may wait, as the answer comes behind the messages
	closed  bool          // nothing is taken any more
}

// delivery is a message that has come.
type delivery struct {
	message *driver.Message
	packet  uint16 // 0 of QoS 0, which is not acknowledged
}

func subscribe(o driver.Options, s driver.Subscription) driver.Consumer {
	return &consumer{options: o, of: s, arrived: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// filter is what is subscribed to.
func (c *consumer) filter() string {
	if c.of.Share != "" {
		return "$share/" + c.of.Share + "/" + c.of.Source
	}
	return c.of.Source
}

// Receive returns what has come.
func (c *consumer) Receive(ctx context.Context, most int) ([]*driver.Message, bool, error) {
	if ctx.Err() != nil {
		return nil, false, driver.Broken(ctx, ctx.Err(), false)
	}
	if err := c.connected(ctx); err != nil {
		return nil, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var messages []*driver.Message
	for _, d := range c.here[:min(most, len(c.here))] {
		messages = append(messages, d.message)
	}
	return messages, len(c.here) > most, nil
}

// connected connects and subscribes, unless that is done. The broker sends again what was not settled in the last session.
func (c *consumer) connected(ctx context.Context) error {
	if c.session != nil {
		if c.session.dead() == nil {
			return nil
		}
		c.drop()
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
	expiry, most, large := uint32(c.of.Keep/time.Second), uint16(c.of.Prefetch), uint32(c.options.MostBytes+1<<16)
	s, err := connect(ctx, c.options, &packets.Connect{
		ClientID: c.options.Client,
		Properties: &packets.Properties{
			SessionExpiryInterval: &expiry, ReceiveMaximum: &most, MaximumPacketSize: &large,
		},
	}, c.add)
	if err != nil {
		return err
	}
	with := packets.SubOptions{QoS: 1, RetainHandling: packets.RetainSendOnSubscribeIfNew}
	if !c.of.Retained {
		with.RetainHandling = packets.RetainDoNotSend
	}
	properties := &packets.Properties{}
	if c.of.Label != "" {
		properties.User = []packets.User{{Key: "watch", Value: c.of.Label}}
	}
	c.session = s
	err = s.subscribe(ctx, c.filter(), with, properties)
	if err != nil {
		c.drop()
		return err
	}
	c.mu.Lock()
	c.begun = true
	c.mu.Unlock()
	if !s.kept && c.of.Anew != nil {
		c.of.Anew()
	}
	return nil
}

// drop forgets a session, and what came on it.
func (c *consumer) drop() {
	c.session.end(net.ErrClosed)
	c.session.running.Wait()
	c.session = nil
	c.mu.Lock()
	c.here, c.begun = nil, false
	c.mu.Unlock()
}

// add takes a message that has come. It waits for room where the broker does not: until then nothing more is read.
func (c *consumer) add(s *session, p *packets.Publish) {
	d := delivery{message(p), p.PacketID}
	for {
		c.mu.Lock()
		if c.closed || !c.begun || len(c.here) < 2*c.of.Prefetch {
			if !c.closed {
				c.here = append(c.here, d)
			}
			c.mu.Unlock()
			signal(c.arrived)
			return
		}
		c.mu.Unlock()
		select {
		case <-c.room:
		case <-s.ended:
			return
		}
	}
}

// signal wakes one who waits.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Settle acknowledges. MQTT has no word for what cannot be taken.
func (c *consumer) Settle(ctx context.Context, n int, _ func(int) bool) error {
	if c.session == nil {
		return driver.Broken(ctx, net.ErrClosed, false)
	}
	c.mu.Lock()
	settled := c.here[:min(n, len(c.here))]
	c.mu.Unlock()
	var frames []byte
	for _, d := range settled {
		if d.packet == 0 {
			continue
		}
		var err error
		if frames, err = c.session.codec.append(frames, &packets.Puback{PacketID: d.packet, Properties: &packets.Properties{}}); err != nil {
			return &driver.Error{Kind: driver.Other, Err: err}
		}
	}
	if begun, err := c.session.writeFrame(ctx, frames); err != nil {
		if begun {
			c.session.end(err)
		}
		return driver.Broken(ctx, err, begun)
	}
	c.mu.Lock()
	c.here = c.here[len(settled):]
	c.mu.Unlock()
	signal(c.room)
	return nil
}

// Wait waits for messages.
func (c *consumer) Wait(ctx context.Context, d time.Duration) {
	var ended <-chan struct{}
	if c.session != nil {
		ended = c.session.ended
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		c.mu.Lock()
		n := len(c.here)
		c.mu.Unlock()
		if n > 0 {
			return
		}
		select {
		case <-c.arrived:
		case <-ended:
			return
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// Close ends the connection, but not what the broker keeps.
func (c *consumer) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	signal(c.room)
	if c.session != nil {
		c.session.close()
	}
	return nil
}
