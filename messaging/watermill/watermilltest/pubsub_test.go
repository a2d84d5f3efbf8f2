package watermilltest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"
	"go.uber.org/goleak"

	"fondaco/messaging"
	"fondaco/messaging/embedded"
	"fondaco/messaging/kafka"
	"fondaco/messaging/kafka/kafkatest"
	"fondaco/messaging/watermill/watermilltest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/rcrowley/go-metrics.(*meterArbiter).tick"))
}

// features says which of Watermill's own contract tests hold for our brokers.
func features() tests.Features {
	return tests.Features{
		ConsumerGroups:  true,
		Persistent:      true,
		GuaranteedOrder: true, // all messages of a test have one key

		// Delivery is at least once; the inbox of a Consumer makes once of it, which is no part of a subscriber.
		ExactlyOnceDelivery: false,
		// The order of a key holds with any number of subscribers.
		GuaranteedOrderWithSingleSubscriber: false,
		// There is no server to restart for embedded topics; the tests of messaging/kafka restart theirs.
		RestartServiceCommand: nil,
		// All subscribers of a test are of one broker, or of several on one cluster.
		RequireSingleInstance: false,
		// A message is given once to a group, whoever of it subscribes later; another group gets what is kept.
		NewSubscriberReceivesOldMessages: false,
		// A message's context is that of its delivery; the publisher's does not outlive the call.
		ContextPreserved: false,
		// The counts of messages are those of the short form, unless the long one is asked for.
		ForceShort: os.Getenv("FONDACO_TEST_LONG") == "",
	}
}

// run runs Watermill's contract tests on a broker.
func run(t *testing.T, b messaging.Broker, topic func(name string)) {
	o := watermilltest.Options{Key: func(*message.Message) string { return "k" }}
	in := func(t *testing.T, group string) (message.Publisher, message.Subscriber) {
		s, err := watermilltest.Subscriber(b, group, o)
		if err != nil {
			t.Fatal(err)
		}
		return watermilltest.Publisher(b, o), prepared{s, topic}
	}
	tests.TestPubSub(t, features(), func(t *testing.T) (message.Publisher, message.Subscriber) { return in(t, "g") }, in)
}

// prepared is a subscriber whose topics are made before they are used.
type prepared struct {
	message.Subscriber
	topic func(name string)
}

func (p prepared) SubscribeInitialize(topic string) error {
	p.topic(topic)
	return nil
}

// TestWatermillOnEmbedded: embedded topics pass Watermill's contract tests.
func TestWatermillOnEmbedded(t *testing.T) {
	b, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "topics.db"), embedded.Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	run(t, b, func(string) {})
}

// TestWatermillOnKafka: topics on Kafka pass Watermill's contract tests.
func TestWatermillOnKafka(t *testing.T) {
	n := kafkatest.New(t)
	b, err := kafka.Open(kafka.Options{Brokers: []string{n.Addr}, Secret: []byte("a secret of the project")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	run(t, b, func(topic string) {
		if _, err := b.EnsureTopics(t.Context(), topic); err != nil {
			t.Fatal(err)
		}
	})
}
