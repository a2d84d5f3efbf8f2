package mqtt

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"fondaco/connectors/queue/driver"

	"github.com/eclipse/paho.golang/packets"
)

// Driver is MQTT.
var Driver = &driver.Driver{
	Name: "MQTT", Schemes: []string{"mqtt", "mqtts"}, Ports: []string{"1883", "8883"}, Open: open, Subscribe: subscribe,
}

// MessageID is the user property by which a message is named.
const MessageID = "message-id"

// broker is a driver.Broker.
type broker struct {
	options driver.Options
	client  string
	turn    chan struct{} // whose turn it is to look for the session, or to connect

	session *session
	pause   driver.Pause

	mu      sync.Mutex
	replies map[string]chan<- *packets.Publish // by what correlates them
	asks    *session                           // which has the subscription for replies
}

func open(o driver.Options) driver.Broker {
	return &broker{
		options: o, client: o.Client + "-" + rand.Text(), turn: make(chan struct{}, 1), replies: map[string]chan<- *packets.Publish{},
	}
}

// connected returns the session, a new one if there is none or it has ended.
func (b *broker) connected(ctx context.Context) (*session, error) {
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, driver.Broken(ctx, ctx.Err(), false)
	}
	defer func() { <-b.turn }()
	if b.session != nil {
		if b.session.dead() == nil {
			return b.session, nil
		}
		b.session.running.Wait()
		b.session = nil
	}
	if err := b.pause.Held(time.Now()); err != nil {
		return nil, err
	}
	limit := uint32(b.options.MostBytes + 1<<16)
	hello := &packets.Connect{ClientID: b.client, CleanStart: true, Properties: &packets.Properties{MaximumPacketSize: &limit}}
	s, err := connect(ctx, b.options, hello, b.replied)
	if err != nil {
		if ctx.Err() == nil {
			b.pause.Failed(time.Now(), err)
		}
		return nil, err
	}
	b.pause.Succeeded()
	b.session = s
	return s, nil
}

// Close ends the connection.
func (b *broker) Close() error {
	if b.session != nil {
		b.session.close()
	}
	return nil
}

var errProperties = errors.New("MQTT 3.1.1 has no headers, no expiry and no requests: write version: 5, if the broker speaks it")

// packet returns the packet of a message.
func (b *broker) packet(m *driver.Message) (*packets.Publish, error) {
	p := &packets.Publish{Topic: m.Topic, Payload: m.Body, Retain: m.Retained, Properties: &packets.Properties{}}
	if m.Once {
		p.QoS = 1
	}
	if b.options.Version != 5 {
		if len(m.Headers) > 0 || m.Expires > 0 {
			return nil, &driver.Error{Kind: driver.Unfit, Err: errProperties}
		}
		return p, nil
	}
	p.Properties.ContentType = m.ContentType
	if m.Expires > 0 {
		seconds := uint32((m.Expires + time.Second - 1) / time.Second)
		p.Properties.MessageExpiry = &seconds
	}
	if m.ID != "" {
		p.Properties.User = append(p.Properties.User, packets.User{Key: MessageID, Value: m.ID})
	}
	for _, h := range m.Headers {
		p.Properties.User = append(p.Properties.User, packets.User{Key: h[0], Value: h[1]})
	}
	for _, h := range m.Labels {
		p.Properties.User = append(p.Properties.User, packets.User{Key: h[0], Value: h[1]})
	}
	return p, nil
}

// Publish publishes, and waits for PUBACK.
func (b *broker) Publish(ctx context.Context, m *driver.Message) (string, error) {
	p, err := b.packet(m)
	if err != nil {
		return "", err
	}
	s, err := b.connected(ctx)
	if err != nil {
		return "", err
	}
	ack, err := s.publish(ctx, p)
	if err != nil {
		return "", err
	}
	if err := judged(ack, m.Mandatory); err != nil {
		return "", err
	}
	return named(ack, m.ID), nil
}

// named returns the id of a message, which the broker may know by another.
func named(ack *packets.Puback, id string) string {
	if ack != nil {
		for _, u := range ack.Properties.User {
			if u.Key == MessageID {
				return u.Value
			}
		}
	}
	return id
}

