package amqp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"time"

	"fondaco/connectors/queue/driver"

	wire "github.com/rabbitmq/amqp091-go"
)

// Times of a connection.
const (
	heartbeat = 10 * time.Second
	handshake = 10 * time.Second
	farewell  = 2 * time.Second
)

// session is a connection with one channel.
type session struct {
	connection *wire.Connection
	channel    *wire.Channel
	ended      chan struct{}
	look       chan chan struct{} // asks for what came back to be noted
	why        error              // once ended is closed
}

// connect connects and opens a channel. The library knows no context: what it does ends as its connection is closed.
func connect(ctx context.Context, o driver.Options) (*session, error) {
	conn, err := o.Dial(ctx, o.Network, o.Host)
	if err != nil {
		return nil, driver.Broken(ctx, err, false)
	}
	if o.TLS != nil {
		conn = tls.Client(conn, o.TLS)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(handshake))
	s := &session{ended: make(chan struct{}), look: make(chan chan struct{})}
	properties := wire.NewConnectionProperties()
	properties.SetClientConnectionName(o.Client)
	host := o.VirtualHost
	if host == "" {
		host = "/"
	}
	s.connection, err = wire.Open(conn, wire.Config{
		SASL: authentication(o), Vhost: host, Heartbeat: heartbeat, FrameSize: 128 << 10, Properties: properties, Locale: "en_US",
	})
	if err == nil {
		s.channel, err = s.connection.Channel()
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		if s.connection != nil {
			_ = s.connection.CloseDeadline(time.Now())
		}
		if errors.Is(err, wire.ErrCredentials) || errors.Is(err, wire.ErrVhost) || errors.Is(err, wire.ErrSASL) || denied(err) {
			return nil, &driver.Error{Kind: driver.Login}
		}
		return nil, driver.Broken(ctx, err, false)
	}
	_ = conn.SetDeadline(time.Time{})
	closed := s.channel.NotifyClose(make(chan *wire.Error, 1))
	go func() {
		s.why = net.ErrClosed
		if e := <-closed; e != nil {
			s.why = e
		}
		close(s.ended)
		_ = s.connection.CloseDeadline(time.Now().Add(farewell)) // a channel that has ended leaves nothing to do
	}()
	return s, nil
}

func authentication(o driver.Options) []wire.Authentication {
	if o.User == "" && o.TLS != nil && len(o.TLS.Certificates) > 0 {
		return []wire.Authentication{&wire.ExternalAuth{}}
	}
	if o.User == "" {
		return []wire.Authentication{&wire.PlainAuth{Username: "guest", Password: "guest"}}
	}
	return []wire.Authentication{&wire.PlainAuth{Username: o.User, Password: o.Password}}
}

func denied(err error) bool {
	var e *wire.Error
	return errors.As(err, &e) && (e.Code == wire.AccessRefused || e.Code == wire.NotAllowed)
}

// dead returns why the session has ended, nil if it has not.
func (s *session) dead() error {
	select {
	case <-s.ended:
		return s.why
	default:
		return nil
	}
}

// close ends the session; the broker has then what was written before, or cannot be reached.
func (s *session) close() {
	_ = s.connection.CloseDeadline(time.Now().Add(farewell))
	<-s.ended
}

// within waits for what the library does, which knows no context: where that ends first, the connection is closed.
func (s *session) within(ctx context.Context, do func() error) error {
	stop := context.AfterFunc(ctx, func() { _ = s.connection.CloseDeadline(time.Now()) })
	err := do()
	if !stop() && err == nil {
		err = ctx.Err()
	}
	return err
}

// reason returns the error of a broker that has closed a channel.
func reason(ctx context.Context, err error, sent bool) *driver.Error {
	var e *wire.Error
	if ctx.Err() == nil && errors.As(err, &e) && !sent {
		switch e.Code {
		case wire.NotFound:
			return &driver.Error{Kind: driver.Missing}
		case wire.AccessRefused, wire.NotAllowed:
			return &driver.Error{Kind: driver.Denied}
		case wire.ResourceLocked, wire.ResourceError:
			return &driver.Error{Kind: driver.Full}
		}
	}
	var code error
	if e != nil {
		code = codeError(e.Code) // what it says beside may name a topic
	} else {
		code = err
	}
	return driver.Broken(ctx, code, sent)
}

// codeError is the reply code of a broker.
type codeError int

func (c codeError) Error() string {
	return "the broker closes the channel with the code " + strconv.Itoa(int(c))
}
