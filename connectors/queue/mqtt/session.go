package mqtt

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"sync"
	"time"

	"fondaco/connectors/queue/driver"

	"github.com/eclipse/paho.golang/packets"
)

// Times of a connection.
const (
	keepAlive = 30 * time.Second // the broker closes a connection on which it hears nothing for one and a half of it
	handshake = 10 * time.Second
	stalled   = time.Second     // how long writing may go on after the context of who writes
	farewell  = 2 * time.Second // for the broker to take what was written before DISCONNECT
)

// session is one connection with a broker.
type session struct {
	conn  net.Conn
	codec codec
	limit int           // of a packet that comes
	most  int           // that the broker takes of a packet, 0 for any
	kept  bool          // the broker had kept a session of the client
	slots chan struct{} // of messages that the broker has not confirmed yet

	writing chan struct{} // holds one while a packet is written

	mu    sync.Mutex
	err   error // why it ended
	acks  map[uint16]chan<- any
	next  uint16
	ended chan struct{}

	running sync.WaitGroup
}

// connect connects, and has each message that comes handed to got, one after the other.
func connect(ctx context.Context, o driver.Options, hello *packets.Connect, got func(*session, *packets.Publish)) (*session, error) {
	conn, err := o.Dial(ctx, o.Network, o.Host)
	if err != nil {
		var late net.Error
		if end, bounded := ctx.Deadline(); bounded && errors.As(err, &late) && late.Timeout() && time.Until(end) < time.Second {
			<-ctx.Done() // the net has the deadline of ctx, and may have seen it a moment before
		}
		return nil, driver.Broken(ctx, err, false)
	}
	if o.TLS != nil {
		conn = tls.Client(conn, o.TLS)
	}
	s := &session{
		conn: conn, codec: codecs[o.Version], limit: o.MostBytes + 1<<16, acks: map[uint16]chan<- any{}, ended: make(chan struct{}),
		writing: make(chan struct{}, 1),
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(handshake))
	r := bufio.NewReader(conn)
	err = s.greet(ctx, r, o, hello)
	if !stop() && err == nil {
		err = driver.Broken(ctx, ctx.Err(), false)
	}
	if err != nil {
		_ = conn.Close()
		var own *driver.Error
		if errors.As(err, &own) {
			return nil, own
		}
		return nil, driver.Broken(ctx, err, false)
	}
	_ = conn.SetDeadline(time.Time{})
	s.running.Go(func() { s.read(r, got) })
	s.running.Go(s.ping)
	return s, nil
}

// greet sends CONNECT, and reads the answer.
func (s *session) greet(ctx context.Context, r *bufio.Reader, o driver.Options, hello *packets.Connect) error {
	hello.ProtocolName, hello.ProtocolVersion, hello.KeepAlive = "MQTT", 5, uint16(keepAlive/time.Second)
	if hello.Properties == nil {
		hello.Properties = &packets.Properties{}
	}
	if o.User != "" {
		hello.UsernameFlag, hello.Username = true, o.User
	}
	if o.Password != "" {
		hello.PasswordFlag, hello.Password = true, []byte(o.Password)
	}
	if err := s.write(ctx, hello); err != nil {
		return err
	}
	frame, err := readFrame(r, s.limit)
	if err != nil {
		return err
	}
	p, err := s.codec.decode(frame)
	if err != nil {
		return err
	}
	ack, ok := p.(*packets.Connack)
	switch {
	case !ok:
		return errFrame
	case ack.ReasonCode == packets.ConnackBadUsernameOrPassword, ack.ReasonCode == packets.ConnackNotAuthorized,
		ack.ReasonCode == packets.ConnackBadAuthenticationMethod, ack.ReasonCode == packets.ConnackBanned:
		return &driver.Error{Kind: driver.Login}
	case ack.ReasonCode != 0:
		return &driver.Error{Kind: driver.Down, Err: fmt.Errorf("it answers the connection with the reason %d", ack.ReasonCode)}
	}
	s.kept = ack.SessionPresent
	outstanding := 1000
	if n := ack.Properties.ReceiveMaximum; n != nil {
		outstanding = max(1, min(outstanding, int(*n)))
	}
	s.slots = make(chan struct{}, outstanding)
	if n := ack.Properties.MaximumPacketSize; n != nil {
		s.most = int(*n)
	}
	return nil
}

// write writes a packet whole.
func (s *session) write(ctx context.Context, p io.WriterTo) error {
	b, err := s.codec.append(nil, p)
	if err != nil {
		return err
	}
	_, err = s.writeFrame(ctx, b)
	return err
}

