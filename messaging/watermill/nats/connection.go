package nats

import (
	"fmt"
	"strings"
	"time"

	client "github.com/nats-io/nats.go"
)

// connect returns a connection that is made, and made again, in the background for as long as it takes. Nothing is kept while it is away:
// what is published then fails at once.
func (o *Options) connect(more ...client.Option) (*client.Conn, error) {
	list := []client.Option{
		client.Name("fondaco " + o.Project), client.RetryOnFailedConnect(true), client.MaxReconnects(-1), client.ReconnectWait(time.Second),
		client.Timeout(5 * time.Second), client.ReconnectBufSize(-1), client.IgnoreAuthErrorAbort(), client.PingInterval(20 * time.Second),
		client.MaxPingsOutstanding(2), client.ErrorHandler(func(*client.Conn, *client.Subscription, error) {}),
	}
	if o.TLS != nil {
		list = append(list, client.Secure(o.TLS))
	}
	if o.User != "" {
		list = append(list, client.UserInfo(o.User, o.Password))
	}
	if o.Credentials != "" {
		list = append(list, client.UserCredentials(o.Credentials))
	}
	return client.Connect("nats://"+strings.Join(o.Servers, ",nats://"), append(list, more...)...)
}

// reached returns why the servers cannot be used, nil if the connection stands.
func (o *Options) reached(c *client.Conn) error {
	if c.Status() == client.CONNECTED {
		return nil
	}
	if err := c.LastError(); err != nil {
		return fmt.Errorf("NATS at %s cannot be reached: %w", strings.Join(o.Servers, ", "), err)
	}
	return fmt.Errorf("NATS at %s is not reached yet", strings.Join(o.Servers, ", "))
}
