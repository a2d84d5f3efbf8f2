package nats

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"fondaco/messaging"
	"fondaco/messaging/messagingtest"
	"fondaco/messaging/watermill/nats/natstest"
)

func TestMain(m *testing.M) {
	natstest.Main()
	goleak.VerifyTestMain(m)
}

func options(s *natstest.Server) Options {
	return Options{Project: "venezia", Servers: []string{s.Addr}, AckWait: 2 * time.Second}
}

// opened opens a broker that is closed with the test.
func opened(t *testing.T, o Options) *Broker {
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

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// TestContract: the suite of all brokers, on a real server.
func TestContract(t *testing.T) {
	s := natstest.New(t)
	for _, direct := range []bool{true, false} {
		t.Run(map[bool]string{true: "direct", false: "watched"}[direct], func(t *testing.T) {
			messagingtest.Run(t, messagingtest.Promises{Durable: true, Groups: true, Direct: direct}, func(t *testing.T) messagingtest.Place {
				return messagingtest.Place{Open: func() messaging.Broker {
					b, err := Open(options(s))
					if err != nil {
						t.Fatal(err)
					}
					until(t, "the server is reached", func() bool { return b.Health() == nil })
					return b
				}}
			})
		})
	}
}