// publish writes a message, and returns its PUBACK, nil for one of QoS 0.
func (s *session) publish(ctx context.Context, p *packets.Publish) (*packets.Puback, error) {
	if p.QoS > 0 {
		select {
		case s.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, driver.Broken(ctx, ctx.Err(), false)
		case <-s.ended:
			return nil, driver.Broken(ctx, s.dead(), false)
		}
	}
	var answer <-chan any
	if p.QoS > 0 {
		p.PacketID, answer = s.expect()
	}
	frame, err := s.codec.append(nil, p)
	if err == nil && s.most > 0 && len(frame) > s.most {
		err = fmt.Errorf("it has %d bytes, and the broker takes %d", len(frame), s.most)
	}
	if err != nil {
		if p.QoS > 0 {
			s.forget(p.PacketID)
		}
		return nil, &driver.Error{Kind: driver.Unfit, Err: err}
	}
	if begun, err := s.writeFrame(ctx, frame); err != nil {
		if p.QoS > 0 && !begun {
			s.forget(p.PacketID)
		}
		if begun {
			s.end(err)
		}
		return nil, driver.Broken(ctx, err, begun)
	}
	if p.QoS == 0 {
		return nil, nil //nolint:nilnil // QoS 0 has no PUBACK
	}
	got, err := s.answered(ctx, answer)
	if err != nil {
		return nil, err
	}
	ack, ok := got.(*packets.Puback)
	if !ok {
		return nil, &driver.Error{Kind: driver.Other, Sent: true, Err: errFrame}
	}
	return ack, nil
}

// forget gives an identifier back that was not sent.
func (s *session) forget(id uint16) {
	s.mu.Lock()
	delete(s.acks, id)
	s.mu.Unlock()
	<-s.slots
}

// judged returns the error that a PUBACK stands for.
func judged(ack *packets.Puback, mandatory bool) error {
	if ack == nil || ack.ReasonCode == 0 {
		return nil
	}
	var kind driver.Kind
	switch ack.ReasonCode {
	case packets.PubackNoMatchingSubscribers:
		if !mandatory {
			return nil
		}
		kind = driver.Unroutable
	case packets.PubackNotAuthorized:
		kind = driver.Denied
	case packets.PubackQuotaExceeded:
		kind = driver.Full
	case packets.PubackTopicNameInvalid, packets.PubackPayloadFormatInvalid:
		kind = driver.Unfit
	default:
		if ack.ReasonCode < 0x80 {
			return nil
		}
		kind = driver.Other
	}
	return &driver.Error{Kind: kind, Err: fmt.Errorf("the reason is %d", ack.ReasonCode)}
}

// Request publishes with a topic for the reply, and waits for that.
func (b *broker) Request(ctx context.Context, m *driver.Message) (*driver.Message, error) {
	if b.options.Version != 5 {
		return nil, &driver.Error{Kind: driver.Unfit, Err: errProperties}
	}
	p, err := b.packet(m)
	if err != nil {
		return nil, err
	}
	s, err := b.connected(ctx)
	if err != nil {
		return nil, err
	}
	topic := "fondaco/replies/" + b.client
	if err := b.listen(ctx, s, topic); err != nil {
		return nil, err
	}
	about := rand.Text()
	p.Properties.ResponseTopic, p.Properties.CorrelationData = topic, []byte(about)
	reply := make(chan *packets.Publish, 1)
	b.mu.Lock()
	b.replies[about] = reply
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.replies, about)
		b.mu.Unlock()
	}()
	ack, err := s.publish(ctx, p)
	if err == nil {
		err = judged(ack, m.Mandatory)
	}
	if err != nil {
		return nil, err
	}
	select {
	case r := <-reply:
		return message(r), nil
	case <-ctx.Done():
		return nil, driver.Broken(ctx, ctx.Err(), true)
	case <-s.ended:
		return nil, driver.Broken(ctx, s.dead(), true)
	}
}

// listen subscribes to replies, once in a session.
func (b *broker) listen(ctx context.Context, s *session, topic string) error {
	b.mu.Lock()
	there := b.asks == s
	b.mu.Unlock()
	if there {
		return nil
	}
	if err := s.subscribe(ctx, topic, packets.SubOptions{}, &packets.Properties{}); err != nil { // which may be done twice
		var own *driver.Error
		if errors.As(err, &own) {
			own.Sent = false // nothing was asked yet
		}
		return err
	}
	b.mu.Lock()
	b.asks = s
	b.mu.Unlock()
	return nil
}

// replied hands a reply to who waits for it.
func (b *broker) replied(_ *session, p *packets.Publish) {
	b.mu.Lock()
	reply := b.replies[string(p.Properties.CorrelationData)]
	delete(b.replies, string(p.Properties.CorrelationData))
	b.mu.Unlock()
	if reply != nil {
		reply <- p
	}
}

// message returns what a packet says.
func message(p *packets.Publish) *driver.Message {
	m := &driver.Message{Topic: p.Topic, Body: p.Payload, ContentType: p.Properties.ContentType, Retained: p.Retain}
	for _, u := range p.Properties.User {
		if strings.EqualFold(u.Key, MessageID) {
			m.ID = u.Value
			continue
		}
		m.Headers = append(m.Headers, [2]string{u.Key, u.Value})
	}
	return m
}
