package kafka

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
	"fondaco/messaging/messagingtest"
	"go.uber.org/goleak"
)

// Sarama's meters share one goroutine for the life of the process.
var meters = goleak.IgnoreTopFunction("github.com/rcrowley/go-metrics.(*meterArbiter).tick")

// TestMain plays another role where a test started this binary for it.
func TestMain(m *testing.M) {
	if address := os.Getenv("FONDACO_TEST_CONSUME"); address != "" {
		if err := consumeUntilKilled(address, os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if address := os.Getenv("FONDACO_TEST_CONSUME_MANY"); address != "" {
		if err := consumeMany(address, os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m, meters)
}

// inLong returns how often something happens: the second in the short form of the tests (go test -short), which those
// under the race detector are.
func inLong(long, short int) int {
	if testing.Short() {
		return short
	}
	return long
}

// inLongForm skips a test that shows what other tests see by planting faults: once is enough.
func inLongForm(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("faults are planted in the long form of the tests only")
	}
}

func options(n *kafkatest.Node) Options {
	return Options{Brokers: []string{n.Addr}, Secret: []byte("a secret of the project"), Session: 2 * time.Second}
}

// opened opens a broker that is closed with the test.
func opened(t testing.TB, o Options) *Broker {
	t.Helper()
	b, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func ensure(t testing.TB, b *Broker, topics ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := b.EnsureTopics(ctx, topics...); err != nil {
		t.Fatal(err)
	}
}

// TestContract: the suite of all brokers, with members of a name and without, and with receivers that are direct, on the
// two versions of Kafka that are supported.
func TestContract(t *testing.T) {
	for _, c := range []struct {
		name, version, instance string
		direct                  bool
	}{{"named", "", "node-a", true}, {"nameless", "4.1.1", "", false}} {
		t.Run(c.name, func(t *testing.T) {
			if c.instance == "" && testing.Short() {
				t.Skip("members without a name are held to the contract in the long form of the tests only")
			}
			n := kafkatest.NewOf(t, c.version)
			maker := opened(t, options(n))
			ensure(t, maker, "first")
			messagingtest.Run(t, messagingtest.Promises{OrderByKey: true, Durable: true, Groups: true, Due: true, Direct: c.direct},
				func(t *testing.T) messagingtest.Place {
					return messagingtest.Place{
						Open: func() messaging.Broker {
							o := options(n)
							o.Instance = c.instance
							b, err := Open(o)
							if err != nil {
								t.Fatal(err)
							}
							return b
						},
						Topic: func(name string) { ensure(t, maker, name) },
					}
				})
		})
	}
}