// writeFrame writes frames whole, and reports whether it began to. Where the context ends amid them and the broker takes nothing more, the
// session ends: nothing can follow a part of a frame.
func (s *session) writeFrame(ctx context.Context, b []byte) (begun bool, err error) {
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	case <-s.ended:
		return false, s.dead()
	}
	defer func() { <-s.writing }()
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	written := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-written:
		case <-time.After(stalled):
			s.end(ctx.Err())
		}
	})
	defer stop()
	_, err = s.conn.Write(b)
	close(written)
	return true, err
}

// read reads until the connection ends.
func (s *session) read(r *bufio.Reader, got func(*session, *packets.Publish)) {
	for {
		_ = s.conn.SetReadDeadline(time.Now().Add(keepAlive * 3 / 2))
		frame, err := readFrame(r, s.limit)
		var p any
		if err == nil {
			p, err = s.codec.decode(frame)
		}
		if err != nil {
			s.end(err)
			return
		}
		switch p := p.(type) {
		case *packets.Publish:
			got(s, p)
		case *packets.Puback:
			s.acked(p.PacketID, p)
		case *packets.Suback:
			s.acked(p.PacketID, p)
		case *packets.Disconnect:
			s.end(fmt.Errorf("the broker ends the connection with the reason %d", p.ReasonCode))
			return
		}
	}
}

// ping tells the broker that we are there.
func (s *session) ping() {
	ticker := time.NewTicker(keepAlive / 2)
	defer ticker.Stop()
	for {
		select {
		case <-s.ended:
			return
		case <-ticker.C:
			ctx, cancel := context.WithTimeout(context.Background(), keepAlive/2)
			err := s.write(ctx, &packets.Pingreq{})
			cancel()
			if err != nil {
				s.end(err)
				return
			}
		}
	}
}

// end ends the session: whoever waits for an answer gets none.
func (s *session) end(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
		close(s.ended)
	}
	s.mu.Unlock()
	_ = s.conn.Close()
}

// dead returns why the session has ended, nil if it has not.
func (s *session) dead() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// expect returns an identifier for a packet, and where its answer comes.
func (s *session) expect() (uint16, <-chan any) {
	answer := make(chan any, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.next++; s.next == 0 || s.acks[s.next] != nil; s.next++ { // there are fewer slots than identifiers
		if len(s.acks) == math.MaxUint16 {
			break
		}
	}
	s.acks[s.next] = answer
	return s.next, answer
}

// acked hands an answer to who waits for it.
func (s *session) acked(id uint16, p any) {
	s.mu.Lock()
	answer := s.acks[id]
	delete(s.acks, id)
	s.mu.Unlock()
	if answer == nil {
		return
	}
	answer <- p
	if _, published := p.(*packets.Puback); published {
		<-s.slots
	}
}

// answered waits for an answer.
func (s *session) answered(ctx context.Context, answer <-chan any) (any, error) {
	select {
	case p := <-answer:
		return p, nil
	case <-ctx.Done():
		return nil, driver.Broken(ctx, ctx.Err(), true)
	case <-s.ended:
	}
	select {
	case p := <-answer:
		return p, nil
	default:
		return nil, driver.Broken(ctx, s.dead(), true)
	}
}

// subscribe subscribes to a filter.
func (s *session) subscribe(ctx context.Context, filter string, with packets.SubOptions, properties *packets.Properties) error {
	id, answer := s.expect()
	with.Topic = filter
	err := s.write(ctx, &packets.Subscribe{PacketID: id, Subscriptions: []packets.SubOptions{with}, Properties: properties})
	if err != nil {
		s.end(err)
		return driver.Broken(ctx, err, false)
	}
	p, err := s.answered(ctx, answer)
	if err != nil {
		return err
	}
	ack, ok := p.(*packets.Suback)
	switch {
	case !ok || len(ack.Reasons) != 1:
		return &driver.Error{Kind: driver.Other, Err: errFrame}
	case ack.Reasons[0] == packets.SubackNotauthorized:
		return &driver.Error{Kind: driver.Denied}
	case ack.Reasons[0] >= 0x80:
		return &driver.Error{Kind: driver.Other, Err: fmt.Errorf("it answers the subscription with the reason %d", ack.Reasons[0])}
	case ack.Reasons[0] < with.QoS:
		return &driver.Error{Kind: driver.Other, Err: errors.New("it grants the subscription with QoS 0 only, at which messages are lost")}
	}
	return nil
}

// close says goodbye, and waits until the broker has read what was written before.
func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if s.dead() == nil && s.write(ctx, &packets.Disconnect{Properties: &packets.Properties{}}) == nil {
		timer := time.NewTimer(farewell)
		defer timer.Stop()
		select {
		case <-s.ended: // the broker closes a connection that ends so
		case <-timer.C:
		}
	}
	s.end(net.ErrClosed)
	s.running.Wait()
}
