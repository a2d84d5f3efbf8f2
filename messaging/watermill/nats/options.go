package nats

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"fondaco/config"
	"fondaco/messaging"
)

// Promises are what topics on JetStream keep. A group's messages are worked on in no order but for those of a subscriber that is Serial,
// and what waits for another attempt keeps one of the group's lanes.
var Promises = messaging.Promises{Confirms: true}

// Lanes is how many messages a group has in hand in one process at most, those that wait for another attempt among them.
const Lanes = 32

// Options are those of a broker. Project and Servers are needed, all else has a default.
type Options struct {
	Project  string   // whose groups and engine's topics they are, by messaging.Names
	Servers  []string // addresses to begin with, host:port; the cluster tells the others
	TLS      *tls.Config
	User     string // with Password; "" for none
	Password string
	// Credentials is a file with a user's JSON Web Token and key, as "nsc generate creds" writes it; "" for none.
	Credentials string

	Replicas int           // copies of the streams that are made here; 1 if 0
	AckWait  time.Duration // silence after which what a process has in hand goes to others; 30 s if 0
	Sweep    time.Duration // how often what all groups have finished is removed; a minute if 0

	Clock config.Clock // of what is noted; nil for the machine's

	// Warn learns of what risks losing messages, each once. nil: nobody does.
	Warn func(topic, warning string)
}

// Check reports what Open would refuse. It connects to nothing.
func (o Options) Check() error {
	_, err := o.filled()
	return err
}

// filled returns the options with their defaults, or what is wrong with them.
func (o Options) filled() (Options, error) {
	if len(o.Servers) == 0 {
		return o, errors.New("no address of a NATS server; one host:port is needed, better three")
	}
	for _, address := range o.Servers {
		host, port, err := net.SplitHostPort(address)
		if n, wrong := strconv.ParseUint(port, 10, 16); err != nil || host == "" || wrong != nil || n == 0 {
			return o, fmt.Errorf("%q is not the address of a NATS server; expected host:port", address)
		}
		if ip := net.ParseIP(host); o.User != "" && o.TLS == nil && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return o, errors.New("a password without TLS; it is sent as it is, so TLS is needed: tls=on, or ca=FILE")
		}
	}
	if o.Replicas == 0 {
		o.Replicas = 1
	}
	if o.Replicas < 1 || o.Replicas > 5 {
		return o, fmt.Errorf("found %d replicas, expected 1 to 5; 3 outlive one server", o.Replicas)
	}
	if o.AckWait == 0 {
		o.AckWait = 30 * time.Second
	}
	if o.Sweep == 0 {
		o.Sweep = time.Minute
	}
	return o, nil
}
