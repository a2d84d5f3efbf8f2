package kafka

import (
	"fmt"

	"github.com/IBM/sarama"
	"github.com/xdg-go/scram"
)

// The ways to say a password (SASL).
const (
	Plain       = "plain"         // RFC 4616: sent as it is, so with TLS only
	ScramSHA256 = "scram-sha-256" // RFC 5802, RFC 7677: never sent
	ScramSHA512 = "scram-sha-512"
)

// conversation is one SCRAM exchange, as Sarama leads it.
type conversation struct {
	hash scram.HashGeneratorFcn
	*scram.ClientConversation
}

// Begin starts an exchange for a user.
func (c *conversation) Begin(user, password, authorization string) error {
	client, err := c.hash.NewClient(user, password, authorization)
	if err != nil {
		return fmt.Errorf("the user or the password of Kafka cannot be used with SCRAM: %w", err)
	}
	c.ClientConversation = client.NewConversation()
	return nil
}

// sasl tells Sarama how the password is said.
func (o Options) sasl(c *sarama.Config) {
	s := &c.Net.SASL
	if s.Enable = o.User != ""; !s.Enable {
		return
	}
	s.User, s.Password = o.User, o.Password
	switch o.Mechanism {
	case ScramSHA256:
		s.Mechanism = sarama.SASLTypeSCRAMSHA256
		s.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient { return &conversation{hash: scram.SHA256} }
	case ScramSHA512:
		s.Mechanism = sarama.SASLTypeSCRAMSHA512
		s.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient { return &conversation{hash: scram.SHA512} }
	default:
		s.Mechanism = sarama.SASLTypePlaintext
	}
}
