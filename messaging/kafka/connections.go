package kafka

import (
	"errors"

	"github.com/IBM/sarama"
)

// connections keep what a member says to its group's coordinator apart from its fetches, which mostly go to the same
// broker: a broker answers the requests of a connection one after the other, so that a commit would wait for a fetch
// that waits for messages, and all fetches for a rebalance.
type connections struct {
	sarama.Client // of fetches
	group         sarama.Client
}

func connect(brokers []string, c *sarama.Config) (*connections, error) {
	fetches, err := sarama.NewClient(brokers, c)
	if err != nil {
		return nil, err
	}
	group, err := sarama.NewClient(brokers, c)
	if err != nil {
		return nil, errors.Join(err, fetches.Close())
	}
	return &connections{fetches, group}, nil
}

// Coordinator returns the group's coordinator.
func (c *connections) Coordinator(group string) (*sarama.Broker, error) {
	return c.group.Coordinator(group)
}

// RefreshCoordinator looks for it anew.
func (c *connections) RefreshCoordinator(group string) error {
	return c.group.RefreshCoordinator(group)
}

// Close closes both. A second call returns an error, which means nothing.
func (c *connections) Close() error { return errors.Join(c.Client.Close(), c.group.Close()) }
