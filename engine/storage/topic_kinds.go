package storage

import (
	"errors"
	"strings"

	"fondaco/messaging"
	"fondaco/messaging/watermill/nats"
)

// topicKind is a kind of broker that topics may be on beside the embedded ones.
type topicKind struct {
	scheme, name string
	expected     string // the form of its address
	promises     messaging.Promises
	check        func(dir, project, address string) error // reports why it cannot be opened; it connects to nothing
}

// topicKinds are the kinds, by the schemes of their addresses.
var topicKinds = []topicKind{
	{
		scheme: "kafka://", name: "Kafka", expected: "kafka://[user:password@]host:port",
		promises: messaging.Promises{Confirms: true, OrderByKey: true, Delay: true, Plain: true},
		check: func(dir, project, address string) error {
			o, err := kafkaOptions(dir, project, address)
			if err == nil {
				err = o.Check()
			}
			return err
		},
	},
	{
		scheme: "nats://", name: "NATS", expected: "nats://[user:password@]host:port", promises: nats.Promises,
		check: func(dir, project, address string) error {
			o, err := natsOptions(dir, project, address)
			if err == nil {
				err = o.Check()
			}
			return err
		},
	},
}

// topicKindOf returns the kind of an address, Kafka's for one that is of none.
func topicKindOf(address string) topicKind {
	for _, k := range topicKinds {
		if strings.HasPrefix(address, k.scheme) {
			return k
		}
	}
	return topicKinds[0]
}

// onNATS reports whether topics are at an address of NATS.
func onNATS(address string) bool { return topicKindOf(address).name == "NATS" }

// CheckTopics reports why topics cannot be opened at an address. Of one that holds a secret nothing is shown.
func CheckTopics(dir, project, address string, secret bool) error {
	k := topicKindOf(address)
	err := k.check(dir, project, address)
	if err != nil && secret && !strings.Contains(err.Error(), "TLS") {
		return errors.New("the address is not understood, expected " + k.expected)
	}
	return err
}

// Promised returns what topics at an address keep, and what their broker is called.
func Promised(address string) (messaging.Promises, string) {
	k := topicKindOf(address)
	return k.promises, k.name
}

// topicsKind is how a backup names where topics are.
func topicsKind(address string) string {
	if address == "" {
		return "embedded"
	}
	return strings.TrimSuffix(topicKindOf(address).scheme, "://")
}
