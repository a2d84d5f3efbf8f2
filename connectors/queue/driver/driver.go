package driver

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

// Driver speaks with one kind of message broker.
type Driver struct {
	Name    string   // as people know it
	Schemes []string // of the addresses that it takes: without and with TLS
	Ports   []string // the usual ones of the schemes
	// Exchanges reports that messages go to an exchange with a routing key, whose words are separated by dots; otherwise to a topic,
	// whose words are separated by slashes.
	Exchanges bool
	// Open makes a Broker. It connects to nothing yet.
	Open func(o Options) Broker
	// Subscribe makes a Consumer. It connects to nothing yet.
	Subscribe func(o Options, s Subscription) Consumer
}

// Options say how a broker is reached.
type Options struct {
	Network, Host  string // what Dial takes
	VirtualHost    string // of AMQP
	User, Password string
	TLS            *tls.Config // nil for none
	Client         string      // the client identifier of MQTT, or how AMQP names the connection
	Version        int         // of MQTT: 3 stands for 3.1.1, or 5
	MostBytes      int         // that a message may have
	Dial           func(ctx context.Context, network, address string) (net.Conn, error)
}

// Message is what is published and what comes. A driver leaves out what its wire does not have.
type Message struct {
	Exchange    string // of AMQP
	Topic       string // or the routing key
	ID          string // by which its sender names it, "" for none
	ContentType string
	Headers     [][2]string
	Body        []byte
	Retained    bool          // it was kept by the broker; of what is published: it is to be
	Once        bool          // it is confirmed by the broker; otherwise it may be lost (QoS 0)
	Expires     time.Duration // after which nobody gets it, 0 for never
	Mandatory   bool          // that nobody would get it is an error
	Labels      [][2]string   // for a simulator alone
}

// Broker publishes. Safe for concurrent use. Its errors are *Error.
type Broker interface {
	// Publish sends a message, and returns when the broker has confirmed that it has it, with the id that the broker knows it by.
	Publish(ctx context.Context, m *Message) (id string, err error)
	// Request sends a message and returns the reply to it.
	Request(ctx context.Context, m *Message) (*Message, error)
	// Close ends the connection; nothing may be under way.
	Close() error
}

// Subscription says what a Consumer receives.
type Subscription struct {
	Source   string        // the filter of topics, or the name of the queue
	Share    string        // the group of a shared subscription of MQTT, "" for none
	Keep     time.Duration // of MQTT: how long the broker keeps what comes while nobody is connected
	Prefetch int           // how many messages may be here that are not settled
	Retained bool          // of MQTT: what the broker retains is sent to a new subscription
	Label    string        // for a simulator alone
	// Anew, where it is not nil, is called by Receive when it has connected and the broker had kept nothing for this subscription, of MQTT:
	// what was published while nobody was connected does not come.
	Anew func()
}

// Consumer receives messages, and settles them. Its methods are called by one goroutine at a time, but for Close. Its errors are *Error.
type Consumer interface {
	// Receive returns what is here and not settled, the oldest first and most messages at most. It connects where that is needed, and
	// waits for no message. It returns the same messages again until they are settled, or the connection is lost: the broker then
	// sends them again. more reports whether there are others.
	Receive(ctx context.Context, most int) (messages []*Message, more bool, err error)
	// Settle tells the broker that the first n messages that Receive has returned were taken, or, where refused says so, that they cannot
	// be: a broker with dead letters keeps them there.
	Settle(ctx context.Context, n int, refused func(i int) bool) error
	// Wait returns when there is something to receive, the connection is lost, or ctx ends; after d at the latest.
	Wait(ctx context.Context, d time.Duration)
	// Close returns when the broker has what was settled, or cannot be reached.
	Close() error
}
