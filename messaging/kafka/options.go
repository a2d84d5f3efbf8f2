package kafka

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"fondaco/config"
	"fondaco/messaging"

	"github.com/IBM/sarama"
)

// Options are those of a broker. Brokers is needed, all else has a default.
type Options struct {
	Project  string      // whose groups and engine's topics they are, by messaging.Names; "" leaves all names as they are
	Brokers  []string    // addresses to begin with, host:port; the cluster tells the others
	ClientID string      // how the cluster's logs and quotas call us; "fondaco" if empty
	TLS      *tls.Config // nil: without TLS
	User     string      // who we are, by SASL, with Password; "" for none
	Password string
	// Mechanism is how the password is said: Plain ("" too), only with TLS or to a loopback address; ScramSHA256; ScramSHA512.
	Mechanism string

	// Instance names this process among those that share its groups, the same after a restart (a pod's name): what it had
	// is its own again at once when it comes back after a crash, and nothing moves. "" for none: a crash is then noticed after Session.
	// Two processes of one name take turns in failing.
	Instance string

	// Secret signs the due times of messages, so that no outside header sets one; all processes of a project have the
	// same. Without it the processes of a Project agree on one in the cluster; without a Project messages with a due time
	// are refused then. What Former signed is accepted too.
	Secret []byte
	Former [][]byte

	MaxBody int           // largest body in bytes; messaging.MaxBody if 0
	Timeout time.Duration // how long Publish waits at most; 10 s if 0. Its outcome is unknown then
	Session time.Duration // silence after which the cluster holds a process to be dead; 10 s if 0
	Grace   time.Duration // how long a handler may finish when its partition goes to others; 100 ms if 0

	// Window bounds how many unfinished messages of a partition are read ahead, 10,000 if 0, and WindowBytes their bytes,
	// 16 MiB if 0. What waits for a system that is down does not count; a
	// partition whose window is full of keys that wait for their time waits as a whole.
	Window      int
	WindowBytes int

	Partitions  int32 // of topics that EnsureTopics makes; 12 if 0
	Replication int16 // their copies; 3, or as many as there are brokers, if 0
	MinInSync   int   // copies that must be written before a message counts as accepted; Replication-1, at least 1, if 0

	Clock config.Clock // of what is noted; nil for the machine's

	// Stopped is told when a subscription ends by itself: what it should read next is gone, or is not what it was. It is
	// called once for each, on a goroutine of its own; Health reports the same. nil: nobody is told.
	Stopped func(topic, group string, err error)

	// Seals encrypts the messages of the engine's own topics; nil: they are as they are. What was there before is read on.
	Seals *Seals

	// Seen remembers which groups had a place; nil: one whose place is gone is taken for a new one.
	Seen messaging.Seen

	// Warn is told what of a kept topic risks losing messages, and why a topic cannot be kept yet, each once. nil: nobody is.
	Warn func(topic, warning string)
}

// filled returns the options with their defaults, or what is wrong with them.
func (o Options) filled() (Options, error) {
	if len(o.Brokers) == 0 {
		return o, errors.New("no address of a Kafka broker; one host:port is needed, better three")
	}
	for _, address := range o.Brokers {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return o, fmt.Errorf("%q is not the address of a Kafka broker; expected host:port", address)
		}
		if ip := net.ParseIP(host); o.User != "" && o.plain() && o.TLS == nil && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return o, errors.New("a password without TLS; it is sent as it is, so TLS is needed, or sasl=scram-sha-512")
		}
	}
	switch o.Mechanism {
	case "", Plain, ScramSHA256, ScramSHA512:
	default:
		return o, fmt.Errorf("found the SASL mechanism %q, expected %s, %s or %s", o.Mechanism, Plain, ScramSHA256, ScramSHA512)
	}
	if o.Instance != "" {
		if err := messaging.CheckName(o.Instance); err != nil {
			return o, fmt.Errorf("the name of the instance: %w", err)
		}
	}
	orElse(&o.ClientID, "fondaco")
	orElse(&o.MaxBody, messaging.MaxBody)
	orElse(&o.Timeout, 10*time.Second)
	orElse(&o.Session, 10*time.Second)
	orElse(&o.Grace, 100*time.Millisecond)
	orElse(&o.Window, 10_000)
	orElse(&o.WindowBytes, 16<<20)
	orElse(&o.Partitions, 12)
	return o, nil
}

// Check reports what Open would refuse. It connects to nothing.
func (o Options) Check() error {
	o, err := o.filled()
	if err != nil {
		return err
	}
	for _, c := range []*sarama.Config{o.producing(), o.consuming(o.Instance)} {
		if err := c.Validate(); err != nil {
			return fmt.Errorf("options of Kafka: %w", err)
		}
	}
	return nil
}

func (o Options) plain() bool { return o.Mechanism == "" || o.Mechanism == Plain }

func orElse[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}

// largest is how many bytes a record may have: a body and its headers.
func (o Options) largest() int { return o.MaxBody + 3*messaging.MaxHeaders }
